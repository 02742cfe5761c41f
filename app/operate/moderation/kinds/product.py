"""Goods."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.operate.moderation.kinds import base
from app.operate.moderation.kinds.base import Kind, Thing
from app.people.uploads.queries import picture
from app.store.catalogue import actions
from app.store.catalogue.models import DRAFT, Product, ProductTakeDown
from app.store.catalogue.queries import pictures_of
from app.store.shops.models import Shop


class ProductKind(Kind):
    name = "product"
    owner = actions

    def author(self, subject_id: UUID) -> UUID | None:
        """Goods are a shop's."""
        return None

    def shown(self, ids: Collection[UUID]) -> dict[UUID, Thing]:
        """2 queries."""
        if not ids:
            return {}
        asked = select(Product, Shop.name, ProductTakeDown.at).join(Shop, Shop.id == Product.shop_id)
        asked = asked.outerjoin(ProductTakeDown, ProductTakeDown.product_id == Product.id).where(Product.id.in_(ids))
        rows = db.session.execute(asked).all()
        pictures = pictures_of(ids)
        found = {}
        for one, shop, down in rows:
            state = base.DOWN if down else base.PRIVATE if one.state == DRAFT else base.OPEN
            found[one.id] = Thing(
                kind="product",
                id=one.id,
                title=one.title,
                body=one.description,
                state=state,
                at=one.created_at,
                pictures=tuple(picture(look, "card", signed=state != base.OPEN) for look in pictures[one.id]),
                place=shop,
                was_open=one.state != DRAFT,
            )
        return found


kind = ProductKind()
