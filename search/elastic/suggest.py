"""Completions while somebody is typing."""

from typing import Any

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


def texts(suggested: dict[str, Any], limit: int) -> tuple[str, ...]:
    """The distinct texts of an answer, heaviest first."""
    options = [option for part in suggested.values() for entry in part for option in entry["options"]]
    options.sort(key=_weight, reverse=True)
    return tuple(dict.fromkeys(option["text"].partition(SEPARATOR)[2] for option in options))[:limit]


def _weight(option: dict[str, Any]) -> float:
    return float(option["_score"])
