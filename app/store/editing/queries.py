"""Questions of editing: goods of a shop with their variants, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core import paging
from app.core.db import db
from app.store.catalogue.models import Product, ProductTakeDown
from app.store.categories.models import Category
from app.store.categories.queries import in_subtree
from app.store.inventory.queries import available
from app.store.variants.models import Sku
from app.store.variants.queries import skus_of

TAKEN_DOWN = "taken_down"


@dataclass(frozen=True, slots=True)
class Row:
    """A product with its variants, as the table shows it; `stock` by SKU."""

    product: Product
    is_taken_down: bool
    skus: Sequence[Sku]
    stock: dict[UUID, int]


def table(
    shop_id: UUID, limit: int, cursor: str | None, words: Sequence[str], state: str, category_id: UUID | None
) -> tuple[list[Row], str | None]:
    """A page of a shop's goods with all these words in the title, of this state, in this category or below it; newest
    first, and the next cursor. Three queries."""
    scope = f"table:{shop_id}:{state}:{category_id}:{' '.join(words)}"
    place = paging.values_of(scope, cursor)
    down = ProductTakeDown.product_id
    wanted = select(Product, down).outerjoin(ProductTakeDown, down == Product.id).where(Product.shop_id == shop_id)
    wanted = wanted.where(*(Product.title.icontains(word, autoescape=True) for word in words))
    if state == TAKEN_DOWN:
        wanted = wanted.where(down.is_not(None))
    elif state:
        wanted = wanted.where(Product.state == state, down.is_(None))
    if category_id is not None:
        wanted = wanted.where(Product.category_id.in_(select(Category.id).where(in_subtree(category_id))))
    if place is not None:
        wanted = wanted.where(Product.id < UUID(place[0]))
    rows = list(db.session.execute(wanted.order_by(Product.id.desc()).limit(limit + 1)))
    skus = skus_of([row[0].id for row in rows[:limit]])
    units = available([sku.id for some in skus.values() for sku in some])
    found = [
        Row(one, is_down is not None, skus[one.id], {sku.id: units.get(sku.id, 0) for sku in skus[one.id]})
        for one, is_down in rows[:limit]
    ]
    return found, paging.cursor(scope, [str(found[-1].product.id)]) if len(rows) > limit else None


def owned_among(shop_id: UUID, product_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these products that are the shop's, in the order of ids. One query."""
    mine = select(Product.id).where(Product.shop_id == shop_id, Product.id.in_(product_ids)).order_by(Product.id)
    return list(db.session.scalars(mine))
