"""A buyer's pages of reviews: of each line of an order that has arrived, and what he says of it later."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.errors import Refused, bad_field
from app.core.http.door import PERSON
from app.core.http.forms import form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sent import Sent, form_sent
from app.core.ids import new_id
from app.core.texts import in_language
from app.people.uploads.actions import StoredPicture, receive_picture, store_pictures
from app.store.fulfilment.queries import order_of_buyer
from app.store.reviews import actions, queries
from app.store.reviews.models import MOST_PICTURES, MOST_STARS
from app.store.reviews.schemas import TEXT_MOST, FollowUpForm, ReviewChangesForm, ReviewForm

door = PageDoor("reviews", __name__, who=PERSON)
OF_ORDER = "/orders/<uuid:order_id>/reviews"


@door.get(OF_ORDER)
def show_reviews(caller: Caller, order_id: UUID) -> str:
    """What has arrived of an order: what the caller has said of it, and a form for what he has not."""
    return _page(caller, order_id, "", {}, {})


def _review_sent(_caller: Caller) -> Sent[StoredPicture]:
    return _sent(ReviewForm())


@door.post(OF_ORDER, before=_review_sent, limit="upload")
def write_review(caller: Caller, order_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Review a line."""
    if prepared.faults:
        return _again(caller, order_id, form().get("line_id", ""), prepared.faults)
    given = prepared.given
    review_id = given.pop("id")

    def write() -> AnyResponse:
        actions.review_line(caller, order_id, **given, uploads=_kept(caller, prepared), review_id=review_id)
        return _back(order_id)

    try:
        return submitted(write, lambda faults: _page(caller, order_id, str(given["line_id"]), form(), faults))
    except Refused as refusal:
        if refusal.code != "already_reviewed":
            raise
        return _back(order_id)


def _changes_sent(_caller: Caller) -> Sent[StoredPicture]:
    return _sent(ReviewChangesForm())


@door.post("/reviews/<uuid:review_id>", before=_changes_sent, limit="upload")
def edit_review(caller: Caller, review_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Change it: words, stars, pictures. Pressed twice it is changed once."""
    found = queries.own_review(caller.person, review_id)
    if prepared.faults:
        return _again(caller, found["order_id"], f"changing-{review_id}", prepared.faults)
    given = prepared.given
    if given.pop("seen") != _version(found):
        return _back(found["order_id"])

    def change() -> AnyResponse:
        kept = [one for one in found["uploads"] if form().get(f"keep-{one}")]
        uploads = [*kept, *_kept(caller, prepared)]
        if len(uploads) > MOST_PICTURES:
            raise bad_field("pictures", f"最多 {MOST_PICTURES} 张图片", f"At most {MOST_PICTURES} pictures.")
        actions.edit_review(caller, review_id, **given, uploads=uploads)
        return _back(found["order_id"])

    return submitted(change, lambda faults: _page(caller, found["order_id"], f"changing-{review_id}", form(), faults))


@door.post("/reviews/<uuid:review_id>/deletion")
def delete_review(caller: Caller, review_id: UUID) -> AnyResponse:
    """Delete it."""
    found = queries.own_review(caller.person, review_id)
    actions.delete_review(caller, review_id)
    return _back(found["order_id"])


def _follow_up_sent(_caller: Caller) -> Sent[StoredPicture]:
    return _sent(FollowUpForm())


@door.post("/reviews/<uuid:review_id>/follow-up", before=_follow_up_sent, limit="upload")
def follow_up(caller: Caller, review_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Say something more; pressed twice it is said once."""
    found = queries.own_review(caller.person, review_id)
    if prepared.faults:
        return _again(caller, found["order_id"], str(review_id), prepared.faults)
    if found["follow_up"] is None:
        actions.follow_up(caller, review_id, prepared.given["text"], _kept(caller, prepared))
    return _back(found["order_id"])


def _sent(schema: Schema) -> Sent[StoredPicture]:
    return form_sent(schema, MOST_PICTURES, store_pictures)


def _kept(caller: Caller, prepared: Sent[StoredPicture]) -> list[UUID]:
    return [receive_picture(caller.person, one).id for one in prepared.pictures]


def _again(caller: Caller, order_id: UUID, at: str, faults: dict[str, Any]) -> Response:
    """The page once more, what was typed in the form that is `at` this line or review."""
    return once_more(_page(caller, order_id, at, form(), in_language(faults, language())))


def _back(order_id: UUID) -> AnyResponse:
    return go(f"/orders/{order_id}/reviews")


def _version(review: dict[str, Any]) -> str:
    """What a form was filled in for: it says another thing once the review does."""
    return str(review["edited_at"] or review["created_at"])


def _page(caller: Caller, order_id: UUID, at: str, filled: dict[str, str], faults: dict[str, Any]) -> str:
    order = order_of_buyer(caller, order_id)
    said = {one["line_id"]: one for one in queries.order_reviews(caller.person, order_id)["items"]}
    may = queries.changeable(caller.person, said.values())
    lines = [line for line in order["lines"] if line["received"] or line["id"] in said]
    limits = {"most": MOST_PICTURES, "stars": MOST_STARS, "longest": TEXT_MOST}
    ids = {line["id"]: new_id() for line in lines}
    told = {"at": at, "filled": filled, "faults": faults, "ids": ids, "version": _version, **limits}
    return page("reviews_order.html", order=order, lines=lines, said=said, may=may, **told)
