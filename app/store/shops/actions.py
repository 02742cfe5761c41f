"""What is done to shops."""

from uuid import UUID

from app.core.caller import Caller
from app.core.db import db
from app.core.events import emit
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.store.shops.events import ShopOpened
from app.store.shops.models import OWNER, Shop, Staff


def open_shop(caller: Caller, name: str, shop_id: UUID | None = None) -> Shop:
    """A new shop, owned and staffed by the caller. It may sell at once.

    `shop_id` came with a form: sent again it answers the shop that it opened. Raises Refused 409 for another's id.
    """
    if shop_id is not None:
        one_at_a_time(shop_id)
        known = db.session.get(Shop, shop_id)
        if known is not None and known.owner_id == caller.person:
            return known
        if known is not None:
            raise made_by_another()
    shop = Shop(id=shop_id or new_id(), name=name.strip(), owner_id=caller.person)
    db.session.add(shop)
    db.session.flush()
    db.session.add(Staff(shop_id=shop.id, person_id=caller.person, role=OWNER))
    emit(ShopOpened(shop.id))
    return shop
