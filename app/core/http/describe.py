"""The OpenAPI text of a door, from its declaration."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask_smorest import Blueprint

from app.core.http.problems import Problem

if TYPE_CHECKING:
    from app.core.http.door import Way

PROBLEM_TYPE = "application/problem+json"
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "The same request sent again with the same key is done once and answered the same for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def described(blueprint: Blueprint, way: "Way", view: Callable[..., Any]) -> Callable[..., Any]:
    """`view` with its documentation attached, as flask-smorest reads it."""
    doc: dict[str, Any] = {"responses": _responses(way)}
    parameters = _parameters(way)
    if parameters:
        doc["parameters"] = parameters
    if way.takes is not None:
        is_needed = any(field.required for field in way.takes.fields.values())  # json_body() reads no body as {}
        doc["requestBody"] = {"required": is_needed, "content": {"application/json": {"schema": way.takes}}}
    if way.file:
        doc["requestBody"] = _FILE
    if way.who is not None:
        doc["security"] = [{"bearer": []}] if way.who != "anyone" else [{"bearer": []}, {}]
    documented: Callable[..., Any] = blueprint.doc(**doc)(view)
    return documented


_FILE = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
            }
        }
    },
}


def _responses(way: "Way") -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done"}
    if way.gives is not None:
        done["content"] = {"application/json": {"schema": way.gives}}
    found: dict[str, Any] = {str(way.status): done}
    if way.calls is not None:
        found["202"] = {**done, "description": "Not answered yet: ask again with the same key"}
    if way.method == "GET":
        found["304"] = {"description": "Not modified"}
    found["4XX"] = _problem("Refused")
    found["default"] = _problem("Failed")
    return found


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM_TYPE: {"schema": Problem}}}


def _parameters(way: "Way") -> list[Any]:
    found: list[Any] = []
    if way.asks is not None:
        found.append({"in": "query", "schema": way.asks})
    if way.key != "none":
        found.append({**_KEY, "required": way.key == "required"})
    return found
