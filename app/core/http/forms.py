"""The form that a page was sent: its fields, its files, and its work, done or refused as one."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, TypeVar

from flask import Response, redirect, request
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from app.core.db import db
from app.core.errors import Refused, refusal_of
from app.core.http.request import language
from app.core.texts import in_language

T = TypeVar("T")


def form() -> dict[str, str]:
    """The fields of the form that was sent; of a repeated name the first."""
    return request.form.to_dict()


def files(name: str) -> list[FileStorage]:
    """The files of a form's field, without the empty one that a browser sends for none."""
    return [one for one in request.files.getlist(name) if one.filename]


def faults_of(work: Callable[[], object]) -> dict[str, Any] | None:
    """Do what a form asks for: None once it is done. Else what is wrong with its fields, in the visitor's language, and
    nothing of it is changed, though the page that then shows them is an answer like any other, and commits.

    Raises a refusal that is about no field.
    """
    try:
        with db.session.begin_nested():
            work()
    except ValidationError as fault:
        return said_by_field(fault.messages_dict)
    except Refused as refused:
        if refused.status != 422 or not refused.errors:
            raise
        return said_by_field(refused.errors)
    except IntegrityError as error:  # what must be unique is guarded by the database alone
        found = refusal_of(error)
        if found is None or not found.errors:
            raise
        return said_by_field(found.errors)
    return None


def said_by_field(faults: Mapping[str, Any]) -> dict[str, Any]:
    """What is wrong with a form, by field, in the visitor's language. What is wrong with items of a list is said of the
    list: nobody sees their numbers."""
    return {name: _of_list(one) for name, one in in_language(faults, language()).items()}


def _of_list(fault: Any) -> Any:
    if not isinstance(fault, Mapping) or not all(name.isdigit() for name in fault):
        return fault
    texts = list(fault.values())
    return list(dict.fromkeys(chain.from_iterable(texts))) if all(isinstance(one, list) for one in texts) else fault


def submitted(
    work: Callable[[], T], again: Callable[[dict[str, Any]], str], moved: str | None = None
) -> T | AnyResponse:
    """What a form's work answers, mostly where the browser goes on. If the form has faults (`faults_of`), nothing is
    changed, and `again(faults)` is its page once more. `moved`: where to go if what it asks for does not stand open any
    more (a refusal "wrong_state"): its button was pressed twice, or somebody else was first."""
    answers: list[T] = []
    try:
        faults = faults_of(lambda: answers.append(work()))
    except Refused as refused:
        if moved is None or refused.code != "wrong_state":
            raise
        return redirect(moved, code=303)
    return answers[0] if faults is None else once_more(again(faults))


def once_more(shown: str) -> Response:
    """The page of a form that has faults."""
    return Response(shown, 422, mimetype="text/html")
