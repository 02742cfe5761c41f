"""Questions about light stores and keys of shops."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.auth import Who
from app.core.db import db, reads
from app.core.errors import missing
from app.core.plain import array_of, prepared, unseen
from app.store.shops.models import Shop, Staff
from app.store.shops.queries import shop_or_missing, state_of
from app.store.storefronts.models import LightStore, ShopKey


def is_key(person_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """SQL: the person in this column is a program that bears a shop's key."""
    return exists().where(ShopKey.person_id == person_id)


def holder_of(digest: bytes) -> Who | None:
    """Who bears the key of this hash, None for no key that is good. Asked before the request's own transaction begins,
    so on a connection that is given back at once."""
    wanted = select(ShopKey.person_id, ShopKey.shop_id).where(ShopKey.hash == digest, ShopKey.revoked_at.is_(None))
    with reads().connect() as connection:
        found = connection.execute(wanted).first()
    return Who(person_id=found.person_id, shop_id=found.shop_id) if found else None


def store_at(slug: str) -> LightStore:
    """The light store of this address. Raises Refused 404."""
    found = db.session.scalar(select(LightStore).where(LightStore.slug == slug))
    if found is None:
        raise missing("没有这家店", "There is no such shop.")
    return found


def store_of(shop_id: UUID) -> LightStore | None:
    return db.session.get(LightStore, shop_id)


@dataclass(frozen=True, slots=True)
class StoreFront:
    """What buying must know of a light store: by which gateways it is paid, and whether its goods stand in the mall."""

    gateways: frozenset[str]
    in_mall: bool


def stores_of(shop_ids: Collection[UUID]) -> dict[UUID, StoreFront]:
    """Those of these shops that are light stores. One query."""
    rows = _STORES.rows(ids=array_of(shop_ids))
    return {row.shop_id: StoreFront(frozenset(row.gateways), row.in_mall) for row in rows}


_STORES = prepared(
    "SELECT t.shop_id, t.gateways, s.in_mall FROM storefronts_stores t JOIN shops_shops s ON s.id = t.shop_id"
    f" WHERE t.shop_id = ANY({unseen('ids')})"
)


def store_json(shop_id: UUID) -> dict[str, Any]:
    """A light store for those who work in it. Raises Refused 404 for a shop that is none."""
    shop, found = shop_or_missing(shop_id), store_of(shop_id)
    if found is None:
        raise missing("这家店不是轻商城", "This shop is no light store.")
    told = {"id": shop.id, "kind": "light_store", "name": shop.name, "created_at": shop.created_at}
    where = {"slug": found.slug, "url": f"/s/{found.slug}", "in_mall": shop.in_mall}
    return {**told, **where, "state": state_of(shop_id), "template": found.template, "gateways": found.gateways}


def keys_of(shop_id: UUID) -> Sequence[Any]:
    """The keys of a shop that are good, newest first: rows of id, name, role, at. There are at most MOST_KEYS. One
    query."""
    wanted = select(ShopKey.id, ShopKey.name, ShopKey.at, ShopKey.person_id, Staff.role)
    mine = wanted.join(Staff, (Staff.person_id == ShopKey.person_id) & (Staff.shop_id == ShopKey.shop_id))
    good = mine.where(ShopKey.shop_id == shop_id, ShopKey.revoked_at.is_(None))
    return db.session.execute(good.order_by(ShopKey.at.desc(), ShopKey.id.desc())).all()


def count_keys(shop_id: UUID) -> int:
    """How many keys of a shop are good."""
    good = (ShopKey.shop_id == shop_id, ShopKey.revoked_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(ShopKey).where(*good)) or 0


def locked_shop(shop_id: UUID) -> None:
    """Of two who make keys at once the second waits here, and counts what the first has made."""
    db.session.execute(select(Shop.id).where(Shop.id == shop_id).with_for_update(key_share=True))
