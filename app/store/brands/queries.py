"""Questions about brands."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.core import paging
from app.core.db import db
from app.core.errors import missing
from app.store.brands.models import Brand, BrandName, key_of


def brand_ids_named(names: Collection[str]) -> dict[str, UUID]:
    """The brands that go by these names, by name; unknown names are absent. One query, none for no names."""
    keys = {name: key_of(name) for name in names if key_of(name)}
    if not keys:
        return {}
    asked = select(BrandName.key, BrandName.brand_id).where(BrandName.key.in_(keys.values()))
    found = {row.key: row.brand_id for row in db.session.execute(asked)}
    return {name: found[key] for name, key in keys.items() if key in found}


def keys_beside(name: str) -> set[str]:
    """All names that this one is, as they are compared: itself, and what else a brand of this name goes by. One
    query."""
    mine = select(BrandName.brand_id).where(BrandName.key == key_of(name))
    return {key_of(name), *db.session.scalars(select(BrandName.key).where(BrandName.brand_id.in_(mine)))}


def brand_or_missing(brand_id: UUID) -> Brand:
    """The brand. Raises Refused 404."""
    found = db.session.get(Brand, brand_id)
    if found is None:
        raise missing("没有这个品牌", "There is no such brand.")
    return found


def brand_list(limit: int, cursor: str | None, q: str = "") -> tuple[list[tuple[Brand, list[str]]], str | None]:
    """A page of brands with their other names, in the order of names, and the next cursor. `q`: the beginning of a
    name. Two queries."""
    scope = f"brands:{key_of(q)}"
    place = paging.values_of(scope, cursor)
    wanted = select(Brand).order_by(Brand.name, Brand.id).limit(limit + 1)
    if key_of(q):
        named = select(BrandName.brand_id).where(BrandName.key.startswith(key_of(q), autoescape=True))
        wanted = wanted.where(Brand.id.in_(named))
    if place is not None:
        wanted = wanted.where((Brand.name > place[0]) | ((Brand.name == place[0]) & (Brand.id > UUID(place[1]))))
    found = list(db.session.scalars(wanted))
    names: dict[UUID, list[str]] = {one.id: [] for one in found}
    for row in db.session.scalars(select(BrandName).where(BrandName.brand_id.in_(names)).order_by(BrandName.name)):
        names[row.brand_id].append(row.name)
    shown = [(one, [name for name in names[one.id] if name != one.name]) for one in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return shown, paging.cursor(scope, [last.name, str(last.id)]) if last else None


def aliases_of(brand: Brand) -> list[str]:
    """The other names of a brand, in their order. One query."""
    mine = select(BrandName.name).where(BrandName.brand_id == brand.id, BrandName.name != brand.name)
    return list(db.session.scalars(mine.order_by(BrandName.name)))
