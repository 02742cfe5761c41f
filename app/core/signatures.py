"""Signed messages: `t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<raw body>")>`, good for five minutes."""

import hashlib
import hmac
import re

from app.core import clock

OLDEST_SECONDS = 300
_LONGEST_HEADER = 200
_SHAPE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


class BadSignature(Exception):
    """`reason`: "unsigned", "forged" or "too_old"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def signature(secret: str, body: bytes, stamp: int | None = None) -> str:
    """The header of `body`, signed now or at `stamp` (unix seconds)."""
    at = str(int(clock.now().timestamp()) if stamp is None else stamp)
    return f"t={at},v1={_mac(secret, at, body)}"


def check_signature(secret: str, header: str, body: bytes) -> None:
    """Raises BadSignature unless whoever knows the secret signed `body` within the last five minutes."""
    shape = _SHAPE.fullmatch(header) if len(header) <= _LONGEST_HEADER else None
    if shape is None:
        raise BadSignature("unsigned")
    if not hmac.compare_digest(shape[2], _mac(secret, shape[1], body)):
        raise BadSignature("forged")
    if abs(clock.now().timestamp() - int(shape[1])) > OLDEST_SECONDS:
        raise BadSignature("too_old")


def _mac(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
