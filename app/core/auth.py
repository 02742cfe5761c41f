"""Who is asking: from a bearer token to a Caller. The accounts room fills the register; nothing here knows accounts.

A token's caller is cached for 30 s under a version that sign-out, a ban or a change of role drops. A token begins with
two hexadecimal digits of its owner (its *bucket*), so that one `MGET` reads the entry and the version it depends on.
Without its version an entry counts for nothing: so no eviction revives it, and a full Redis, which takes no writes but
deletions, forgets too.
Without Redis each request asks the database.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import orjson

from app.core.cache import cache
from app.core.db import after_commit

CACHE_SECONDS = 30
SECOND_FACTOR = "second-factor"
"""The scope of a session whose person has proved twice who he is (a password and a code of his device)."""
_BAD_TOKEN = 200
_SHOP = "shop:"


@dataclass(frozen=True, slots=True)
class Who:
    """What a token says: a person with roles, or a guest."""

    person_id: UUID | None = None
    guest_id: UUID | None = None
    session_id: UUID | None = None
    shop_id: UUID | None = None
    """The shop whose key this is: it opens the doors of that shop's work and no others."""
    scopes: frozenset[str] = frozenset()
    seconds: int | None = None
    """So long the token still holds; None where that is no question of a cache's 30 s."""


Finder = Callable[[bytes], Who | None]
_finders: list[Finder] = []


def finds_callers(find: Finder) -> Finder:
    """Register the question that turns a token's hash into who holds it (None: nobody, any more)."""
    _finders.append(find)
    return find


def new_token(owner: UUID) -> str:
    """A new opaque token of 256 random bits for `owner`. Store only its hash."""
    return f"{bucket_of(owner)}{secrets.token_urlsafe(32)}"


def bucket_of(owner: UUID) -> str:
    return owner.hex[-2:]


def hash_of(token: str) -> bytes:
    """SHA-256 of a token; enough for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def who_holds(token: str) -> Who | None:
    """Who a token stands for, None if nobody (unknown, expired, signed out, suspended)."""
    if not 16 <= len(token) <= _BAD_TOKEN or not token.isascii():
        return None
    digest = hash_of(token)
    key, version_key = f"who:{digest.hex()}", f"who-version:{token[:2]}"
    entry, version = cache.get_many([key, version_key])
    if entry is not None and version is not None:
        held, _, body = entry.partition(b"|")
        if held == version:
            return _who_from(body)
    # Before the row is read: who drops the version later, drops this answer too.
    version = version or cache.begin_version(version_key)
    found = next((who for find in _finders if (who := find(digest)) is not None), None)
    seconds = CACHE_SECONDS if found is None or found.seconds is None else min(CACHE_SECONDS, found.seconds)
    if found is not None and seconds > 0 and version is not None:
        cache.put(key, version + b"|" + _body_of(found), seconds)
    return found


def forget_callers_of(owner: UUID) -> None:
    """After this transaction commits, no cached answer about `owner`'s tokens counts any more."""
    key = f"who-version:{bucket_of(owner)}"
    after_commit(lambda: _drop(key))


def _drop(version_key: str) -> None:
    cache.drop_version(version_key)


def _body_of(who: Who) -> bytes:
    shop = [_SHOP + str(who.shop_id)] if who.shop_id else []  # among the scopes, where code of before finds no fault
    return orjson.dumps([who.person_id, who.guest_id, who.session_id, [*sorted(who.scopes), *shop]])


@lru_cache(maxsize=4096)
def _who_from(body: bytes) -> Who:
    person, guest, session, scopes = orjson.loads(body)
    shop = next((one.removeprefix(_SHOP) for one in scopes if one.startswith(_SHOP)), None)
    return Who(
        UUID(person) if person else None,
        UUID(guest) if guest else None,
        UUID(session) if session else None,
        UUID(shop) if shop else None,
        frozenset(one for one in scopes if not one.startswith(_SHOP)),
    )
