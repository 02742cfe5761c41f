"""Questions about policies of returns."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.core.errors import Refused
from app.store.returns.models import ReturnPolicy


def policy_of(shop_id: UUID) -> ReturnPolicy:
    """A shop's policy of returns; one without an address where it has none."""
    return db.session.get(ReturnPolicy, shop_id) or ReturnPolicy(shop_id=shop_id, address="", is_insured=False)


def return_addresses(shop_ids: Collection[UUID]) -> dict[UUID, str]:
    """Where goods come back to these shops; of those that did not say nothing. One query."""
    wanted = select(ReturnPolicy.shop_id, ReturnPolicy.address).where(ReturnPolicy.shop_id.in_(shop_ids))
    return {row[0]: row[1] for row in db.session.execute(wanted)}


def require_return_address(shop_id: UUID) -> None:
    """Raises Refused 409 "no_return_address" where nobody said where goods come back to."""
    if policy_of(shop_id).has_address:
        return
    zh = "请先在「售后 - 退货地址与运费险」填写退货地址，买家才知道寄到哪里"
    en = "First enter the address for returns (After-sales, Where goods come back to): the buyer has to know it."
    raise Refused(409, "no_return_address", zh, en)
