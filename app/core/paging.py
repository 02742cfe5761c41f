"""Pages: `{items, next}` with a signed cursor that carries the place to go on from; an altered one is refused (400)."""

from collections.abc import Sequence
from typing import Any

import orjson
from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from app.core.config import settings
from app.core.errors import Refused

MOST = 50
USUAL = 20


def cursor(scope: str, values: Sequence[Any]) -> str:
    """An opaque cursor of the list `scope` (a list and its filters), carrying JSON values."""
    return _signer(scope).sign(base64_encode(orjson.dumps(list(values)))).decode()


def values_of(scope: str, text: str | None) -> list[Any] | None:
    """What a cursor of this list carries; None without one. Raises Refused 400 for any other text."""
    if text is None or text == "":
        return None
    try:
        found = orjson.loads(base64_decode(_signer(scope).unsign(text)))
    except (BadData, ValueError):
        found = None
    # The last letters of base64 may be altered without altering the bytes: only our own spelling counts.
    if not isinstance(found, list) or cursor(scope, found) != text:
        zh, en = "翻页标记无效，请从第一页开始", "This cursor is not valid: start from page one."
        raise Refused(400, "bad_cursor", zh, en)
    return found


def _signer(scope: str) -> Signer:
    """Not the library's URLSafeSerializer: that tries to compress each text, which takes longer than all the rest."""
    return Signer(settings.secret_key, salt=f"cursor:{scope}")
