"""What is done to shops."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.events import emit
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.store.shops.events import ShopOpened
from app.store.shops.models import OWNER, STAFF, Shop, Staff
from app.store.shops.queries import require_right


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


def give_role(caller: Caller, shop_id: UUID, person_id: UUID, role: str) -> None:
    """Let a person work in the shop as `role`, whatever he was there before.

    Raises Refused 403 without the right to say who works there, 409 for the owner, who stays that.
    """
    shop = require_right(shop_id, caller.person, STAFF)
    if person_id == shop.owner_id or role == OWNER:
        raise Refused(409, "owner_stays", "店主不能更换", "The owner of a shop stays that.")
    working = insert(Staff).values(shop_id=shop_id, person_id=person_id, role=role)
    db.session.execute(working.on_conflict_do_update(index_elements=["shop_id", "person_id"], set_={"role": role}))
