"""People, their roles, sessions and tokens; what a username, a nickname and a password may be.

Passwords: argon2id with the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).
"""

import base64
import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core import auth
from app.core.config import settings
from app.core.db import Model
from app.core.errors import Refused, bad_field, refuse_on
from app.core.ids import new_id

ROLES = ("kol", "moderator", "admin")
BADGES = ("kol",)
"""Roles that everybody sees."""
SHORTEST_NAME, LONGEST_NAME = 3, 30
LONGEST_NICKNAME, LONGEST_BIO = 40, 500
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")

_KEY = "uq_accounts_people_username_key"
refuse_on(_KEY, 409, "username_taken", "用户名已被使用", "This username is taken.", "username")


class Keep(Enum):
    """Says that a field stays as it is, where None means that it becomes empty."""

    AS_IS = 1


class Person(Model):
    """Somebody with an account."""

    __tablename__ = "accounts_people"
    __table_args__ = (
        Index("ix_accounts_people_created", "created_at", "id"),
        *(
            Index(f"ix_accounts_people_{one}_beginning", one, postgresql_ops={one: "text_pattern_ops"})
            for one in ("username_key", "nickname")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str]
    username_key: Mapped[str] = mapped_column(unique=True)
    nickname: Mapped[str]
    bio: Mapped[str] = mapped_column(server_default="")
    avatar_id: Mapped[UUID | None] = mapped_column(ForeignKey("uploads_uploads.id"))
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Role(Model):
    """What a person may do beyond others."""

    __tablename__ = "accounts_roles"
    __table_args__ = (CheckConstraint("role IN ('kol', 'moderator', 'admin')", name="role"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Session(Model):
    """One sign-in on one device, and the family of all tokens that came of it. It lives until `expires_at` or its end.

    `access_hash` is of the one access token that is good now, `access_used_at` when it was first used; `device` is the
    one that signed in or refreshed last; `proven_at` when a second factor was given.
    """

    __tablename__ = "accounts_sessions"
    __table_args__ = (
        Index("ix_accounts_sessions_person", "person_id"),
        Index("ix_accounts_sessions_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    device: Mapped[str]
    access_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    access_expires_at: Mapped[datetime]
    access_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    proven_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Signed:
    """A person who is signed in, with his tokens. `expires_in`: seconds for which the access token is good. A browser
    gets no refresh token: ""."""

    person: Person
    access_token: str
    refresh_token: str
    expires_in: int


def token_after(refresh_token: str, person_id: UUID, use: str) -> str:
    """The "access" or "refresh" token that follows a refresh token: nobody can tell it who has not both that token and
    SECRET_KEY."""
    mac = hmac.new(settings.secret_key.encode(), f"{use}-after:{refresh_token}".encode(), hashlib.sha256).digest()
    return auth.bucket_of(person_id) + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


class RefreshToken(Model):
    """A refresh token, of which only the hash is known. Once replaced it is kept, so that its re-use is noticed."""

    __tablename__ = "accounts_refresh_tokens"
    __table_args__ = (
        Index("ix_accounts_refresh_tokens_session", "session_id"),
        Index("ix_accounts_refresh_tokens_expiry", "expires_at"),
    )

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_sessions.id", ondelete="CASCADE"))
    replaced_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class Suspension(Model):
    """A person who may not sign in, and whose tokens hold nobody. `by_id` is None for a command on the server."""

    __tablename__ = "accounts_suspensions"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    by_id: Mapped[UUID | None]
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def key_of(username: str) -> str:
    """The form under which a username is unique: NFKC, case folded, NFKC again (Unicode 3.13, toNFKC_Casefold)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


def is_username(text: str) -> bool:
    """3 to 30 letters of any script, digits, and _ - . ; also in NFKC form, where one letter may become eighteen."""
    plain = unicodedata.normalize("NFKC", text)
    return all(SHORTEST_NAME <= len(one) <= LONGEST_NAME and all(map(_is_in_names, one)) for one in (text, plain))


def tidy_nickname(text: str) -> str:
    """White space at the ends gone, runs of it (line ends too) made one space."""
    return " ".join(text.split())


def is_nickname(text: str) -> bool:
    """1 to 40 characters of which one can be seen, and none turns the direction of what stands around it."""
    turning = any(unicodedata.bidirectional(one) in {"LRO", "RLO", "LRE", "RLE", "LRI", "RLI", "FSI"} for one in text)
    seen = any(unicodedata.category(one)[0] not in "CZM" and one not in _INVISIBLE_LETTERS for one in text)
    return 1 <= len(text) <= LONGEST_NICKNAME and seen and not turning and not any(map(_is_control, text))


def fit_nickname(text: str) -> str:
    """The nickname, tidied. Raises Refused 422 for one that cannot be."""
    nickname = tidy_nickname(text)
    if not is_nickname(nickname):
        raise bad_field("nickname", "须为 1 到 40 个可见字符", "Must be 1 to 40 characters that can be seen.")
    return nickname


def hash_of_password(password: str) -> str:
    """About 20 ms of one core."""
    return _hasher.hash(password)


@cache
def hash_of_nobody() -> str:
    """What the password of an unknown username is compared with: the same work as for a known one."""
    return hash_of_password("the password of nobody")


def is_password(right_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(right_hash, password)
    except VerificationError:
        return False


def is_outdated(right_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(right_hash)


def _is_in_names(one: str) -> bool:
    is_letter = one.isalpha() and one not in _INVISIBLE_LETTERS
    return is_letter or unicodedata.category(one) == "Nd" or one in "_-."


def _is_control(one: str) -> bool:
    return unicodedata.category(one) == "Cc"


def bad_code() -> Refused:
    return Refused(401, "bad_code", "动态码不对或已用过", "This code is wrong or was used before.")


def bad_refresh_token() -> Refused:
    zh, en = "登录已失效，请重新登录", "This token is not valid any more: sign in again."
    return Refused(401, "bad_refresh_token", zh, en)
