"""The form that a page was sent: its fields, its files, and its work, done or refused as one."""

from collections.abc import Callable
from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.datastructures import FileStorage

from app.core.db import db
from app.core.errors import Refused
from app.core.http.request import language
from app.core.texts import in_language


def form() -> dict[str, str]:
    """The fields of the form that was sent; of a repeated name the first."""
    return request.form.to_dict()


def files(name: str) -> list[FileStorage]:
    """The files of a form's field, without the empty one that a browser sends for none."""
    return [one for one in request.files.getlist(name) if one.filename]


def faults_of(work: Callable[[], object]) -> dict[str, Any] | None:
    """Do what a form asks for: None once it is done. Else what is wrong with its fields, in the visitor's language, and
    nothing of it is changed, though the page that then shows them is an answer like any other, and commits.

    Raises a refusal that is about no field: any but 422.
    """
    try:
        with db.session.begin_nested():
            work()
    except ValidationError as fault:
        return in_language(fault.messages_dict, language())
    except Refused as refused:
        if refused.status != 422:
            raise
        return in_language(refused.errors, language())
    return None
