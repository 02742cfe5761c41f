"""Secrets at rest, sealed under a key from SECRET_KEY: who reads the database alone reads nothing of them.

Each purpose has a key of its own, so that what is sealed for one is not opened as another.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken

from app.core.config import settings
from app.core.errors import Refused


def sealed(purpose: str, text: str) -> bytes:
    """The text, encrypted and signed (Fernet); another value each time."""
    return _box(settings.secret_key, purpose).encrypt(text.encode())


def opened(purpose: str, secret: bytes) -> str:
    """Raises Refused 409 where SECRET_KEY is another than when it was sealed."""
    try:
        return _box(settings.secret_key, purpose).decrypt(secret).decode()
    except InvalidToken:
        zh, en = "服务器密钥已更换，无法读取", "The server's key has changed: this cannot be read any more."
        raise Refused(409, "unreadable_secret", zh, en) from None


def digest_of(purpose: str, text: str) -> bytes:
    """The same for the same text, and nothing that can be guessed without the key: to find doubles by."""
    return hmac.new(_key(settings.secret_key, purpose), text.encode(), hashlib.sha256).digest()


@lru_cache(maxsize=16)
def _box(secret_key: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(secret_key, purpose)))


def _key(secret_key: str, purpose: str) -> bytes:
    return hmac.new(secret_key.encode(), f"sealing:{purpose}".encode(), hashlib.sha256).digest()
