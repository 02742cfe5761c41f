"""Pages of a shop's applications: how each stands, and the form of its papers."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.errors import missing
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import files, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.people.uploads.actions import StoredPicture, receive_picture, store_pictures
from app.store.onboarding import actions, queries
from app.store.onboarding.kinds import KINDS
from app.store.onboarding.kinds.base import Kind
from app.store.onboarding.models import LONGEST_NAME
from app.store.onboarding.queries import File
from app.store.onboarding.schemas import FilingForm
from app.store.shops.models import SETTINGS
from app.store.shops.queries import require_right, state_of

PAPERS = "/portal/shops/<uuid:shop_id>/papers"
FORM = f"{PAPERS}/<about>"
door = PageDoor("onboarding", __name__, who=PERSON)
menu.add(menu.SHOP, "/papers", "资质与认证", "Papers", order=70, right=SETTINGS)


@dataclass
class PapersSent:
    """The pictures of a form by the names of their fields, and what is wrong with the others."""

    pictures: dict[str, StoredPicture] = field(default_factory=dict)
    faults: dict[str, Any] = field(default_factory=dict)


@door.get(PAPERS)
def list_papers(caller: Caller, shop_id: UUID) -> str:
    """What the shop has applied for, and what it may apply for."""
    shop = require_right(shop_id, caller.person, SETTINGS)
    found = queries.files_of(shop_id)
    filed = {one.application.about for one in found}
    offered = [kind for about, kind in KINDS.items() if kind.has_name or about not in filed]
    return page("onboarding_papers.html", shop=shop, found=found, offered=offered, state=state_of(shop_id))


@door.get(FORM)
def show_form(caller: Caller, shop_id: UUID, about: str) -> str:
    """The form of one application, filled in with what is known."""
    return _form_page(caller, shop_id, about, request.args.get("name", "")[:LONGEST_NAME], {}, {})


def _papers_sent(_caller: Caller) -> PapersSent:
    """Cutting pictures takes up to seconds: it is done before the transaction opens."""
    sent = PapersSent()
    kind = KINDS.get(form().get("about", ""))
    for name in kind.pictures if kind else ():
        stored, refused = store_pictures((file.filename or "", file.stream) for file in files(name)[:1])
        if stored:
            sent.pictures[name] = stored[0]
        if refused:
            sent.faults[name] = [refused[0][1].text(language())]
    return sent


@door.post(FORM, before=_papers_sent, limit="upload")
def file_papers(caller: Caller, shop_id: UUID, about: str, prepared: PapersSent) -> AnyResponse:
    """Hand them in."""
    require_right(shop_id, caller.person, SETTINGS)
    _kind_or_missing(about)
    given = FilingForm().load({**form(), "about": about})

    def file() -> AnyResponse:
        known = {name: receive_picture(caller.person, one).id for name, one in prepared.pictures.items()}
        kind = KINDS[about]
        texts = {one.name: form().get(one.name, "") for one in kind.fields if one.name not in kind.pictures}
        answers = texts | {name: str(upload) for name, upload in known.items()}
        actions.file_application(caller, shop_id, about, given["name"], answers)
        return go(f"/portal/shops/{shop_id}/papers")

    def again(faults: dict[str, Any]) -> str:
        shown = {**faults, **faults.get("answers", {})}
        return _form_page(caller, shop_id, about, given["name"], form(), shown)

    return once_more(again(prepared.faults)) if prepared.faults else submitted(file, again)


def _form_page(
    caller: Caller, shop_id: UUID, about: str, name: str, filled: dict[str, str], faults: dict[str, Any]
) -> str:
    shop, kind = require_right(shop_id, caller.person, SETTINGS), _kind_or_missing(about)
    known = queries.application_of(shop_id, about, name)
    found: File | None = queries.file_or_missing(known.id) if known else None
    answers = {one.field.name: one for one in found.answers} if found else {}
    told = {"found": found, "answers": answers, "name": name, "most": LONGEST_NAME}
    return page("onboarding_form.html", shop=shop, kind=kind, filled=filled, faults=faults, **told)


def _kind_or_missing(about: str) -> Kind:
    if about not in KINDS:
        raise missing()
    return KINDS[about]
