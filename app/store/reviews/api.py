"""Doors of reviews. They are written as posts (community/posts); here they are read."""

from typing import Any
from uuid import UUID

import orjson

from app.core.fields import PageQuery
from app.core.http.answers import Ready
from app.core.http.door import Door
from app.store.catalogue.queries import product_or_missing
from app.store.reviews import queries
from app.store.reviews.schemas import ReviewsOut

door = Door("reviews")


@door.get("/products/<uuid:product_id>/reviews", asks=PageQuery, gives=ReviewsOut, who=None)
def list_reviews(product_id: UUID, asked: dict[str, Any]) -> Ready:
    """What buyers say of a product, newest first, and how they rate it."""
    product_or_missing(product_id)
    found, next_cursor = queries.reviews_of(product_id, asked["limit"], asked["cursor"])
    score = queries.score_of(product_id)
    page = {"items": queries.shown(found), "next": next_cursor, "average": score.average, "count": score.count}
    return Ready(orjson.dumps(page))
