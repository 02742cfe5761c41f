"""Questions about goods that wait: for a moderator, for their time, or to follow their category."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock, paging
from app.core.clock import iso
from app.core.db import db
from app.people.uploads.queries import Picture, picture
from app.store.catalogue.models import Product
from app.store.catalogue.queries import pictures_of
from app.store.categories.models import Category
from app.store.shops.models import Shop


@dataclass(frozen=True, slots=True)
class Waiting:
    """Goods that wait for a moderator since then, as he sees them."""

    product: Product
    shop: str
    category: str
    since: datetime
    pictures: Sequence[Picture]


def waiting(limit: int, cursor: str | None) -> tuple[list[Waiting], str | None]:
    """A page of goods that wait for a moderator, the longest first, and the next cursor. Two queries."""
    place = paging.values_of("curation", cursor)
    wanted = select(Product, Shop.name, Category.name).join(Shop, Shop.id == Product.shop_id)
    wanted = wanted.outerjoin(Category, Category.id == Product.category_id).where(Product.submitted_at.is_not(None))
    if place is not None:
        at, after = datetime.fromisoformat(place[0]), UUID(place[1])
        wanted = wanted.where((Product.submitted_at > at) | ((Product.submitted_at == at) & (Product.id > after)))
    rows: Any = db.session.execute(wanted.order_by(Product.submitted_at, Product.id).limit(limit + 1)).all()
    shown = pictures_of([row[0].id for row in rows])
    found = [
        Waiting(one, shop, category or "", one.submitted_at, [picture(up, "card", signed=True) for up in shown[one.id]])
        for one, shop, category in rows[:limit]
    ]
    last = found[-1] if len(rows) > limit else None
    return found, paging.cursor("curation", [iso(last.since), str(last.product.id)]) if last else None


def due(column: Any, most: int) -> list[UUID]:
    """Ids of products whose `on_sale_at` or `off_sale_at` (the column of Product) has come, locked; those that somebody
    works on at this moment are left out."""
    wanted = select(Product.id).where(column <= clock.db_now()).order_by(column).limit(most)
    return list(db.session.scalars(wanted.with_for_update(skip_locked=True, key_share=True)))


def category_to_follow() -> Category | None:
    """A category that its goods have yet to follow, locked; None where there is none that nobody sees to."""
    wanted = select(Category).where(Category.follow_from.is_not(None)).order_by(Category.id).limit(1)
    return db.session.scalar(wanted.with_for_update(skip_locked=True, key_share=True))


def goods_of_category(category_id: UUID, after: UUID, most: int) -> list[UUID]:
    """Ids of the goods of a category above `after`, in their order."""
    wanted = select(Product.id).where(Product.category_id == category_id, Product.id > after)
    return list(db.session.scalars(wanted.order_by(Product.id).limit(most)))
