"""Completions while somebody is typing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from search.answers import Completion
from search.elastic.fields import SEPARATOR


def body(typed: tuple[str, ...], limit: int) -> dict[str, Any]:
    """Asks for more than `limit`, since one text can be reached by several beginnings.

    The engine completes each document once in a field, so that topics have one of their own beside titles.
    """
    return {
        f"{field} {number}": {
            "prefix": key,
            "completion": {"field": field, "size": 4 * limit, "skip_duplicates": True},
        }
        for field in ("starts", "topic_starts")
        for number, key in enumerate(typed)
    }


def completions(suggested: dict[str, Any], limit: int, kind_of: Callable[[str], str]) -> tuple[Completion, ...]:
    """The distinct texts of an answer, heaviest first. `kind_of` tells the kind by the name of an index."""
    options = [option for part in suggested.values() for entry in part for option in entry["options"]]
    options.sort(key=_weight, reverse=True)
    found: dict[str, dict[tuple[str, UUID], None]] = {}
    for option in options:
        text = option["text"].partition(SEPARATOR)[2]
        found.setdefault(text, {})[kind_of(option["_index"]), UUID(option["_id"])] = None
    return tuple(Completion(text, tuple(carriers)) for text, carriers in list(found.items())[:limit])


def _weight(option: dict[str, Any]) -> float:
    return float(option["_score"])
