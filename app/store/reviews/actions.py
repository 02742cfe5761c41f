"""What is done to reviews. A product's counts move with them, in the same transaction; one that is taken down is not
counted."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock, counters
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.core.plain import insertion
from app.people.uploads.actions import conceal, show, use_pictures
from app.store.orders.models import OrderLine
from app.store.reviews.events import (
    ReviewChanged,
    ReviewFollowedUp,
    ReviewHelped,
    ReviewReplied,
    ReviewRestored,
    ReviewTakenDown,
    ReviewWithdrawn,
    ReviewWritten,
)
from app.store.reviews.models import (
    FOLLOW_UP_WITHIN,
    HELPFUL,
    MOST_STARS,
    PICTURED,
    REVIEWS,
    STARS,
    FollowUp,
    HelpfulVote,
    Reply,
    Review,
    ReviewPicture,
    ReviewTakeDown,
    rated,
)
from app.store.reviews.queries import is_reviewable, is_taken_down, line_to_review, pictures_of, review_seen
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
    _check_rating(rating)
    if not is_reviewable(line_id, author_id, product_id):
        zh, en = "只能评价自己收到且未评价的商品", "Only what you have bought and received, and each once."
        raise Refused(409, "not_reviewable", zh, en)
    return _written(db.session.get_one(OrderLine, line_id), author_id, rating, text, ())


def change_review(review_id: UUID, rating: int | None = None, text: str | None = None) -> Review:
    """Change what is not None. Raises Refused 404, 422 for a wrong rating."""
    review = _locked(review_id)
    if text is not None:
        review.text = text
    if rating is not None and rating != review.rating:
        _check_rating(rating)
        counted = not is_taken_down(review_id)
        if counted:
            _count(review, -1)
        review.rating = rating
        if counted:
            _count(review, 1)
    db.session.flush()
    emit(ReviewChanged(review.id, review.product_id))
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
    emit(ReviewWithdrawn(review_id, review.product_id))
    return True


def follow_up(caller: Caller, review_id: UUID, text: str, uploads: Sequence[UUID] = ()) -> Review:
    """Say something more, once, within 180 days. Raises Refused 404 for another's review, 409 "too_late",
    "already_followed_up"."""
    review = _locked(review_id)
    if review.author_id != caller.person or is_taken_down(review_id):
        raise _no_review()
    if db.session.execute(select(clock.db_now())).scalar_one() > review.at + FOLLOW_UP_WITHIN:
        raise Refused(409, "too_late", "评价超过 180 天，不能再追评", "A review is followed up within 180 days.")
    db.session.add(FollowUp(review_id=review_id, text=text))
    _count(review, -1)
    _add_pictures(review, caller.person, uploads, is_later=True)
    _count(review, 1)
    emit(ReviewFollowedUp(review_id))
    return review


def reply(caller: Caller, review_id: UUID, text: str) -> Review:
    """The shop replies, or changes its reply. Raises Refused 404 for a review of another shop's goods, 403 without the
    right to serve buyers."""
    review = _of_own_shop(caller, review_id)
    said = {"text": text, "by_id": caller.person, "at": clock.db_now()}
    written = insert(Reply).values(review_id=review_id, **said)
    db.session.execute(written.on_conflict_do_update(index_elements=[Reply.review_id], set_=said))
    emit(ReviewReplied(review_id))
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
    emit(ReviewTakenDown(review_id, review.product_id))


def restore(review_id: UUID) -> None:
    """Show it again. Raises nothing for one that is gone, or was not taken down."""
    review = db.session.scalar(_locking(review_id))
    if review is None or not changed(delete(ReviewTakeDown).where(ReviewTakeDown.review_id == review_id)):
        return
    _count(review, 1)
    show([one.id for one in pictures_of([review_id]).get(review_id, [])], review.ref)
    emit(ReviewRestored(review_id, review.product_id))


def fill_shops(review_ids: Collection[UUID]) -> int:
    """Reviews that a process of before has written get their shop, and are counted by stars; answers how many."""
    shop = select(OrderLine.shop_id).where(OrderLine.id == Review.line_id).scalar_subquery()
    filled = update(Review).where(Review.id.in_(review_ids), Review.shop_id.is_(None)).values(shop_id=shop)
    rows = db.session.execute(filled.returning(Review.id, Review.product_id, Review.rating)).all()
    counters.add_many([(row.product_id, rated(row.rating), 1) for row in rows if not is_taken_down(row.id)])
    return len(rows)


def sort_by_votes(review_ids: Collection[UUID]) -> None:
    """Bring what reviews are sorted by up to their exact counts of votes."""
    votes = select(func.count()).where(HelpfulVote.review_id == Review.id).scalar_subquery()
    for one in sorted(review_ids):
        db.session.execute(update(Review).where(Review.id == one).values(helped=votes))


def _written(
    line: OrderLine, author_id: UUID, rating: int, text: str, uploads: Sequence[UUID], review_id: UUID | None = None
) -> Review:
    _check_rating(rating)
    about = {"line_id": line.id, "author_id": author_id, "product_id": line.product_id, "shop_id": line.shop_id}
    review = Review(id=review_id or new_id(), **about, rating=rating, text=text)
    db.session.add(review)
    db.session.flush()
    _add_pictures(review, author_id, uploads, is_later=False)
    _count(review, 1)
    emit(ReviewWritten(review.id, line.product_id))
    return review


def _add_pictures(review: Review, author_id: UUID, uploads: Sequence[UUID], *, is_later: bool) -> None:
    used = use_pictures(author_id, list(dict.fromkeys(uploads)))
    kept = {"review_id": review.id, "is_later": is_later}
    known = pictures_of([review.id]).get(review.id, [])
    fresh = [one for one in used if one.id not in {old.id for old in known}]
    db.session.add_all(
        ReviewPicture(upload_id=one.id, position=len(known) + place, **kept) for place, one in enumerate(fresh)
    )
    db.session.flush()
    if fresh:
        show([one.id for one in (*known, *fresh)], review.ref)


def _of_own_shop(caller: Caller, review_id: UUID) -> Review:
    review = review_seen(review_id)
    shop_id = review.shop_id or db.session.get_one(OrderLine, review.line_id).shop_id
    roles = roles_in([shop_id], caller.person)
    if not roles:
        raise _no_review()
    check_right(roles[shop_id], SERVE)
    return review


def _voted(review_id: UUID, step: int) -> None:
    counters.add(review_id, HELPFUL, step)
    emit(ReviewHelped(review_id))


def _locked(review_id: UUID) -> Review:
    review = db.session.scalar(_locking(review_id))
    if review is None:
        raise _no_review()
    return review


def _no_review() -> Refused:
    return missing("没有这条评价", "There is no such review.")


def _locking(review_id: UUID) -> Select[Review]:
    return select(Review).where(Review.id == review_id).with_for_update().execution_options(populate_existing=True)


def _count(review: Review, sign: int) -> None:
    """Everything that is counted of a review, or all of it no more. One of a process of before is not counted by stars
    until fill_shops has been there."""
    steps = [(REVIEWS, sign), (STARS, sign * review.rating)]
    if review.shop_id is not None:
        steps.append((rated(review.rating), sign))
    if pictures_of([review.id]):
        steps.append((PICTURED, sign))
    counters.add_many([(review.product_id, name, step) for name, step in steps])


def _check_rating(rating: int) -> None:
    if not 1 <= rating <= MOST_STARS:
        raise bad_field("rating", "须为 1 到 5 星", "Must be 1 to 5 stars.")


_VOTE = insertion(HelpfulVote, "review_id", "person_id", if_absent=True)
