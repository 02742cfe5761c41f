"""The form that a page was sent: its fields, its files, and its work, done or refused as one."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, redirect, request
from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from app.core.db import db
from app.core.errors import Refused
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
        return in_language(fault.messages_dict, language())
    except Refused as refused:
        if refused.status != 422 or not refused.errors:
            raise
        return in_language(refused.errors, language())
    return None


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
