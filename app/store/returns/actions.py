"""What is done to policies of returns, and the way back that a shop pays."""

from uuid import UUID

from app.core.caller import Ref
from app.core.db import db
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import shop_account, wallet_account
from app.store.returns.models import ReturnPolicy


def set_policy(shop_id: UUID, address: str, is_insured: bool) -> ReturnPolicy:
    """Where goods come back to, and whether the way back is insured. The caller has asked whose shop it is."""
    return db.session.merge(ReturnPolicy(shop_id=shop_id, address=address, is_insured=is_insured))


def pay_way_back(case: Ref, shop_id: UUID, person_id: UUID, amount: int) -> None:
    """Give a person so many 分 of what sending goods back cost him, from what the shop has; 0 is no payment."""
    if amount:
        entries = [(shop_account(shop_id), amount), (wallet_account(person_id), -amount)]
        post_journal("way_back", case, entries)
