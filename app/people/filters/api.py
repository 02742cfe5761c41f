"""Doors of filters: a person's own."""

from typing import Any

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.people.filters import actions, queries
from app.people.filters.schemas import HiddenWordsIn, HiddenWordsOut

door = Door("filters")


@door.get("/me/hidden-words", gives=HiddenWordsOut, who=PERSON)
def show_words(caller: Caller) -> dict[str, Any]:
    """The words of which the caller wants to be shown nothing in feeds and search."""
    return {"words": queries.words_of(caller.person)}


@door.put("/me/hidden-words", takes=HiddenWordsIn, gives=HiddenWordsOut)
def hide_words(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """These words, and no others, from now on."""
    actions.hide_words(caller.person, given["words"])
    return {"words": queries.words_of(caller.person)}
