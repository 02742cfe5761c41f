"""Questions about reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select, tuple_

from app.core import counters, paging
from app.core.caller import PERSON
from app.core.clock import iso
from app.core.db import db
from app.people.accounts.queries import author_cards
from app.store.orders.models import PAID, OrderLine, Purchase
from app.store.reviews.models import REVIEWS, STARS, Review


@dataclass(frozen=True, slots=True)
class Score:
    """How a product is rated; `average` in stars with two decimals, None while nobody has rated it."""

    count: int
    average: float | None


def reviewable_line(author_id: UUID, product_id: UUID) -> UUID | None:
    """The order line that this person may review next: a paid one of this product, not reviewed; the latest bought."""
    mine = _reviewable(author_id, product_id).order_by(Purchase.paid_at.desc(), OrderLine.id)
    return db.session.scalars(mine.limit(1)).first()


def is_reviewable(line_id: UUID, author_id: UUID, product_id: UUID) -> bool:
    """Whether this line is a paid one of this product that this person bought and has not reviewed."""
    return db.session.scalar(_reviewable(author_id, product_id).where(OrderLine.id == line_id)) is not None


def score_of(product_id: UUID) -> Score:
    """Exact at every moment. One query."""
    counts = counters.of([product_id]).get(product_id, {})
    count, stars = counts.get(REVIEWS, 0), counts.get(STARS, 0)
    return Score(count, round(stars / count, 2) if count else None)


def reviews_of(product_id: UUID, limit: int, cursor: str | None) -> tuple[list[Review], str | None]:
    """A page of a product's reviews, newest first, and the cursor of the next page. One query."""
    scope = f"reviews:{product_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(Review).where(Review.product_id == product_id)
    if place is not None:
        wanted = wanted.where(tuple_(Review.at, Review.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    newest_first = wanted.order_by(Review.at.desc(), Review.id.desc()).limit(limit + 1)
    found = list(db.session.scalars(newest_first))
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], paging.cursor(scope, [iso(last.at), str(last.id)])


def shown(found: Sequence[Review]) -> list[dict[str, Any]]:
    """Reviews ready for JSON, with their authors. One query."""
    authors = author_cards({one.author_id for one in found})
    return [
        {
            "id": one.id,
            "kind": "review",
            "product_id": one.product_id,
            "author": authors.get(one.author_id),
            "rating": one.rating,
            "text": one.text,
            "created_at": iso(one.at),
        }
        for one in found
    ]


def _reviewable(author_id: UUID, product_id: UUID) -> Select[UUID]:
    is_paid: ColumnElement[bool] = Purchase.status == PAID
    mine = (Purchase.buyer_kind == PERSON, Purchase.buyer_id == author_id, OrderLine.product_id == product_id)
    is_reviewed = exists().where(Review.line_id == OrderLine.id)
    lines = select(OrderLine.id).join(Purchase, Purchase.id == OrderLine.purchase_id)
    return lines.where(is_paid, *mine, ~is_reviewed)
