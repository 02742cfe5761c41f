"""Questions about tags."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, case, exists, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from app.community.tags.models import Tag
from app.core.db import db
from app.store.catalogue.models import Product
from app.store.catalogue.queries import is_visible


def tags_of(post_ids: Collection[UUID]) -> dict[UUID, list[Tag]]:
    """The tags of each of these posts in their order. One query."""
    found: dict[UUID, list[Tag]] = defaultdict(list)
    if post_ids:
        wanted = select(Tag).where(Tag.post_id.in_(post_ids)).order_by(Tag.post_id, Tag.position)
        for tag in db.session.scalars(wanted.execution_options(populate_existing=True)):
            found[tag.post_id].append(tag)
    return found


def tagged_products(post_id: UUID) -> set[UUID]:
    """The products tagged in a post."""
    return set(db.session.scalars(select(Tag.product_id).where(Tag.post_id == post_id)))


def outdated_products(product_ids: Collection[UUID]) -> set[UUID]:
    """Those of these products of which a tag has a title that is not to be shown any more."""
    stale = exists().where(Tag.product_id == Product.id, is_outdated()).correlate(Product)
    return set(db.session.scalars(select(Product.id).where(is_one_of(Product.id, product_ids), stale)))


def title_shown() -> ColumnElement[str | None]:
    """SQL: the title that a tag of this Product shows; NULL while people may not see it."""
    return case((is_visible(), Product.title), else_=None)


def is_outdated() -> ColumnElement[bool]:
    """SQL: this Tag has another title than it is to show. Needs Product beside it."""
    return Tag.title.is_distinct_from(title_shown())


def is_one_of(column: InstrumentedAttribute[Any], ids: Collection[UUID]) -> ColumnElement[bool]:
    """SQL: the id is one of these, sent as one parameter, however many."""
    return column == any_(literal(list(ids), ARRAY(Uuid)))
