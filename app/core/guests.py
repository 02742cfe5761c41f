"""Guests: people who buy or look without signing in.

A guest token is random and signed, and its id is derived from it, so that a guest costs no row until he does something:
g.<22 characters>.<signature>. Who has the token is the guest.
"""

import hashlib
import hmac
import secrets
from uuid import UUID

from app.core.caller import GUEST, Caller, Ref
from app.core.config import settings

PREFIX = "g."


def new_guest_token() -> str:
    """A new token of 128 random bits."""
    body = f"{PREFIX}{secrets.token_urlsafe(16)}"
    return f"{body}.{_signature(body)}"


def guest_of(token: str) -> UUID | None:
    """The guest's id, None for a token that this server did not make."""
    body, _, signature = token.rpartition(".")
    if not body.startswith(PREFIX) or not token.isascii() or len(token) > 200:
        return None
    if not hmac.compare_digest(signature, _signature(body)):
        return None
    digest = bytearray(hashlib.sha256(body.encode()).digest()[:16])
    # RFC 9562, version 8 (made from a hash of our own); Python 3.11's UUID knows versions up to 5 only.
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def buyer_of(caller: Caller) -> tuple[Ref, str | None]:
    """Who buys, and the token of a guest who is one from now on: a stranger becomes a new one."""
    if caller.ref is not None:
        return caller.ref, None
    token = new_guest_token()
    guest_id = guest_of(token)
    if guest_id is None:
        raise LookupError("a new guest token holds nobody")
    return Ref(GUEST, guest_id), token


def _signature(body: str) -> str:
    return hmac.new(settings.secret_key.encode(), f"guest:{body}".encode(), hashlib.sha256).hexdigest()[:32]
