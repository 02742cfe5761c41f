"""Reviews of goods. One that is told as a post, too, is looked at there; this is its part below the goods."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.operate.moderation.kinds import base
from app.operate.moderation.kinds.base import Kind, Thing
from app.people.accounts.queries import author_cards
from app.people.uploads.queries import picture
from app.store.catalogue.queries import product_briefs
from app.store.reviews import actions
from app.store.reviews.models import FollowUp, Review, ReviewTakeDown
from app.store.reviews.queries import pictures_of


class ReviewKind(Kind):
    name = "review"
    owner = actions

    def author(self, subject_id: UUID) -> UUID | None:
        return db.session.scalar(select(Review.author_id).where(Review.id == subject_id))

    def shown(self, ids: Collection[UUID]) -> dict[UUID, Thing]:
        """4 queries. A follow-up stands below what was said first."""
        if not ids:
            return {}
        asked = select(Review, ReviewTakeDown.at, FollowUp.text).where(Review.id.in_(ids))
        asked = asked.outerjoin(ReviewTakeDown, ReviewTakeDown.review_id == Review.id)
        rows = db.session.execute(asked.outerjoin(FollowUp, FollowUp.review_id == Review.id)).all()
        authors, pictures = author_cards({row[0].author_id for row in rows}), pictures_of(ids)
        goods = product_briefs({row[0].product_id for row in rows})
        return {
            one.id: Thing(
                kind=self.name,
                id=one.id,
                title="",
                body="\n\n".join(text for text in (one.text, later) if text),
                state=base.DOWN if down else base.OPEN,
                at=one.at,
                author=authors.get(one.author_id),
                pictures=tuple(picture(upload, "card", signed=bool(down)) for upload in pictures.get(one.id, [])),
                goods=((goods[one.product_id].title, f"/goods/{one.product_id}"),) if one.product_id in goods else (),
                rating=one.rating,
                edited_at=one.edited_at,
            )
            for one, down, later in rows
        }


kind = ReviewKind()
