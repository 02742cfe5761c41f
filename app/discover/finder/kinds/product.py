"""Goods on sale."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.core.db import db
from app.core.events import Fact
from app.discover.finder.kinds.base import Kind, ids_of, walk
from app.store.catalogue.events import ProductChanged, ProductListed, ProductRestored, ProductTakenDown
from app.store.catalogue.models import Product
from app.store.catalogue.queries import product_details
from app.store.inventory.events import StockRanOut, StockReturned
from app.store.shelves.queries import in_the_mall
from app.store.variants.models import Sku
from search.documents import ProductDocument

_OF_PRODUCT = (ProductListed, ProductChanged, ProductTakenDown, ProductRestored)
_OF_SKU = (StockRanOut, StockReturned)


class ProductKind:
    name = ProductDocument.KIND
    facts: tuple[type[Fact], ...] = (*_OF_PRODUCT, *_OF_SKU)

    def touched(self, facts: Sequence[Fact]) -> set[UUID]:
        sku_ids = ids_of(facts, _OF_SKU, "sku_id")
        found = ids_of(facts, _OF_PRODUCT, "product_id")
        if sku_ids:
            found |= set(db.session.scalars(select(Sku.product_id).where(Sku.id.in_(sku_ids))))
        return found

    def documents(self, ids: Collection[UUID], version: int) -> list[ProductDocument]:
        return [
            ProductDocument(
                id=one.id,
                version=version,
                title=one.title,
                description=one.description,
                brand=one.brand,
                category=one.category,
                shop=one.shop,
                shop_id=one.shop_id,
                attributes=one.attributes,
                price=one.price,
                in_stock=one.in_stock,
                sold=0,
                published_at=one.created_at,
            )
            for one in product_details(self.visible(ids)).values()
        ]

    def visible(self, ids: Collection[UUID]) -> set[UUID]:
        return set(db.session.scalars(select(Product.id).where(Product.id.in_(ids), in_the_mall())))

    def all_ids(self, size: int) -> Iterator[list[UUID]]:
        return walk(Product.id, in_the_mall(), size)

    def how_many(self) -> int:
        return db.session.scalar(select(func.count()).select_from(Product).where(in_the_mall())) or 0


kind: Kind = ProductKind()
