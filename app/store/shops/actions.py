"""What is done to shops."""

from app.core.caller import Caller
from app.core.db import db
from app.core.events import emit
from app.store.shops.events import ShopOpened
from app.store.shops.models import OWNER, Shop, Staff


def open_shop(caller: Caller, name: str) -> Shop:
    """A new shop, owned and staffed by the caller. It may sell at once."""
    shop = Shop(name=name.strip(), owner_id=caller.person)
    db.session.add(shop)
    db.session.flush()
    db.session.add(Staff(shop_id=shop.id, person_id=caller.person, role=OWNER))
    emit(ShopOpened(shop.id))
    return shop
