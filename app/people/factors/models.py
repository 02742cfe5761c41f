"""The secret that a person's device shares with us, kept encrypted, and what keeps its codes from being guessed."""

import base64
import hashlib
import hmac
from datetime import datetime
from uuid import UUID

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import audit
from app.core.config import settings
from app.core.db import Model
from app.core.errors import Refused, refuse_on

STEP_SECONDS = 30
TOLERATED = (0, -1, 1)
"""Steps beside the present one whose codes count too, for clocks that differ (RFC 6238, section 5.2)."""
ISSUER = "Community"
SET_UP = audit.act("second_factor_set_up", "开启两步验证", "set up a second factor")


class SecondFactor(Model):
    """A person who proves himself twice at each sign-in.

    `last_step`: the time step of the last code that counted; none counts twice (RFC 6238, section 5.2). `tries`: wrong
    codes since then; from MOST_TRIES on each one locks for longer.
    """

    __tablename__ = "factors_totp"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    since: Mapped[datetime] = mapped_column(server_default=func.now())


MOST_TRIES, LONGEST_LOCK_MINUTES = 5, 60


def lock_minutes(tries: int) -> int:
    """For how long a person is locked out after so many wrong codes in a row: 0, then 1, 2, 4 ... 60."""
    return min(2 ** (tries - MOST_TRIES), LONGEST_LOCK_MINUTES) if tries >= MOST_TRIES else 0


def offered_secret(session_id: UUID) -> str:
    """The secret (160 bits, base32) that is offered in this session: always the same, and nobody else can tell it."""
    mac = hmac.new(settings.secret_key.encode(), f"totp:{session_id}".encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:20]).decode()


def address_of(secret: str, username: str) -> str:
    """What an authenticator app reads from a QR code ("otpauth://...")."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, None if it is none of those that count at `now`."""
    totp, present = pyotp.TOTP(secret, interval=STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    for offset in TOLERATED:
        right = totp.at((present + offset) * STEP_SECONDS)
        if hmac.compare_digest(right.encode(), code.strip().encode()):
            return present + offset
    return None


def sealed(secret: str) -> bytes:
    """Encrypted under SECRET_KEY: who reads the database alone cannot make codes."""
    return _box().encrypt(secret.encode())


def opened(secret: bytes) -> str:
    """Raises Refused 409 where SECRET_KEY is another than when it was sealed."""
    try:
        return _box().decrypt(secret).decode()
    except InvalidToken:
        zh, en = (
            "服务器密钥已更换，请管理员重置两步验证",
            "The server's key has changed: have your second factor reset.",
        )
        raise Refused(409, "second_factor_unreadable", zh, en) from None


def _box() -> Fernet:
    key = hmac.new(settings.secret_key.encode(), b"second factors", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


refuse_on("pk_factors_totp", 409, "has_second_factor", "已开启两步验证", "There is a second factor already.")
