"""Pages of second-hand: what is for sale where, one article, and the seller's own: list, hand over, take off."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sent import Sent, form_sent
from app.core.ids import new_id
from app.core.paging import USUAL
from app.core.texts import in_language
from app.people.uploads.actions import StoredPicture, receive_picture, store_pictures
from app.store.delivery.actions import hand_over, ship
from app.store.delivery.queries import carriers_to_choose, place_of_parcel
from app.store.secondhand import actions, queries
from app.store.secondhand.models import (
    CONDITIONS,
    LONGEST_DESCRIPTION,
    LONGEST_TITLE,
    MOST_PICTURES,
    PARCEL,
    SOLD,
    WAYS,
)
from app.store.secondhand.schemas import ArticleForm, HandOverForm, NewArticleForm, SendForm, SoughtQuery

door = PageDoor("secondhand", __name__)
ALL, ONE, MINE = "/second-hand", "/second-hand/<uuid:article_id>", "/me/second-hand"
LIMITS = {"title": LONGEST_TITLE, "description": LONGEST_DESCRIPTION, "pictures": MOST_PICTURES}


@door.get(ALL, limit="page")
def show_feed(caller: Caller) -> str:
    """What persons sell, newest first, with a form that looks for it by words and place."""
    asked = SoughtQuery().load({**request.args.to_dict(), "limit": str(USUAL)})
    found = queries.articles(**asked)
    kept = {name: value for name, value in request.args.items() if value and name != "cursor"}
    told = {"articles": found["items"], "next": found["next"], "kept": kept}
    return page("secondhand.html", **told, conditions=CONDITIONS, ways=WAYS)


@door.get(f"{ALL}/new", who=PERSON)
def new_article(caller: Caller) -> str:
    """An empty form."""
    return _form_page(ALL, {"id": str(new_id())}, {})


def _article_sent(_caller: Caller) -> Sent[StoredPicture]:
    return form_sent(NewArticleForm(), MOST_PICTURES, store_pictures)


@door.post(ALL, who=PERSON, before=_article_sent, limit="upload")
def list_article(caller: Caller, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Put it up for sale; sent twice it is put up once."""
    if prepared.faults:
        return _again(ALL, prepared.faults)
    try:
        with db.session.begin_nested():
            uploads = [receive_picture(caller.person, one).id for one in prepared.pictures]
            made = actions.list_article(caller, prepared.given["wanted"], uploads, prepared.given["id"])
    except Refused as refusal:
        if refusal.code not in {"prohibited", "too_many"}:
            raise
        return _again(ALL, in_language(refusal.errors, language()), refusal)
    return go(f"/second-hand/{made.id}")


@door.get(ONE, limit="page")
def show_article(caller: Caller, article_id: UUID) -> str:
    """One article; its seller sees how far its sale is, and hands it over."""
    return _article_page(caller, article_id, {}, {})


@door.get(f"{ONE}/edit", who=PERSON)
def edit_article(caller: Caller, article_id: UUID) -> str:
    """The form of one that is listed."""
    found = queries.article_of(caller.person, article_id)
    told = {name: str(getattr(found, name)) for name in ("title", "description", "condition", "way")}
    place = {name: getattr(found, name) for name in ("province", "city", "district")}
    return _form_page(f"/second-hand/{article_id}", {**told, **place, "price": f"{found.price / 100:.2f}"}, {})


@door.post(ONE, who=PERSON)
def change_article(caller: Caller, article_id: UUID) -> AnyResponse:
    """Say it anew."""
    queries.article_of(caller.person, article_id)
    faults = faults_of(lambda: actions.change_article(caller, article_id, ArticleForm().load(form())["wanted"]))
    return go(f"/second-hand/{article_id}") if faults is None else _again(f"/second-hand/{article_id}", faults)


@door.post(f"{ONE}/withdrawal", who=PERSON)
def take_off(caller: Caller, article_id: UUID) -> AnyResponse:
    """It is not for sale any more."""
    actions.take_off(caller, article_id)
    return go(f"/second-hand/{article_id}")


@door.post(f"{ONE}/relisting", who=PERSON)
def put_up_again(caller: Caller, article_id: UUID) -> AnyResponse:
    """It is for sale once more."""
    actions.put_up_again(caller, article_id)
    return go(f"/second-hand/{article_id}")


@door.post(f"{ONE}/handover", who=PERSON)
def hand_it_over(caller: Caller, article_id: UUID) -> AnyResponse:
    """The buyer stands there and shows his code; pressed twice it is handed over once."""
    found = queries.article_of(caller.person, article_id)
    return _handed(
        caller,
        article_id,
        lambda: hand_over(caller, found.shop_id, HandOverForm().load(form())["code"].replace(" ", "")),
    )


@door.post(f"{ONE}/parcel", who=PERSON)
def send_it(caller: Caller, article_id: UUID) -> AnyResponse:
    """It is on its way."""
    queries.article_of(caller.person, article_id)
    found = queries.article_page(article_id, caller.person)
    if found["order_id"] is None:
        return go(f"/second-hand/{article_id}")
    return _handed(caller, article_id, lambda: ship(caller, found["order_id"], **SendForm().load(form())))


@door.get(MINE, who=PERSON)
def show_own(caller: Caller) -> str:
    """The caller's own articles, in whatever state."""
    found = queries.articles_of(caller.person, USUAL, request.args.get("cursor"))
    return page("secondhand_mine.html", articles=found["items"], next=found["next"])


def _handed(caller: Caller, article_id: UUID, work: Callable[[], object]) -> AnyResponse:
    """Back to the article; or its page once more, what is wrong beside the field."""
    faults = faults_of(work)
    if faults is None:
        return go(f"/second-hand/{article_id}")
    return once_more(_article_page(caller, article_id, form(), faults))


def _article_page(caller: Caller, article_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    found = queries.article_page(article_id, caller.person_id)
    own = caller.person_id is not None and found["seller"] and str(caller.person_id) == str(found["seller"]["id"])
    waits = own and found["state"] == SOLD and found["order_id"] is not None
    parcel = place_of_parcel(found["order_id"]) if waits else None
    shown = {"article": found, "own": own, "parcel": parcel, "is_sent": found["way"] == PARCEL}
    told = {"filled": filled, "faults": faults, "form_id": new_id()}
    return page("secondhand_article.html", **shown, **told, carriers=carriers_to_choose())


def _again(action: str, faults: dict[str, Any], refusal: Refused | None = None) -> Response:
    shown = _form_page(action, form(), faults, refusal.text(language()) if refusal else "")
    return Response(shown, refusal.status if refusal else 422, mimetype="text/html")


def _form_page(action: str, filled: dict[str, str], faults: dict[str, Any], why: str = "") -> str:
    told = {"filled": filled, "faults": faults, "why": why, "conditions": CONDITIONS, "ways": WAYS}
    return page("secondhand_form.html", action=action, is_new=action == ALL, most=LIMITS, **told)
