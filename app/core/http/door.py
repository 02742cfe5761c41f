"""The door: how a room's view is put on HTTP. One order for all requests:

limit -> who asks -> body and query read -> transaction, idempotency key -> view -> answer -> commit -> response.

A GET runs on an autocommit connection; all else runs in one transaction that commits when the view returns and rolls
back when it raises. A view may run again after a deadlock, so it has no effect but on the database.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import structlog
from flask import Response
from flask_smorest import Blueprint
from marshmallow import Schema

from app.core import events_era
from app.core.auth import SECOND_FACTOR
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import begin_reading, in_one_transaction, in_transaction
from app.core.errors import Refused, forbidden, is_late
from app.core.http.answers import body_of, headers_of, respond
from app.core.http.describe import described
from app.core.http.limits import limited
from app.core.http.request import asked, caller, json_body, key_sent
from app.core.idempotency import Key, keep, kept_answer
from app.core.outside import Calls, Late, Wanted, in_time

log = structlog.get_logger("door")

PREFIX = "/api/v1"
LATER = 202
"""Accepted: what was asked for is on its way; kept under its key until what came of it is."""
ANYONE, PERSON, BUYER, MODERATOR, ADMIN = "anyone", "person", "buyer", "moderator", "admin"
View = Callable[..., Any]


@dataclass(frozen=True)
class Way:
    """How one door is declared; see Door.post."""

    method: str
    who: str | None
    takes: Schema | None
    asks: Schema | None
    gives: Schema | None
    status: int
    limit: str | None
    key: str
    file: bool
    then: Callable[[Any], Any] | None
    before: Callable[[Caller], Any] | None = None
    calls: Calls | None = None
    for_keys: bool | None = None
    joined: bool = False


class Door:
    """The JSON doors of one room: `door = Door("posts")` in its api.py, then `@door.get("/posts/<uuid:post_id>", ...)`.

    A view is called as view(caller, **path, given=<body>, asked=<query>); `given` and `asked` only if declared. A door
    with who=None never looks at the token, and its view gets no caller. `for_keys`: these doors, or one that says so
    itself, are work of shops: a shop's key may open them, with the rights of its role there. No key opens others but
    reads for ANYONE: it is no person who posts, buys or follows.
    """

    def __init__(self, name: str, *, for_keys: bool = False) -> None:
        self.blueprint = Blueprint(name, f"doors.{name}", url_prefix=PREFIX)
        self._for_keys = for_keys

    def get(
        self,
        path: str,
        *,
        gives: type[Schema] | None = None,
        asks: type[Schema] | None = None,
        who: str | None = ANYONE,
        limit: str | None = None,
        for_keys: bool | None = None,
    ) -> Callable[[View], View]:
        """A read. Answers 200 with an ETag."""
        way = Way("GET", who, None, _made(asks), _made(gives), 200, limit, "none", False, None, for_keys=for_keys)
        return self._declare(path, way)

    def post(
        self,
        path: str,
        *,
        takes: type[Schema] | None = None,
        gives: type[Schema] | None = None,
        who: str | None = PERSON,
        status: int = 201,
        limit: str | None = "write",
        key: str = "accepted",
        file: bool = False,
        then: Callable[[Any], Any] | None = None,
        before: Callable[[Caller], Any] | None = None,
        calls: Calls | None = None,
        for_keys: bool | None = None,
        joined: bool = False,
    ) -> Callable[[View], View]:
        """A write. `key`: "required", "accepted" or "none" (answers that hold secrets are not kept).

        `file`: a multipart form with a part named file, which the view reads. `then`: a second step, run in a
        transaction of its own with what the view answered; its result is the answer. `joined` (no key): in the view's,
        unless it fails. `before`: slow work of the processor, done once, where no transaction is open and no connection
        held; the view gets what it answered as `prepared`. `calls`: a call to the outside, made if the view answers
        Wanted: after its commit, without a connection, for 5 s at most; past that the answer is 202 with the row as it
        stands, and the same key asks on.
        """
        assert not joined or (key == "none" and then and not calls), "joined steps are of a door without keys and calls"
        body, answer = _made(takes), _made(gives)
        way = Way("POST", who, body, None, answer, status, limit, key, file, then, before, calls, for_keys, joined)
        return self._declare(path, way)

    def put(self, path: str, **named: Any) -> Callable[[View], View]:
        """A state that is set; may be sent again. Answers 204 unless it gives something."""
        return self._change("PUT", path, **named)

    def patch(self, path: str, **named: Any) -> Callable[[View], View]:
        """A change of some fields."""
        return self._change("PATCH", path, **named)

    def delete(self, path: str, **named: Any) -> Callable[[View], View]:
        """A state or thing that goes; may be sent again."""
        return self._change("DELETE", path, **named)

    def _change(
        self,
        method: str,
        path: str,
        *,
        takes: type[Schema] | None = None,
        gives: type[Schema] | None = None,
        who: str | None = PERSON,
        limit: str | None = "write",
        for_keys: bool | None = None,
    ) -> Callable[[View], View]:
        body, answer, status = _made(takes), _made(gives), 200 if gives else 204
        way = Way(method, who, body, None, answer, status, limit, "none", False, None, for_keys=for_keys)
        return self._declare(path, way)

    def _declare(self, path: str, way: Way) -> Callable[[View], View]:
        is_work = self._for_keys if way.for_keys is None else way.for_keys
        is_work = is_work and way.who not in {MODERATOR, ADMIN}
        way = replace(way, for_keys=is_work or (way.method == "GET" and way.who == ANYONE))

        def declare(view: View) -> View:
            name = f"{self.blueprint.name}.{view.__name__}"

            def enter(**path_values: Any) -> Response:
                return _enter(way, view, path_values, name)

            enter.__name__ = view.__name__
            enter.__doc__ = view.__doc__
            entered = limited(way.limit)(enter) if way.limit else enter
            shown = described(self.blueprint, way, entered)
            self.blueprint.route(path, methods=[way.method], endpoint=view.__name__)(shown)
            return view

        return declare


def _made(schema: type[Schema] | None) -> Schema | None:
    return schema() if schema else None


def _enter(way: Way, view: View, path_values: dict[str, Any], name: str) -> Response:
    asker = None if way.who is None else allowed(way.who, caller(), bool(way.for_keys))
    arguments = [asker] if asker is not None else []
    named = dict(path_values)
    if way.takes is not None:
        named["given"] = way.takes.load(json_body())
    if way.asks is not None:
        named["asked"] = asked(way.asks)
    if way.method == "GET":
        begin_reading()
        value = view(*arguments, **named)
        return respond(body_of(value, way.gives), way.status, headers_of(value))
    return _write(way, view, arguments, named, name)


def _write(way: Way, view: View, arguments: list[Caller], named: dict[str, Any], name: str) -> Response:
    events_era.ensure()
    key = key_sent(way.key, way.file, arguments[0] if arguments else None)
    headers: dict[str, str] = {}

    def first() -> Any:
        found = kept_answer(key) if key else None
        if found is not None:
            return _Kept(*found)
        value = view(*arguments, **_own(named))
        if isinstance(value, Wanted):
            return _Waiting(value.id, _finish(replace(way, status=LATER), key, value.value, headers))
        return value if way.then else _finish(way, key, value, headers)

    def second(value: Any) -> bytes:
        return _finish(way, key, way.then(value) if way.then else value, headers)

    if way.before:
        # What was answered before is not prepared again. That transaction ends, and gives back its connection.
        found = in_transaction(lambda: kept_answer(key) if key else None, name=f"{name}.before")
        if found is not None:
            return _replayed(*found)
        named["prepared"] = way.before(*arguments)
    joined = in_one_transaction(first, second, name) if way.joined else None
    if isinstance(joined, bytes):
        return respond(joined, way.status, headers)
    done = in_transaction(first, name=name)
    if joined is not None:
        _note_failed(joined, name)
    if isinstance(done, _Kept) and way.calls and done.status == LATER:
        done = _Waiting(UUID(orjson.loads(done.body)["id"]), done.body)
    if isinstance(done, _Kept):
        return _replayed(done.status, done.body)
    if isinstance(done, _Waiting):
        return _call(way, key, done, name)
    body = in_transaction(lambda: second(done), name=f"{name}.then") if way.then else done
    return respond(body, way.status, headers)


def _note_failed(error: Exception, name: str) -> None:
    """A joined second step failed; the first is done by itself now. The second is tried once more, unless it was late:
    then its error is raised, as whoever asks must not wait twice, and a sweep does the rest."""
    if is_late(error):
        raise error
    if not isinstance(error, Refused):
        log.warning("second_step_failed", door=name, exc_info=error)


def _call(way: Way, key: Key | None, waiting: "_Waiting", name: str) -> Response:
    """Between the two transactions of a door with `calls`, and the second of them."""
    assert way.calls is not None
    calls, headers = way.calls, dict[str, str]()

    def second(answer: Any) -> tuple[int, bytes]:
        value, found = calls.record(waiting.id, answer), way
        if isinstance(value, Wanted):
            value, found = value.value, replace(way, status=LATER)
        return found.status, _finish(found, key, value, headers, over=True)

    try:
        answer = in_time(calls.ask, waiting.id)
    except Late:
        return respond(waiting.body, LATER, headers)
    status, body = in_transaction(lambda: second(answer), name=f"{name}.called")
    return respond(body, status, headers)


def _replayed(status: int, body: bytes) -> Response:
    return respond(body, status, {"Idempotency-Replayed": "true"})


def _own(named: dict[str, Any]) -> dict[str, Any]:
    """A copy for each try: a view that takes something out of its body must find it again when it is repeated."""
    return {name: dict(value) if isinstance(value, dict) else value for name, value in named.items()}


@dataclass(frozen=True)
class _Kept:
    status: int
    body: bytes


@dataclass(frozen=True)
class _Waiting:
    """A row that wants a call, and how it stood when it was written (or when the first such answer was kept)."""

    id: UUID
    body: bytes


def _finish(way: Way, key: Key | None, value: Any, headers: dict[str, str], over: bool = False) -> bytes:
    """The answer's bytes, kept under the key in this transaction; `over` an earlier one, which said that it goes on."""
    body = body_of(value, way.gives)
    headers.update(headers_of(value))
    if key is not None:
        keep(key, way.status, body, over)
    return body


def allowed(who: str, asker: Caller, for_keys: bool = False) -> Caller:
    """The caller, if he may use a door for `who`, a shop's key if it is `for_keys` too. Raises Refused 401 or 403."""
    if asker.shop_id is not None and not for_keys:
        raise Refused(403, "not_for_keys", "店铺密钥不能这样做", "A shop's key may not do this.")
    if who == ANYONE:
        return asker
    if asker.ref is None or (who != BUYER and asker.person_id is None):
        raise Refused(401, "sign_in", "请先登录", "Sign in first.")
    if who in {MODERATOR, ADMIN} and not (asker.has(who) or asker.has(ADMIN)):
        raise forbidden()
    if who in {MODERATOR, ADMIN} and settings.is_production and not asker.has(SECOND_FACTOR):
        zh = "请先在管理后台开启两步验证，再用动态码登录"
        en = "Set up a second factor at /admin, then sign in with its code."
        raise Refused(403, "second_factor", zh, en)
    return asker
