"""Pages of writing: words first, then pictures, then goods where one points on a picture. No script: an image button
sends where it was pressed."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.community.authoring import actions, queries
from app.community.authoring.schemas import (
    PUBLISH,
    NewPostQuery,
    PicturesQuery,
    PlaceQuery,
    PostForm,
    TagForm,
    VisibilityForm,
    WordsForm,
)
from app.community.posts.actions import delete_post as delete
from app.community.posts.models import REVIEW, Post
from app.community.posts.schemas import LONGEST_BODY, LONGEST_TITLE, MOST_UPLOADS
from app.community.tags.queries import tags_of
from app.community.topics.queries import topics_of
from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.sent import Sent, form_sent, pictures_sent
from app.core.ids import new_id
from app.people.uploads.actions import StoredPicture, store_pictures
from app.people.uploads.queries import picture, uploads_by_id
from app.store.catalogue.queries import product_briefs

WIDTH = 320
"""The width of a picture to point at, in CSS pixels: known here, so that a place on it is, and fits a phone of 360."""
MOST = {"title": LONGEST_TITLE, "body": LONGEST_BODY, "pictures": MOST_UPLOADS}

door = PageDoor("authoring", __name__, who=PERSON)


@door.get("/portal/posts/new", limit="search")
def new_post(caller: Caller) -> str:
    """A new note or review; for a review the goods are chosen first."""
    asked = NewPostQuery().load(request.args.to_dict())
    card = queries.card_of(asked["product_id"]) if asked["product_id"] else None
    if asked["kind"] == REVIEW and card is None:
        found = _goods(caller, asked["q"])
        return page("authoring_review.html", goods=found, q=asked["q"])
    return _new_page(asked["kind"], card, {}, {})


def _post_sent(_caller: Caller) -> Sent[StoredPicture]:
    return form_sent(PostForm(), MOST_UPLOADS, store_pictures)


@door.post("/portal/posts", before=_post_sent, limit="upload")
def write_post(caller: Caller, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Write it: public at once, or a draft, which goes on to its pictures."""
    given = dict(prepared.given)
    if prepared.faults:
        filled = form()
        card = _card_of(filled.get("product_id", ""))
        kind = REVIEW if filled.get("kind") == REVIEW else "note"
        return once_more(_new_page(kind, card, filled, prepared.faults))
    is_public = given.pop("then") == PUBLISH
    post_id = actions.write_post(caller, **given, is_public=is_public, pictures=prepared.pictures)
    return go(f"/portal/posts/{post_id}" if is_public else f"/portal/posts/{post_id}/pictures")


@door.get("/portal/posts/<uuid:post_id>/words")
def show_words(caller: Caller, post_id: UUID) -> str:
    """Title, text and topics of a post, to be changed."""
    post = queries.own_post(caller.person, post_id)
    topics = " ".join(" ".join(f"#{name}" for _, name in topics_of([post_id])).splitlines())
    filled = {"title": post.title, "body": post.body, "topics": topics, "shown_topics": topics}
    return _words_page(post, filled, {})


@door.post("/portal/posts/<uuid:post_id>/words")
def change_words(caller: Caller, post_id: UUID) -> AnyResponse:
    """Change them."""
    post = queries.own_post(caller.person, post_id)
    faults = faults_of(lambda: actions.change_post(caller, post_id, WordsForm().load(form())))
    return go(f"/portal/posts/{post_id}") if faults is None else once_more(_words_page(post, form(), faults))


@door.post("/portal/posts/<uuid:post_id>/visibility")
def change_visibility(caller: Caller, post_id: UUID) -> AnyResponse:
    """Publish a post, or keep it to oneself."""
    actions.change_post(caller, post_id, VisibilityForm().load(form()))
    return go(f"/portal/posts/{post_id}")


@door.get("/portal/posts/<uuid:post_id>/deletion")
def ask_deletion(caller: Caller, post_id: UUID) -> str:
    """Really?"""
    return page("authoring_delete.html", **_head(queries.own_post(caller.person, post_id)))


@door.post("/portal/posts/<uuid:post_id>/deletion")
def delete_post(caller: Caller, post_id: UUID) -> AnyResponse:
    """Delete a post for good; its links sell on."""
    queries.own_post(caller.person, post_id)
    delete(caller, post_id)
    return go("/portal/posts")


@door.get("/portal/posts/<uuid:post_id>/pictures")
def show_pictures(caller: Caller, post_id: UUID) -> str:
    """The pictures of a post, one of them large, to point at; and all goods tagged in it."""
    asked = PicturesQuery().load(request.args.to_dict())
    return _pictures_page(queries.own_post(caller.person, post_id), asked["picture"], {})


def _pictures_sent(_caller: Caller) -> Sent[StoredPicture]:
    return pictures_sent(MOST_UPLOADS, store_pictures)


@door.post("/portal/posts/<uuid:post_id>/pictures", before=_pictures_sent, limit="upload")
def add_pictures(caller: Caller, post_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Add pictures to a post."""
    post = queries.own_post(caller.person, post_id)
    if prepared.faults:
        return once_more(_pictures_page(post, 0, prepared.faults))
    first = len(post.pictures)
    actions.add_pictures(caller, post_id, prepared.pictures)
    return _to_picture(post_id, first if prepared.pictures else 0)


@door.post("/portal/posts/<uuid:post_id>/pictures/<uuid:upload_id>/removal")
def remove_picture(caller: Caller, post_id: UUID, upload_id: UUID) -> AnyResponse:
    """Take a picture out of a post; its goods stay, without a place."""
    actions.remove_picture(caller, post_id, upload_id)
    return _to_picture(post_id, 0)


@door.post("/portal/posts/<uuid:post_id>/pictures/<uuid:upload_id>/cover")
def show_first(caller: Caller, post_id: UUID, upload_id: UUID) -> AnyResponse:
    """Make a picture the cover."""
    actions.show_first(caller, post_id, upload_id)
    return _to_picture(post_id, 0)


@door.get("/portal/posts/<uuid:post_id>/tags/new", limit="search")
def choose_goods(caller: Caller, post_id: UUID) -> str:
    """Which goods stand at the place that was pointed at?"""
    post = queries.own_post(caller.person, post_id)
    asked = PlaceQuery().load(request.args.to_dict())
    shown = _large(post, asked["picture"])
    if post.kind == REVIEW:
        found = [card for card in (queries.card_of(tag.product_id) for tag in tags_of([post_id])[post_id][:1]) if card]
    else:
        found = _goods(caller, asked["q"])
    place = _percent(asked, shown["height"] if shown else WIDTH)
    return page("authoring_goods.html", **_head(post), goods=found, q=asked["q"], shown=shown, place=place)


@door.post("/portal/posts/<uuid:post_id>/tags")
def tag_goods(caller: Caller, post_id: UUID) -> AnyResponse:
    """Tag goods, there or nowhere on the picture."""
    given = TagForm().load(form())
    at = (given["picture"], given["left"], given["top"])
    place = None if None in at else (at[0], at[1] / 100, at[2] / 100)
    actions.tag_goods(caller, post_id, given["product_id"], place)
    return _to_picture(post_id, given["picture"] or 0)


@door.post("/portal/posts/<uuid:post_id>/tags/<uuid:tag_id>/removal")
def remove_tag(caller: Caller, post_id: UUID, tag_id: UUID) -> AnyResponse:
    """Take a tag off."""
    actions.remove_tag(caller, post_id, tag_id)
    return _to_picture(post_id, PicturesQuery().load(form())["picture"])


def _new_page(kind: str, card: dict[str, Any] | None, filled: dict[str, str], faults: dict[str, Any]) -> str:
    """`post_id`: once for each form, kept while it is filled in."""
    post_id = new_id() if "id" in faults else filled.get("id", new_id())
    shown = {"kind": kind, "card": card, "filled": filled, "faults": faults, "post_id": post_id}
    return page("authoring_new.html", **shown, most=MOST)


def _to_picture(post_id: UUID, place: int) -> AnyResponse:
    return go(f"/portal/posts/{post_id}/pictures?picture={place}")


def _words_page(post: Post, filled: dict[str, str], faults: dict[str, Any]) -> str:
    return page("authoring_words.html", **_head(post), filled=filled, faults=faults, most=MOST)


def _pictures_page(post: Post, place: int, faults: dict[str, Any]) -> str:
    tags = tags_of([post.id])[post.id]
    titles = {one.id: one.title for one in product_briefs({tag.product_id for tag in tags}).values()}
    thumbs = [{"id": one.id, **picture(one, "thumb", signed=True)} for one in _uploads(post)]
    shown = {"shown": _large(post, min(place, max(len(thumbs) - 1, 0))), "thumbs": thumbs}
    return page("authoring_pictures.html", **_head(post), **shown, tags=tags, titles=titles, faults=faults, most=MOST)


def _head(post: Post) -> dict[str, Any]:
    """What stands above all pages of a post."""
    reason = queries.reason_of(post.id)
    return {"post": post, "state": queries.state_of(post, reason), "reason": reason}


def _uploads(post: Post) -> list[Any]:
    found = uploads_by_id(post.pictures)
    return [found[one] for one in post.pictures if one in found]


def _large(post: Post, place: int | None) -> dict[str, Any] | None:
    """A picture of the post as wide as it is pointed at; None where there is no such picture."""
    uploads = _uploads(post)
    if place is None or place >= len(uploads):
        return None
    shown = picture(uploads[place], "card", signed=True)
    return {
        "place": place,
        "url": shown["url"],
        "width": WIDTH,
        "height": max(1, round(WIDTH * shown["height"] / shown["width"])),
    }


def _percent(asked: dict[str, Any], height: int) -> tuple[float | None, float | None]:
    """(left, top) in percent: as they were given, or as the picture was pressed; (None, None) for a key."""
    if asked["left"] is not None or asked["top"] is not None:
        return asked["left"], asked["top"]
    x, y = asked["x"] or 0, asked["y"] or 0
    if (x, y) == (0, 0):
        return None, None
    return min(round(100 * x / WIDTH, 1), 100.0), min(round(100 * y / height, 1), 100.0)


def _goods(caller: Caller, words: str) -> list[dict[str, Any]]:
    """Cards of goods to choose from."""
    return queries.goods_found(caller.person, words) if words else queries.usual_goods(caller.person)


def _card_of(text: str) -> dict[str, Any] | None:
    """The card of the goods that a faulty form names."""
    try:
        return queries.card_of(UUID(text))
    except ValueError:
        return None
