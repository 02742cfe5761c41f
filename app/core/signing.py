"""Addresses that open something for whoever has them, for a while: `?e=<unix seconds>&s=<signature>`."""

import hashlib
import hmac

from app.core import clock
from app.core.config import settings
from app.core.errors import missing


def signed_path(path: str, seconds: int) -> str:
    """The path with a signature that holds for so many seconds."""
    expires = int(clock.now().timestamp()) + seconds
    return f"{path}?e={expires}&s={_signature(path, expires)}"


def require_signed(path: str, expires: str, signature: str) -> None:
    """Raises Refused 404 unless this signature opens the path now."""
    is_number = expires.isascii() and expires.isdigit() and len(expires) <= 12
    if not is_number or int(expires) <= clock.now().timestamp():
        raise missing()
    if not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), _signature(path, int(expires)).encode()):
        raise missing()


def _signature(path: str, expires: int) -> str:
    return hmac.new(settings.secret_key.encode(), f"path:{path}:{expires}".encode(), hashlib.sha256).hexdigest()[:32]
