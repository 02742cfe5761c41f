"""What is done to shops."""

from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused
from app.core.events import emit
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.store.shops.events import ShopClosed, ShopMoved, ShopOpened, ShopRenamed, ShopReopened, StaffChanged
from app.store.shops.models import MANAGER, OWNER, STAFF, Closure, Shop, ShopRenaming, Staff
from app.store.shops.queries import locked_shop, require_right


def open_shop(caller: Caller, name: str, shop_id: UUID | None = None, of_person: bool = False) -> Shop:
    """A new shop, owned and staffed by the caller. It may sell at once. `of_person`: outside the mall, for his own
    things alone.

    `shop_id` came with a form: sent again it answers the shop that it opened. Raises Refused 409 for another's id.
    """
    if shop_id is not None:
        one_at_a_time(shop_id)
        known = db.session.get(Shop, shop_id)
        if known is not None and known.owner_id == caller.person:
            return known
        if known is not None:
            raise made_by_another()
    told = {"name": name.strip(), "owner_id": caller.person, "of_person": of_person, "in_mall": not of_person}
    shop = Shop(id=shop_id or new_id(), **told)
    db.session.add(shop)
    db.session.flush()
    db.session.add(Staff(shop_id=shop.id, person_id=caller.person, role=OWNER))
    emit(ShopOpened(shop.id))
    return shop


def rename_shop(shop_id: UUID, name: str, by: UUID, why: str = "") -> bool:
    """The shop is called `name` from now on; False if it was already. The bare verb: who may say so, and when, is for
    onboarding to know, which has its papers. Raises Refused 404."""
    shop = locked_shop(shop_id)
    before, shop.name = shop.name, name.strip()
    if shop.name == before:
        return False
    db.session.add(ShopRenaming(shop_id=shop_id, who_id=by, before=before, after=shop.name, why=why))
    emit(ShopRenamed(shop_id))
    return True


def give_role(caller: Caller, shop_id: UUID, person_id: UUID, role: str) -> None:
    """Let a person work in the shop as `role`, whatever he was there before.

    Raises Refused 403 without the right to say who works there, 409 for the owner, who stays that.
    """
    shop = require_right(shop_id, caller.person, STAFF)
    if person_id == shop.owner_id or role == OWNER:
        raise Refused(409, "owner_stays", "店主不能更换", "The owner of a shop stays that.")
    put_to_work(shop_id, person_id, role)


def put_to_work(shop_id: UUID, person_id: UUID, role: str) -> None:
    """A person works in the shop as `role` from now on, whatever he was there before. The bare verb: who may say so,
    and whether he wants to, is for staffing to know."""
    working = insert(Staff).values(shop_id=shop_id, person_id=person_id, role=role)
    db.session.execute(working.on_conflict_do_update(index_elements=["shop_id", "person_id"], set_={"role": role}))
    emit(StaffChanged(shop_id, person_id))


def change_role(shop_id: UUID, person_id: UUID, before: str, after: str) -> bool:
    """The compare-and-set of a role; False where it is another than `before` by now."""
    mine = (Staff.shop_id == shop_id, Staff.person_id == person_id, Staff.role == before)
    if not changed(update(Staff).where(*mine).values(role=after)):
        return False
    emit(StaffChanged(shop_id, person_id))
    return True


def let_go(shop_id: UUID, person_id: UUID) -> bool:
    """Somebody works in the shop no more, from the next request on; False if he did not, or owns it."""
    mine = (Staff.shop_id == shop_id, Staff.person_id == person_id, Staff.role != OWNER)
    if not changed(delete(Staff).where(*mine)):
        return False
    emit(StaffChanged(shop_id, person_id))
    return True


def hand_over(shop_id: UUID, owner_id: UUID, to_id: UUID) -> bool:
    """The shop is `to_id`'s from now on, and who owned it manages it; False if it is not `owner_id`'s any more."""
    mine = (Shop.id == shop_id, Shop.owner_id == owner_id)
    if not changed(update(Shop).where(*mine).values(owner_id=to_id)):
        return False
    put_to_work(shop_id, owner_id, MANAGER)
    put_to_work(shop_id, to_id, OWNER)
    return True


def close_shop(shop_id: UUID, why: str) -> bool:
    """The shop sells nothing from now on (models.CLOSED_WHY); of one that is closed already only the reason changes.
    False if it was closed for that reason."""
    closing = insert(Closure).values(shop_id=shop_id, why=why)
    other = closing.on_conflict_do_update(index_elements=["shop_id"], set_={"why": why}, where=Closure.why != why)
    if not changed(other):
        return False
    emit(ShopClosed(shop_id))
    return True


def reopen_shop(shop_id: UUID) -> bool:
    """The shop sells again; False if it was not closed."""
    if not changed(delete(Closure).where(Closure.shop_id == shop_id)):
        return False
    emit(ShopReopened(shop_id))
    return True


def place_in_mall(shop_id: UUID, in_mall: bool) -> bool:
    """Whether the shop's goods stand in the mall's lists and search; False if it is so already."""
    if not changed(update(Shop).where(Shop.id == shop_id, Shop.in_mall != in_mall).values(in_mall=in_mall)):
        return False
    emit(ShopMoved(shop_id))
    return True
