"""What is done to reviews. A product's counts move with them, in the same transaction; one that is taken down is not
counted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock, counters
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused
from app.core.events import emit
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.core.plain import insertion
from app.people.uploads.actions import conceal, show, use_pictures
from app.store.orders.models import OrderLine
from app.store.reviews import events
from app.store.reviews.models import (
    EDIT_WITHIN,
    FOLLOW_UP_WITHIN,
    HELPFUL,
    PICTURED,
    REVIEWS,
    STARS,
    FollowUp,
    HelpfulVote,
    Reply,
    Review,
    ReviewEdit,
    ReviewPicture,
    ReviewTakeDown,
    check_rating,
    rated,
)
from app.store.reviews.queries import (
    is_reviewable,
    is_taken_down,
    line_to_review,
    no_review,
    pictures_of,
    review_seen,
    told_elsewhere,
)
from app.store.shops.models import SERVE
from app.store.shops.queries import check_right, roles_in


def review_line(
    caller: Caller,
    order_id: UUID,
    line_id: UUID,
    rating: int,
    text: str,
    uploads: Sequence[UUID] = (),
    review_id: UUID | None = None,
) -> Review:
    """Review a line of the caller's own order. `review_id` came with a form: sent again it answers the review that it
    made.

    Raises Refused 404 for another's, 409 "not_received" before any of it has arrived, "already_reviewed"; 422 for a
    wrong rating or a picture that is not his.
    """
    line = line_to_review(caller.person, order_id, line_id)
    if review_id is not None:
        one_at_a_time(review_id)
        known = db.session.get(Review, review_id)
        if known is not None and known.line_id != line_id:
            raise made_by_another()
        if known is not None:
            return known
    return _written(line, caller.person, rating, text, uploads, review_id)


def write_review(line_id: UUID, author_id: UUID, product_id: UUID, rating: int, text: str) -> Review:
    """Review a received line of one's own (reviews.queries.reviewable_line finds it).

    Raises Refused: 409 for a line that is another's, of another product, not received or reviewed; 422 for a wrong
    rating.
    """
    check_rating(rating)
    if not is_reviewable(line_id, author_id, product_id):
        zh, en = "只能评价自己收到且未评价的商品", "Only what you have bought and received, and each once."
        raise Refused(409, "not_reviewable", zh, en)
    return _written(db.session.get_one(OrderLine, line_id), author_id, rating, text, ())


def edit_review(caller: Caller, review_id: UUID, **changes: Any) -> Review:
    """Its author changes his review, as change_review, within 30 days. Raises Refused 404 for another's, 409
    "taken_down", "told_elsewhere", "too_late", 422 for a wrong rating or a picture that is not his."""
    review = _own(caller, review_id)
    if db.session.execute(select(clock.db_now())).scalar_one() > review.at + EDIT_WITHIN:
        zh, en = f"评价超过 {EDIT_WITHIN.days} 天，不能再修改", f"A review is changed within {EDIT_WITHIN.days} days."
        raise Refused(409, "too_late", zh, en)
    return change_review(review_id, **changes)


def delete_review(caller: Caller, review_id: UUID) -> None:
    """Its author deletes his review, and with it what stands below it. Raises Refused 404 for another's, 409
    "taken_down", "told_elsewhere"."""
    _own(caller, review_id)
    withdraw_review(review_id)


def change_review(
    review_id: UUID, rating: int | None = None, text: str | None = None, uploads: Sequence[UUID] | None = None
) -> Review:
    """Change what is not None; `uploads`: the pictures, but for those of the follow-up. What it said is kept. Raises
    Refused 404, 422 for a wrong rating."""
    review = _locked(review_id)
    said, shown = (review.rating, review.text), pictures_of([review_id]).get(review_id, [])
    says = (said[0] if rating is None else rating, said[1] if text is None else text)
    check_rating(says[0])
    if says != said:
        db.session.add(ReviewEdit(review_id=review_id, rating=said[0], text=said[1]))
    sign = 0 if is_taken_down(review_id) or (uploads is None and says[0] == said[0]) else 1
    _count(review, -sign)
    review.rating, review.text = says
    if uploads is not None:
        _hang(review, uploads, is_later=False)
    _count(review, sign)
    if says != said or pictures_of([review_id]).get(review_id, []) != shown:
        review.edited_at = clock.db_now()
    db.session.flush()
    emit(events.ReviewChanged(review.id, review.product_id))
    return review


def withdraw_review(review_id: UUID) -> bool:
    """Take a review back; its line may be reviewed again. False if it was gone already.

    One that is taken down stays where nobody sees it: or its author could write it again.
    """
    review = db.session.scalar(_locking(review_id))
    if review is None:
        return False
    if is_taken_down(review_id):
        return True
    _count(review, -1)
    conceal(review.ref)
    db.session.delete(review)
    db.session.flush()
    emit(events.ReviewWithdrawn(review_id, review.product_id))
    return True


def follow_up(caller: Caller, review_id: UUID, text: str, uploads: Sequence[UUID] = ()) -> Review:
    """Say something more, once, within 180 days. Raises Refused 404 for another's review, 409 "too_late",
    "already_followed_up"."""
    review = _locked(review_id)
    if review.author_id != caller.person or is_taken_down(review_id):
        raise no_review()
    if db.session.execute(select(clock.db_now())).scalar_one() > review.at + FOLLOW_UP_WITHIN:
        raise Refused(409, "too_late", "评价超过 180 天，不能再追评", "A review is followed up within 180 days.")
    db.session.add(FollowUp(review_id=review_id, text=text))
    _count(review, -1)
    _hang(review, uploads, is_later=True)
    _count(review, 1)
    emit(events.ReviewFollowedUp(review_id))
    return review


def reply(caller: Caller, review_id: UUID, text: str) -> Review:
    """The shop replies, or changes its reply. Raises Refused 404 for a review of another shop's goods, 403 without the
    right to serve buyers."""
    review = _of_own_shop(caller, review_id)
    said = {"text": text, "by_id": caller.person, "at": clock.db_now()}
    written = insert(Reply).values(review_id=review_id, **said)
    db.session.execute(written.on_conflict_do_update(index_elements=[Reply.review_id], set_=said))
    emit(events.ReviewReplied(review_id))
    return review


def take_reply_back(caller: Caller, review_id: UUID) -> None:
    """The shop says nothing to it. Raises Refused as `reply`."""
    _of_own_shop(caller, review_id)
    db.session.execute(delete(Reply).where(Reply.review_id == review_id))


def find_helpful(person_id: UUID, review_id: UUID) -> None:
    """Once a person. Raises Refused 404, 409 "own_review"."""
    if review_seen(review_id).author_id == person_id:
        raise Refused(409, "own_review", "不能给自己的评价点有用", "Others say whether your review helps.")
    if _VOTE.changed(review_id=review_id, person_id=person_id):
        _voted(review_id, 1)


def find_helpful_no_more(person_id: UUID, review_id: UUID) -> None:
    """Raises nothing where there was no vote."""
    mine = delete(HelpfulVote).where(HelpfulVote.review_id == review_id, HelpfulVote.person_id == person_id)
    if changed(mine):
        _voted(review_id, -1)


def take_down(review_id: UUID, reason: str, by_id: UUID) -> None:
    """Hide it from everybody but its author. Raises Refused 404, 409 "taken_down" if it is already."""
    review = _locked(review_id)
    db.session.add(ReviewTakeDown(review_id=review_id, reason=reason, by_id=by_id))
    db.session.flush()
    _count(review, -1)
    conceal(review.ref)
    emit(events.ReviewTakenDown(review_id, review.product_id))


def restore(review_id: UUID) -> None:
    """Show it again. Raises nothing for one that is gone, or was not taken down."""
    review = db.session.scalar(_locking(review_id))
    if review is None or not changed(delete(ReviewTakeDown).where(ReviewTakeDown.review_id == review_id)):
        return
    _count(review, 1)
    show([one.id for one in pictures_of([review_id]).get(review_id, [])], review.ref)
    emit(events.ReviewRestored(review_id, review.product_id))


def _written(
    line: OrderLine, author_id: UUID, rating: int, text: str, uploads: Sequence[UUID], review_id: UUID | None = None
) -> Review:
    check_rating(rating)
    about = {"line_id": line.id, "author_id": author_id, "product_id": line.product_id, "shop_id": line.shop_id}
    review = Review(id=review_id or new_id(), **about, rating=rating, text=text)
    db.session.add(review)
    db.session.flush()
    if uploads:
        _hang(review, uploads, is_later=False)
    _count(review, 1)
    emit(events.ReviewWritten(review.id, line.product_id))
    return review


def _hang(review: Review, uploads: Sequence[UUID], *, is_later: bool) -> None:
    """Of what it said first, or of its follow-up, it shows exactly these pictures of its author's."""
    used = use_pictures(review.author_id, list(dict.fromkeys(uploads)))
    same = (ReviewPicture.review_id == review.id, ReviewPicture.is_later == is_later)
    db.session.execute(delete(ReviewPicture).where(*same))
    others = {one.id for one in pictures_of([review.id]).get(review.id, [])}
    fresh = [one.id for one in used if one.id not in others]
    row = {"review_id": review.id, "is_later": is_later}
    rows = [{**row, "upload_id": one, "position": len(others) + place} for place, one in enumerate(fresh)]
    if rows:
        db.session.execute(insert(ReviewPicture), rows)
    show([*others, *fresh], review.ref)


def _of_own_shop(caller: Caller, review_id: UUID) -> Review:
    review = review_seen(review_id)
    shop_id = review.shop_id or db.session.get_one(OrderLine, review.line_id).shop_id
    roles = roles_in([shop_id], caller.person)
    if not roles:
        raise no_review()
    check_right(roles[shop_id], SERVE)
    return review


def _voted(review_id: UUID, step: int) -> None:
    counters.add(review_id, HELPFUL, step)
    emit(events.ReviewHelped(review_id))


def _own(caller: Caller, review_id: UUID) -> Review:
    """A review of the caller's that he may change here, its row locked. Raises Refused 404, 409."""
    review = _locked(review_id)
    if review.author_id != caller.person:
        raise no_review()
    if is_taken_down(review_id):
        raise Refused(409, "taken_down", "该评价已下架，不能修改", "This review is taken down: it stays as it is.")
    if told_elsewhere(review.author_id, [review_id]):
        zh, en = (
            "这条评价来自你的笔记，请在笔记里修改或删除",
            "This review is told as a post: change or delete the post.",
        )
        raise Refused(409, "told_elsewhere", zh, en)
    return review


def _locked(review_id: UUID) -> Review:
    review = db.session.scalar(_locking(review_id))
    if review is None:
        raise no_review()
    return review


def _locking(review_id: UUID) -> Select[Review]:
    return select(Review).where(Review.id == review_id).with_for_update().execution_options(populate_existing=True)


def _count(review: Review, sign: int) -> None:
    """Everything that is counted of a review, or all of it no more (0: as it was). One of a process of before is not
    counted by stars until fill_shops has been there."""
    steps = [(REVIEWS, sign), (STARS, sign * review.rating)]
    if review.shop_id is not None:
        steps.append((rated(review.rating), sign))
    if pictures_of([review.id]):
        steps.append((PICTURED, sign))
    counters.add_many([(review.product_id, name, step) for name, step in steps if step])


_VOTE = insertion(HelpfulVote, "review_id", "person_id", if_absent=True)
