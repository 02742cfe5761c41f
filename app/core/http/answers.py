"""What goes out: JSON bytes, ready-made or from a schema, with an ETag on reads."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, request
from marshmallow import Schema


@dataclass(frozen=True, slots=True)
class Ready:
    """JSON bytes that are ready to send; they pass by the response schema (a test compares both)."""

    body: bytes


@dataclass(frozen=True, slots=True)
class With:
    """An answer with headers of its own."""

    value: Any
    headers: dict[str, str]


def body_of(value: Any, schema: Schema | None) -> bytes:
    """The JSON of what a view answered."""
    if isinstance(value, With):
        value = value.value
    if isinstance(value, Ready):
        return value.body
    if schema is None:
        return b""
    return orjson.dumps(schema.dump(value))


def headers_of(value: Any) -> dict[str, str]:
    return value.headers if isinstance(value, With) else {}


def respond(body: bytes, status: int, headers: dict[str, str]) -> Response:
    """A JSON response; a read gets an ETag and may answer 304."""
    is_read = request.method in {"GET", "HEAD"} and status == 200
    told = {"Cache-Control": "private, no-cache" if is_read else "no-store", **headers}
    kind = told.pop("Content-Type", "application/json")
    if is_read:
        told["ETag"] = f'W/"{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"'
    response = Response(body, status, told, content_type=kind)
    if status == 204:
        del response.headers["Content-Type"]
    if is_read and "HTTP_IF_NONE_MATCH" in request.environ:
        response.make_conditional(request)
    return response


def joined(items: list[bytes], next_cursor: str | None) -> Ready:
    """A page of ready-made items as {items, next}."""
    tail = orjson.dumps(next_cursor)
    return Ready(b'{"items":[' + b",".join(items) + b'],"next":' + tail + b"}")
