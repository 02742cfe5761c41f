"""What is done to policies of returns."""

from uuid import UUID

from app.core.db import db
from app.store.returns.models import ReturnPolicy


def set_policy(shop_id: UUID, address: str, is_insured: bool) -> ReturnPolicy:
    """Where goods come back to, and whether the way back is insured. The caller has asked whose shop it is."""
    return db.session.merge(ReturnPolicy(shop_id=shop_id, address=address, is_insured=is_insured))
