"""A shop has answered a review of mine."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.caller import Ref
from app.core.db import db
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import COMMENTS
from app.store.catalogue.models import Product
from app.store.reviews.events import ReviewReplied
from app.store.reviews.models import Reply, Review

EXCERPT = 60


def reviews_seen(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """One's own reviews, by their goods, with what the shop says. One query."""
    asked = select(Review.id, Product.title, Reply.text).join(Product, Product.id == Review.product_id)
    asked = asked.join(Reply, Reply.review_id == Review.id).where(Review.id.in_(ids), Review.author_id == viewer_id)
    return {row.id: Seen(Ref("review", row.id), row.title, row.text[:EXCERPT]) for row in db.session.execute(asked)}


class ReviewRepliedKind(Kind):
    name = "review_replied"
    tab = COMMENTS
    called = {"zh": "商家回复评价", "en": "Replies to my reviews"}
    zh = "商家回复了你对「{title}」的评价：{note}"
    en = "The shop has answered your review of “{title}”: {note}"
    facts = (ReviewReplied,)
    look = staticmethod(reviews_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.review_id, None) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Review.author_id, Review.id, Review.id, Reply.at).join(Reply, Reply.review_id == Review.id)
        return told_by(asked.where(Review.id.in_([one.target_id for one in keys])))


kind = ReviewRepliedKind()
