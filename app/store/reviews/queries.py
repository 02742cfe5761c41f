"""Questions about reviews, and how they are shown: plain dicts, ready for JSON."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, select, tuple_

from app.core import clock, counters, paging
from app.core.caller import PERSON, Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.people.accounts.queries import author_cards
from app.people.uploads.models import Upload
from app.people.uploads.queries import picture
from app.store.fulfilment.models import LineProgress
from app.store.fulfilment.queries import received_lines
from app.store.orders.models import OrderLine, Purchase
from app.store.orders.queries import is_buyer
from app.store.reviews.models import (
    EDIT_WITHIN,
    HELPFUL,
    MOST_STARS,
    PICTURED,
    REVIEWS,
    STARS,
    FollowUp,
    Reply,
    Review,
    ReviewPicture,
    ReviewTakeDown,
    rated,
)
from app.store.shops.models import Staff
from app.store.shops.queries import is_staff

Telling = Callable[[UUID, Collection[UUID]], set[UUID]]
Found = Row[Review, FollowUp | None, Reply | None, ReviewTakeDown | None, LineProgress | None]
NEWEST, HELPFUL_FIRST = "newest", "helpful"
PICTURES_OF_REVIEW = "card"


@dataclass(frozen=True, slots=True)
class Score:
    """How a product is rated; `average` in stars with two decimals, None while nobody has rated it. `stars`: how many
    gave 1, 2, 3, 4, 5; `pictured`: how many show pictures."""

    count: int
    average: float | None
    stars: tuple[int, ...]
    pictured: int

    @property
    def pictured_share(self) -> float:
        """Of 1, with two decimals."""
        return round(self.pictured / self.count, 2) if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reviews, in which order; what is None does not narrow them."""

    stars: int | None = None
    pictures: bool | None = None
    followed_up: bool | None = None
    replied: bool | None = None
    sort: str = NEWEST


ALL = Wanted()


_tellings: list[Telling] = []


def tells_reviews(find: Telling) -> Telling:
    """Register who says reviews in words of its own, and changes them with these (posts do): find(author's id, ids of
    reviews of his) -> those of them."""
    _tellings.append(find)
    return find


def told_elsewhere(author_id: UUID, review_ids: Collection[UUID]) -> set[UUID]:
    """Those of these reviews of an author that he changes there, not here. A query for each that is registered."""
    return {one for find in _tellings for one in find(author_id, review_ids)} if review_ids else set()


def reviewable_line(author_id: UUID, product_id: UUID) -> UUID | None:
    """The order line that this person may review next: one of this product that has arrived, at least a unit of it, and
    is not reviewed; the latest bought. Of a shop where he works, none."""
    mine = _reviewable(author_id, product_id).order_by(Purchase.paid_at.desc(), OrderLine.id)
    return db.session.scalars(mine.limit(1)).first()


def is_reviewable(line_id: UUID, author_id: UUID, product_id: UUID) -> bool:
    """Whether this line is a received one of this product that this person bought and has not reviewed; never of a shop
    where he works."""
    return db.session.scalar(_reviewable(author_id, product_id).where(OrderLine.id == line_id)) is not None


def line_to_review(person_id: UUID, order_id: UUID, line_id: UUID) -> OrderLine:
    """A line of this person's own order. Raises Refused 404, 409 "not_received" before any of it has arrived,
    "own_goods" of a shop where he works: who sells does not rate himself."""
    line = db.session.get(OrderLine, line_id)
    if line is None or line.order_id != order_id or not is_buyer(Ref(PERSON, person_id), order_id):
        raise missing("没有这个订单或商品", "There is no such order or line.")
    progress = db.session.get(LineProgress, line_id)
    if progress is None or not progress.received:
        raise Refused(409, "not_received", "收到商品后才能评价", "It can be reviewed once it has arrived.")
    if is_staff(line.shop_id, person_id):
        zh, en = "不能评价自己店里的商品", "Nobody reviews what a shop sells where he works."
        raise Refused(409, "own_goods", zh, en)
    return line


def score_of(product_id: UUID) -> Score:
    """Exact at every moment. One query."""
    return _score(counters.of([product_id]).get(product_id, {}))


def is_taken_down(review_id: UUID) -> bool:
    return db.session.get(ReviewTakeDown, review_id, populate_existing=True) is not None


def review_seen(review_id: UUID) -> Review:
    """A review that everybody may see. Raises Refused 404."""
    found = db.session.get(Review, review_id)
    if found is None or is_taken_down(review_id):
        raise no_review()
    return found


def no_review() -> Refused:
    return missing("没有这条评价", "There is no such review.")


def pictures_of(review_ids: Collection[UUID]) -> dict[UUID, list[Upload]]:
    """The pictures of these reviews, in their order; reviews without any are absent. One query."""
    return {review_id: [one for one, _ in found] for review_id, found in _pictures(review_ids).items()}


def product_reviews(product_id: UUID, wanted: Wanted, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of what buyers say of a product, and how they rate it: four queries for any number."""
    which = [Review.product_id == product_id, ReviewTakeDown.review_id.is_(None)]
    rows, following = _page(f"reviews:{product_id}", which, wanted, limit, cursor)
    counts = counters.of([product_id, *(row[0].id for row in rows)])
    score = _score(counts.get(product_id, {}))
    return {
        "items": _shown(rows, counts, _pictures([row[0].id for row in rows])),
        "next": following,
        "average": score.average,
        "count": score.count,
        "stars": {str(stars): score.stars[stars - 1] for stars in range(1, MOST_STARS + 1)},
        "with_pictures": score.pictured,
        "with_pictures_share": score.pictured_share,
    }


def shop_reviews(shop_id: UUID, wanted: Wanted, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of what buyers say of a shop's goods, for its staff; the caller has asked whether they are."""
    which = [Review.shop_id == shop_id, ReviewTakeDown.review_id.is_(None)]
    rows, following = _page(f"shops/reviews:{shop_id}", which, wanted, limit, cursor)
    return {"items": _of_goods(rows), "next": following}


def order_reviews(person_id: UUID, order_id: UUID) -> dict[str, Any]:
    """What the buyer of an order has said of it, also what was taken down, with the reason. Raises Refused 404."""
    if not is_buyer(Ref(PERSON, person_id), order_id):
        raise missing("没有这个订单", "There is no such order.")
    mine = _all().join(OrderLine, OrderLine.id == Review.line_id).where(OrderLine.order_id == order_id)
    rows = db.session.execute(mine.order_by(OrderLine.position)).all()
    return {"items": _of_goods(rows), "next": None}


def shown_review(review_id: UUID) -> dict[str, Any]:
    """One review as it is now, for who has just changed it."""
    return _of_goods(db.session.execute(_all().where(Review.id == review_id)).all())[0]


def own_review(person_id: UUID, review_id: UUID) -> dict[str, Any]:
    """A review of this person's own. Raises Refused 404 for another's."""
    found = db.session.get(Review, review_id)
    if found is None or found.author_id != person_id:
        raise no_review()
    return shown_review(review_id)


def changeable(author_id: UUID, reviews: Iterable[dict[str, Any]]) -> dict[UUID, bool]:
    """Those of these reviews of an author that he may delete, each with whether he may still change it, too. At most a
    query for each room that tells reviews."""
    own = {one["id"]: one["created_at"] for one in reviews if one["takedown_reason"] is None}
    left = own.keys() - told_elsewhere(author_id, own)
    return {one: clock.now() < datetime.fromisoformat(own[one]) + EDIT_WITHIN for one in left}


def _page(
    scope: str, which: list[ColumnElement[bool]], wanted: Wanted, limit: int, cursor: str | None
) -> tuple[list[Found], str | None]:
    which += _narrowed(wanted)
    key = (Review.helped, Review.at, Review.id) if wanted.sort == HELPFUL_FIRST else (Review.at, Review.id)
    place = paging.values_of(f"{scope}:{wanted}", cursor)
    if place is not None:
        *helped, at, last_id = place
        which.append(tuple_(*key) < (*helped, datetime.fromisoformat(at), UUID(last_id)))
    first = _all().where(*which).order_by(*(one.desc() for one in key)).limit(limit + 1)
    rows = list(db.session.execute(first))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1][0]
    told = [*([last.helped] if wanted.sort == HELPFUL_FIRST else []), iso(last.at), str(last.id)]
    return rows[:limit], paging.cursor(f"{scope}:{wanted}", told)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [Review.rating == wanted.stars] if wanted.stars else []
    shows = exists().where(ReviewPicture.review_id == Review.id)
    for asked, has in (
        (wanted.pictures, shows),
        (wanted.followed_up, FollowUp.review_id.is_not(None)),
        (wanted.replied, Reply.review_id.is_not(None)),
    ):
        if asked is not None:
            found.append(has if asked else ~has)
    return found


def _all() -> Select[Review, FollowUp | None, Reply | None, ReviewTakeDown | None, LineProgress | None]:
    wanted = select(Review, FollowUp, Reply, ReviewTakeDown, LineProgress)
    for one in (FollowUp, Reply, ReviewTakeDown):
        wanted = wanted.outerjoin(one, one.review_id == Review.id)
    return wanted.outerjoin(LineProgress, LineProgress.line_id == Review.line_id)


def _of_goods(rows: Sequence[Found]) -> list[dict[str, Any]]:
    """Reviews with what they are about. Five queries for any number."""
    pictures = _pictures([row[0].id for row in rows])
    shown = _shown(rows, counters.of([row[0].id for row in rows]), pictures)
    wanted = select(OrderLine.id, OrderLine.order_id, OrderLine.title, OrderLine.sku_name)
    lines = db.session.execute(wanted.where(OrderLine.id.in_([row[0].line_id for row in rows]))) if rows else ()
    goods = {line.id: {"order_id": line.order_id, "title": line.title, "sku_name": line.sku_name} for line in lines}
    found = []
    for one, (review, _, _, takedown, _) in zip(shown, rows, strict=True):
        own: dict[str, Any] = {"line_id": review.line_id, "takedown_reason": takedown.reason if takedown else None}
        own |= {"uploads": [upload.id for upload, is_later in pictures.get(review.id, []) if not is_later]}
        found.append(one | goods[review.line_id] | own)
    return found


def _shown(
    rows: Sequence[Found], counts: dict[UUID, dict[str, int]], pictures: dict[UUID, list[tuple[Upload, bool]]]
) -> list[dict[str, Any]]:
    """Reviews ready for JSON, with their authors. One query."""
    authors = author_cards({row[0].author_id for row in rows})
    return [_one(row, pictures.get(row[0].id, []), counts) | {"author": authors.get(row[0].author_id)} for row in rows]


def _one(row: Found, pictures: list[tuple[Upload, bool]], counts: dict[UUID, dict[str, int]]) -> dict[str, Any]:
    review, later, reply, takedown, line = row
    shown = [(picture(one, PICTURES_OF_REVIEW, signed=takedown is not None), is_later) for one, is_later in pictures]
    first, second = ([one for one, is_later in shown if is_later == which] for which in (False, True))
    return {
        "id": review.id,
        "kind": "review",
        "product_id": review.product_id,
        "rating": review.rating,
        "text": review.text,
        "pictures": first,
        "follow_up": {"text": later.text, "pictures": second, "created_at": iso(later.at)} if later else None,
        "reply": {"text": reply.text, "created_at": iso(reply.at)} if reply else None,
        "helpful": counts.get(review.id, {}).get(HELPFUL, 0),
        "refunded": line is not None and line.refunded == line.quantity,
        "created_at": iso(review.at),
        "edited_at": iso(review.edited_at) if review.edited_at else None,
    }


def _pictures(review_ids: Collection[UUID]) -> dict[UUID, list[tuple[Upload, bool]]]:
    wanted = select(ReviewPicture.review_id, ReviewPicture.is_later, Upload)
    wanted = wanted.join(Upload, Upload.id == ReviewPicture.upload_id).where(ReviewPicture.review_id.in_(review_ids))
    found: dict[UUID, list[tuple[Upload, bool]]] = {}
    rows = db.session.execute(wanted.order_by(ReviewPicture.position)) if review_ids else ()
    for review_id, is_later, upload in rows:
        found.setdefault(review_id, []).append((upload, is_later))
    return found


def _score(counts: dict[str, int]) -> Score:
    count, stars = counts.get(REVIEWS, 0), counts.get(STARS, 0)
    by_stars = tuple(counts.get(rated(one), 0) for one in range(1, MOST_STARS + 1))
    return Score(count, round(stars / count, 2) if count else None, by_stars, counts.get(PICTURED, 0))


def _reviewable(author_id: UUID, product_id: UUID) -> Select[UUID]:
    is_reviewed = exists().where(Review.line_id == OrderLine.id)
    works_there = exists().where(Staff.shop_id == OrderLine.shop_id, Staff.person_id == author_id)
    return received_lines(author_id, product_id).where(~is_reviewed, ~works_there)
