"""Forms that bring pictures: read and cut before any transaction, since that takes seconds (a page's `before`)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import IO, Any, Generic, TypeVar

from marshmallow import Schema, ValidationError

from app.core.errors import Refused
from app.core.http.forms import files, form, said_by_field
from app.core.http.request import language

T = TypeVar("T")
Store = Callable[[Iterable[tuple[str, IO[bytes]]]], tuple[list[T], list[tuple[str, Refused]]]]
"""Keeps files (name, stream): answers what it made of the good ones, and why not of the others, by name."""


@dataclass
class Sent(Generic[T]):
    """What a form said, and its pictures; `faults` are texts by field."""

    given: dict[str, Any] = field(default_factory=dict)
    pictures: list[T] = field(default_factory=list)
    faults: dict[str, Any] = field(default_factory=dict)


def form_sent(schema: Schema, most: int, store: Store[T]) -> Sent[T]:
    """A form with at most so many pictures. Of a form with faults no picture is kept."""
    try:
        given = schema.load(form())
    except ValidationError as fault:
        return Sent(faults=said_by_field(fault.messages_dict))
    return pictures_sent(most, store, given)


def pictures_sent(most: int, store: Store[T], given: dict[str, Any] | None = None) -> Sent[T]:
    """The pictures of a form; `given`: what else it said."""
    sent = files("pictures")
    if len(sent) > most:
        said = f"At most {most} pictures." if language() == "en" else f"最多 {most} 张图片"
        return Sent(faults={"pictures": [said]})
    stored, refused = store((one.filename or "", one.stream) for one in sent)
    texts = [f"{name}: {refusal.text(language())}" for name, refusal in refused]
    return Sent(given or {}, stored, {"pictures": texts} if texts else {})
