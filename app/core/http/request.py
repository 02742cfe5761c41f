"""What comes in: who asks, in which language, with which body, under which key."""

from functools import cache, lru_cache
from typing import Any

import orjson
from flask import g, request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.core.auth import Who, who_holds
from app.core.caller import Caller
from app.core.errors import Refused
from app.core.guests import PREFIX, guest_of
from app.core.idempotency import Key, check_form
from app.core.ids import new_id

LARGEST_JSON = 1 << 20
_LANGUAGES = ["zh", "en"]
LANGUAGE = "language"
"""The cookie of the language that a browser chose by hand."""


def request_id() -> str:
    """The id of this request: the client's X-Request-Id if it is a plain one, else our own."""
    found = g.get("request_id")
    if found is None:
        given = request.headers.get("X-Request-Id", "")
        plain = 8 <= len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum()
        found = g.request_id = given if plain else str(new_id())
    return str(found)


def language() -> str:
    """ "zh" or "en": what a browser chose by hand, else by Accept-Language; Chinese if that says neither."""
    # What is not there is not read: without cookies, and with a header seen before, this is a look into a dict.
    chosen = request.cookies.get(LANGUAGE) if "HTTP_COOKIE" in request.environ else None
    if chosen in _LANGUAGES:
        return chosen
    return _spoken(request.environ.get("HTTP_ACCEPT_LANGUAGE", ""))


@lru_cache(maxsize=512)
def _spoken(accepted: str) -> str:
    """The first of our languages in an Accept-Language header; Chinese if there is none."""
    tags = [tag.lower().split("-")[0] for tag, _ in parse_accept_header(accepted, LanguageAccept)]
    return next((tag for tag in tags if tag in _LANGUAGES), "zh")


def device() -> str:
    """What the client calls its device, else its User-Agent; at most 200 characters."""
    return (request.headers.get("Device-Id") or request.headers.get("User-Agent") or "")[:200]


def caller() -> Caller:
    """Who asks. Raises Refused 401 for a token that holds nobody; no token at all is a stranger."""
    found: Caller | None = g.get("caller")
    if found is None:
        found = g.caller = _caller_of(_who(_bearer()))
    return found


def caller_of_page(token: str) -> Caller:
    """Who opens a page, from the token of his cookie; a bad one is a stranger."""
    found = g.caller = _caller_of(_known(token) or Who())
    return found


def _caller_of(who: Who) -> Caller:
    return Caller(
        person_id=who.person_id,
        guest_id=who.guest_id,
        session_id=who.session_id,
        shop_id=who.shop_id,
        scopes=who.scopes,
        device=device(),
        ip=request.remote_addr or "",
        request_id=request_id(),
        language=language(),
    )


def _bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _who(token: str) -> Who:
    if not token:
        return Who()
    found = _known(token)
    if found is None:
        raise Refused(401, "bad_token", "登录已失效，请重新登录", "This token is not valid any more: sign in again.")
    return found


def _known(token: str) -> Who | None:
    if token.startswith(PREFIX):
        guest = guest_of(token)
        return Who(guest_id=guest) if guest else None
    return who_holds(token) if token else None


def json_body() -> Any:
    """The JSON body, {} where there is none. Raises Refused 400, 413 or 415."""
    request.max_content_length = LARGEST_JSON
    raw = request.get_data(cache=True)
    if not raw:
        return {}
    if request.mimetype != "application/json":
        raise Refused(415, "not_json", "请求体须为 application/json", "The body must be application/json.")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(400, "unreadable", "JSON 无法解析", "The body is not readable JSON.") from None


def asked(schema: Schema) -> dict[str, Any]:
    """The query, read by its schema. Raises ValidationError."""
    return dict(_unasked(schema)) if not request.query_string else dict(schema.load(_query()))


@cache
def _unasked(asks: Schema) -> dict[str, Any]:
    """What a door gets where nothing is asked, as on each first page. Raises ValidationError as that would."""
    found: dict[str, Any] = asks.load({})
    return found


def _query() -> dict[str, str]:
    """The query; of a repeated name the first. Raises ValidationError for one that is not UTF-8."""
    found = request.args.to_dict()
    for name, value in found.items():
        if "\ufffd" in value and "%EF%BF%BD" not in request.query_string.decode("ascii", "replace").upper():
            raise ValidationError({name: ["Not a valid string."]})
    return found


def key_sent(wanted: str, is_file: bool, asker: Caller | None) -> Key | None:
    """The Idempotency-Key of this request at a door that says so of keys ("required", "accepted", "none"), with what
    else must be the same when it is sent again. Raises Refused 400 where it lacks."""
    text = request.headers.get("Idempotency-Key")
    if wanted == "none":
        return None
    if text is None:
        if wanted == "required":
            zh, en = "此请求须带 Idempotency-Key", "This request needs an Idempotency-Key header."
            raise Refused(400, "key_required", zh, en)
        return None
    check_form(text)
    if asker is None or asker.ref is None:
        return None  # a stranger's key could be another stranger's too
    who = f"{asker.ref.kind}:{asker.ref.id}"
    return Key(who, request.method, request.path, text, _canonical_body(is_file))


def _canonical_body(is_file: bool) -> bytes:
    if is_file:
        sent = request.files.get("file")
        body = sent.stream.read() if sent else b""
        if sent:
            sent.stream.seek(0)
        return body
    try:
        return orjson.dumps(json_body(), option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise Refused(400, "unreadable", "JSON 嵌套过深或数字过大", "This JSON nests too deep.") from None
