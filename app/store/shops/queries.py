"""Questions about shops."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, case, exists, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.core.plain import Prepared, any_unseen
from app.store.shops.models import OPEN, RIGHTS, SEE, SELLER, Closure, Shop, ShopRenaming, Staff


def shop_or_missing(shop_id: UUID) -> Shop:
    """The shop. Raises Refused 404."""
    found = db.session.get(Shop, shop_id)
    if found is None:
        raise _no_shop()
    return found


def named_shop(shop_id: UUID) -> Shop:
    """The shop, whose name stays what it is until this transaction ends: for whoever writes it into rows of his own, of
    which ShopRenamed would else miss one. Raises Refused 404."""
    wanted = select(Shop).where(Shop.id == shop_id).with_for_update(read=True)
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise _no_shop()
    return found


def locked_shop(shop_id: UUID) -> Shop:
    """The shop, its row locked. Raises Refused 404."""
    wanted = select(Shop).where(Shop.id == shop_id).with_for_update(key_share=True)
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise _no_shop()
    return found


def is_renamed_since(shop_id: UUID, moment: ColumnElement[datetime]) -> bool:
    """Whether the shop got its name after this moment, other than at its opening."""
    lately = (ShopRenaming.shop_id == shop_id, ShopRenaming.at > moment)
    return db.session.scalar(select(ShopRenaming.id).where(*lately).limit(1)) is not None


def require_staff(shop_id: UUID, person_id: UUID) -> Shop:
    """The shop, if this person works there. Raises Refused 404 for everybody else: what is inside is not theirs."""
    return require_right(shop_id, person_id, SEE)


def require_right(shop_id: UUID, person_id: UUID, right: str) -> Shop:
    """The shop, if this person's role there has this right (models.RIGHTS).

    Raises Refused 404 for who does not work there, 403 for who does, without the right.
    """
    found = db.session.execute(_working(person_id).where(Shop.id == shop_id)).first()
    if found is None:
        raise _no_shop()
    shop, role = found
    check_right(role, right)
    return shop


def check_right(role: str, right: str) -> None:
    """Raises Refused 403 where this role has not this right."""
    if right not in RIGHTS[role]:
        zh, en = "你在这家店的角色没有这项权限", "Your role in this shop does not let you do this."
        raise Refused(403, "no_right", zh, en, errors={"right": [right]})


def acting_role() -> ColumnElement[str]:
    """SQL, where Staff is joined with its Shop: what somebody is in it."""
    return case((Shop.of_person, SELLER), else_=Staff.role)


def is_staff(shop_id: UUID, person_id: UUID) -> bool:
    """Whether this person works in the shop."""
    works_here = (Staff.shop_id == shop_id, Staff.person_id == person_id)
    return db.session.scalar(select(Staff.role).where(*works_here)) is not None


def roles_in(shop_ids: Collection[UUID], person_id: UUID) -> dict[UUID, str]:
    """This person's role in each of these shops where he works. One query."""
    works_here = (Staff.shop_id.in_(shop_ids), Staff.person_id == person_id)
    roles = select(Staff.shop_id, acting_role()).join_from(Staff, Shop, Shop.id == Staff.shop_id).where(*works_here)
    found = db.session.execute(roles) if shop_ids else ()
    return {row[0]: row[1] for row in found}


def has_shop(person_id: UUID) -> bool:
    """Whether this person works in any shop."""
    return db.session.scalar(select(Staff.shop_id).where(Staff.person_id == person_id).limit(1)) is not None


def role_of(shop_id: UUID, person_id: UUID) -> str | None:
    """What this person is in the shop, None for who does not work there."""
    mine = (Shop.id == shop_id, Staff.person_id == person_id)
    return db.session.scalar(select(acting_role()).join_from(Staff, Shop, Shop.id == Staff.shop_id).where(*mine))


def rights_in(shop_id: UUID, person_id: UUID | None) -> frozenset[str]:
    """What this person's role lets him do in the shop (models.RIGHTS); nothing for who does not work there."""
    role = role_of(shop_id, person_id) if person_id is not None else None
    return RIGHTS[role] if role else frozenset()


def state_of(shop_id: UUID) -> str:
    """OPEN, or why the shop sells nothing (models.CLOSED_WHY)."""
    return db.session.scalar(select(Closure.why).where(Closure.shop_id == shop_id)) or OPEN


def is_closed(shop_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """SQL: the shop in this column sells nothing for now."""
    return exists().where(Closure.shop_id == shop_id)


def is_outside(shop_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """SQL: the goods of the shop in this column stand in no list and no search of the mall."""
    return exists().where(Shop.id == shop_id, ~Shop.in_mall)


def shops_by_id(ids: Collection[UUID]) -> dict[UUID, Shop]:
    """These shops by id, absent ones left out. One query."""
    if not ids:
        return {}
    return {row.id: Shop(**row._asdict()) for row in _BY_ID.rows(ids=list(ids))}


_BY_ID = Prepared(select(*Shop.__table__.columns).where(Shop.id == any_unseen("ids", Uuid)))


def shops_named(wanted: str, limit: int, cursor: str | None) -> tuple[list[tuple[Shop, str]], str | None]:
    """A page of (shop, its state as state_of says it), newest first, and the cursor of the next page; of one id, of
    those whose name begins so, or of all for "". One query."""
    scope = f"admin/shops:{wanted}"
    asked = select(Shop, func.coalesce(Closure.why, OPEN)).outerjoin(Closure, Closure.shop_id == Shop.id)
    asked = asked.where(*_called(wanted))
    place = paging.values_of(scope, cursor)
    if place is not None:
        asked = asked.where(tuple_(Shop.created_at, Shop.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    newest_first = asked.order_by(Shop.created_at.desc(), Shop.id.desc()).limit(limit + 1)
    rows = [(shop, state) for shop, state in db.session.execute(newest_first)]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return rows[:limit], paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None


def _no_shop() -> Refused:
    return missing("没有这家店", "There is no such shop.")


def _called(wanted: str) -> list[ColumnElement[bool]]:
    if not wanted:
        return []
    try:
        return [Shop.id == UUID(wanted)]
    except ValueError:
        return [Shop.name.istartswith(wanted, autoescape=True)]


def shops_of(person_id: UUID, limit: int, cursor: str | None) -> tuple[list[tuple[Shop, str]], str | None]:
    """A page of (shop, the person's role in it), newest first, and the cursor of the next page. One query."""
    scope = f"me/shops:{person_id}"
    wanted = _working(person_id)
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(tuple_(Shop.created_at, Shop.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    newest_first = wanted.order_by(Shop.created_at.desc(), Shop.id.desc()).limit(limit + 1)
    rows = [(shop, role) for shop, role in db.session.execute(newest_first)]
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1][0]
    return rows[:limit], paging.cursor(scope, [iso(last.created_at), str(last.id)])


def _working(person_id: UUID) -> Select[Shop, str]:
    """SQL: the shops where this person works, and as what."""
    return select(Shop, acting_role()).join(Staff, Staff.shop_id == Shop.id).where(Staff.person_id == person_id)
