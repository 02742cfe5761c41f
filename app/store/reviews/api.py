"""Doors of reviews: everybody reads them, buyers write them here (or as posts: community/posts), shops reply."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.http.answers import Ready
from app.core.http.door import PERSON, Door
from app.store.catalogue.queries import product_or_missing
from app.store.reviews import actions, queries
from app.store.reviews.queries import Wanted
from app.store.reviews.schemas import (
    FollowUpIn,
    ReplyIn,
    ReviewChangesIn,
    ReviewIn,
    ReviewsOut,
    ReviewsQuery,
    ShopReviewsQuery,
    WholeReviewOut,
    WholeReviewsOut,
)
from app.store.shops.queries import require_staff

door = Door("reviews", for_keys=True)
ORDER, REVIEW = "/orders/<uuid:order_id>/reviews", "/reviews/<uuid:review_id>"


@door.get("/products/<uuid:product_id>/reviews", asks=ReviewsQuery, gives=ReviewsOut, who=None)
def list_reviews(product_id: UUID, asked: dict[str, Any]) -> Ready:
    """What buyers say of a product, newest or most helpful first, and how they rate it."""
    product_or_missing(product_id)
    limit, cursor = asked.pop("limit"), asked.pop("cursor")
    return Ready(orjson.dumps(queries.product_reviews(product_id, Wanted(**asked), limit, cursor)))


@door.post(ORDER, takes=ReviewIn, gives=WholeReviewOut)
def write_review(caller: Caller, order_id: UUID, given: dict[str, Any]) -> Ready:
    """Review a line of the caller's order of which something has arrived."""
    return _shown(actions.review_line(caller, order_id, **given).id)


@door.get(ORDER, gives=WholeReviewsOut, who=PERSON)
def list_own_reviews(caller: Caller, order_id: UUID) -> Ready:
    """What the caller has said of his order, with the reason where it was taken down."""
    return Ready(orjson.dumps(queries.order_reviews(caller.person, order_id)))


@door.patch(REVIEW, takes=ReviewChangesIn, gives=WholeReviewOut, for_keys=False)
def edit_review(caller: Caller, review_id: UUID, given: dict[str, Any]) -> Ready:
    """Change one's own review, within 30 days; everybody sees that it was. One that is told as a post is changed there
    (409)."""
    return _shown(actions.edit_review(caller, review_id, **given).id)


@door.delete(REVIEW, for_keys=False)
def delete_review(caller: Caller, review_id: UUID) -> None:
    """Delete one's own review, and with it its follow-up and the shop's reply."""
    actions.delete_review(caller, review_id)


@door.post(f"{REVIEW}/follow-up", takes=FollowUpIn, gives=WholeReviewOut, for_keys=False)
def follow_up(caller: Caller, review_id: UUID, given: dict[str, Any]) -> Ready:
    """Say something more, once (追评)."""
    return _shown(actions.follow_up(caller, review_id, **given).id)


@door.put(f"{REVIEW}/reply", takes=ReplyIn, gives=WholeReviewOut)
def reply(caller: Caller, review_id: UUID, given: dict[str, Any]) -> Ready:
    """The shop replies, or changes its reply."""
    return _shown(actions.reply(caller, review_id, given["text"]).id)


@door.delete(f"{REVIEW}/reply")
def take_reply_back(caller: Caller, review_id: UUID) -> None:
    """The shop takes its reply back."""
    actions.take_reply_back(caller, review_id)


@door.put(f"{REVIEW}/helpful", for_keys=False)
def find_helpful(caller: Caller, review_id: UUID) -> None:
    """Say that a review helps."""
    actions.find_helpful(caller.person, review_id)


@door.delete(f"{REVIEW}/helpful", for_keys=False)
def find_helpful_no_more(caller: Caller, review_id: UUID) -> None:
    """Take that back."""
    actions.find_helpful_no_more(caller.person, review_id)


@door.get("/shops/<uuid:shop_id>/reviews", asks=ShopReviewsQuery, gives=WholeReviewsOut, who=PERSON)
def list_shop_reviews(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> Ready:
    """What buyers say of a shop's goods, for its staff."""
    require_staff(shop_id, caller.person)
    limit, cursor = asked.pop("limit"), asked.pop("cursor")
    return Ready(orjson.dumps(queries.shop_reviews(shop_id, Wanted(**asked), limit, cursor)))


def _shown(review_id: UUID) -> Ready:
    return Ready(orjson.dumps(queries.shown_review(review_id)))
