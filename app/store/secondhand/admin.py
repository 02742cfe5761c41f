"""The moderators' page of words that may not stand in articles."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.paging import USUAL
from app.store.secondhand import actions, queries
from app.store.secondhand.models import LONGEST_WORD, PROHIBITED
from app.store.secondhand.schemas import WordIn

WORDS = "/admin/prohibited-words"
door = PageDoor("secondhand", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, WORDS, "禁售词", "Prohibited words", order=45)


@door.get(WORDS)
def show_words(caller: Caller) -> str:
    """What may not be sold second-hand."""
    return _page("", {})


@door.post(WORDS)
def prohibit(caller: Caller) -> AnyResponse:
    """Add a word; what is for sale with it is taken off."""
    faults = faults_of(lambda: actions.prohibit(caller, WordIn().load(form())["word"]))
    if faults is None:
        return go(WORDS)
    return once_more(_page(form().get("word", ""), faults))


@door.post(f"{WORDS}/<uuid:word_id>/removal")
def permit(caller: Caller, word_id: UUID) -> AnyResponse:
    """It may be sold again."""
    actions.permit(caller, word_id)
    return go(WORDS)


def _page(word: str, faults: dict[str, Any]) -> str:
    found, following = queries.added_words(USUAL, request.args.get("cursor"))
    told = {"words": found, "next": following, "always": PROHIBITED, "most": LONGEST_WORD}
    return page("secondhand_prohibited.html", **told, word=word, faults=faults)
