"""New orders of a shop, for those of its staff who send: one notice a day, however many come."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.caller import SHOP, Ref
from app.core.db import db
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import ORDERS
from app.store.orders.events import OrderPaid
from app.store.orders.models import PAID, Order, Purchase
from app.store.shops.models import RIGHTS, SHIP, Shop, Staff


def shops_seen(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """The shops where the viewer works now. One query."""
    asked = select(Shop.id, Shop.name).join(Staff, Staff.shop_id == Shop.id)
    rows = db.session.execute(asked.where(Shop.id.in_(ids), Staff.person_id == viewer_id))
    return {row.id: Seen(Ref(SHOP, row.id), row.name) for row in rows}


def roles_with(right: str) -> list[str]:
    """The roles of staff that have this right."""
    return [role for role, rights in RIGHTS.items() if right in rights]


class ShopOrderKind(Kind):
    name = "shop_order"
    tab = ORDERS
    called = {"zh": "店铺新订单", "en": "New orders of my shop"}
    zh = "店铺「{title}」有 {n} 个新订单"
    en = "New orders in “{title}”: {n}"
    is_undone = False
    facts = (OrderPaid,)
    look = staticmethod(shops_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.order_id, None) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Staff.person_id, Order.shop_id, Order.id, Purchase.paid_at).select_from(Order)
        asked = asked.join(Purchase, Purchase.id == Order.purchase_id).join(Staff, Staff.shop_id == Order.shop_id)
        paid = (Order.id.in_([one.target_id for one in keys]), Purchase.status == PAID)
        return told_by(asked.where(*paid, Staff.role.in_(roles_with(SHIP))))


kind = ShopOrderKind()
