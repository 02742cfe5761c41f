"""A buyer's pages of reviews: of each line of an order that has arrived, and what he says of it later."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.errors import Refused
from app.core.http.door import PERSON
from app.core.http.forms import form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sent import Sent, form_sent
from app.core.ids import new_id
from app.core.texts import in_language
from app.people.uploads.actions import StoredPicture, receive_picture, store_pictures
from app.store.fulfilment.queries import order_of_buyer
from app.store.reviews import actions, queries
from app.store.reviews.models import MOST_PICTURES, MOST_STARS
from app.store.reviews.schemas import TEXT_MOST, FollowUpForm, ReviewForm

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
    try:
        actions.review_line(caller, order_id, **given, uploads=_kept(caller, prepared), review_id=review_id)
    except Refused as refusal:
        if refusal.code != "already_reviewed":
            raise
    return go(f"/orders/{order_id}/reviews")


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
    return go(f"/orders/{found['order_id']}/reviews")


def _sent(schema: Schema) -> Sent[StoredPicture]:
    return form_sent(schema, MOST_PICTURES, store_pictures)


def _kept(caller: Caller, prepared: Sent[StoredPicture]) -> list[UUID]:
    return [receive_picture(caller.person, one).id for one in prepared.pictures]


def _again(caller: Caller, order_id: UUID, at: str, faults: dict[str, Any]) -> Response:
    """The page once more, what was typed in the form that is `at` this line or review."""
    shown = _page(caller, order_id, at, form(), in_language(faults, language()))
    return once_more(shown)


def _page(caller: Caller, order_id: UUID, at: str, filled: dict[str, str], faults: dict[str, Any]) -> str:
    order = order_of_buyer(caller, order_id)
    said = {one["line_id"]: one for one in queries.order_reviews(caller.person, order_id)["items"]}
    lines = [line for line in order["lines"] if line["received"] or line["id"] in said]
    limits = {"most": MOST_PICTURES, "stars": MOST_STARS, "longest": TEXT_MOST}
    ids = {line["id"]: new_id() for line in lines}
    told = {"at": at, "filled": filled, "faults": faults, "ids": ids, **limits}
    return page("reviews_order.html", order=order, lines=lines, said=said, **told)
