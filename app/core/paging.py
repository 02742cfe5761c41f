"""Pages: `{items, next}` with a signed cursor that carries the place to go on from; an altered one is refused (400)."""

from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from app.core.config import settings
from app.core.errors import Refused

MOST = 50
USUAL = 20


def cursor(scope: str, values: Sequence[Any]) -> str:
    """An opaque cursor of the list `scope` (a list and its filters), carrying JSON values."""
    return _serializer(scope).dumps(list(values))


def values_of(scope: str, text: str | None) -> list[Any] | None:
    """What a cursor of this list carries; None without one. Raises Refused 400 for any other text."""
    if text is None or text == "":
        return None
    try:
        found = _serializer(scope).loads(text)
    except (BadData, ValueError):
        found = None
    # The last letters of base64 may be altered without altering the bytes: only our own spelling counts.
    if not isinstance(found, list) or cursor(scope, found) != text:
        zh, en = "翻页标记无效,请从第一页开始", "This cursor is not valid: start from page one."
        raise Refused(400, "bad_cursor", zh, en)
    return found


def _serializer(scope: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=f"cursor:{scope}")
