"""Idempotency-Key: the same request sent twice is done once, and answered the same (24 h).

In the request's own transaction: try-lock on (who, method, path, key) and look for the answer, do it, keep the answer.
Only committed answers are kept; a refusal is tried again. Semantics after Stripe's API v1, but refusals are not stored.
A form in a browser has no such key: it brings the id of what it makes (fields.NewId), and `one_at_a_time` its order.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import LargeBinary, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Model, changed
from app.core.errors import Refused, bad_field
from app.core.plain import Prepared

KEPT = timedelta(hours=24)
LONGEST = 255


class KeptAnswer(Model):
    """The committed answer of one keyed request."""

    __tablename__ = "core_kept_answers"

    who: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


@dataclass(frozen=True)
class Key:
    """A keyed request. `body` is the canonical form of what was sent."""

    who: str
    method: str
    path: str
    key: str
    body: bytes

    @property
    def columns(self) -> dict[str, str]:
        """By which its answer is kept."""
        return {"who": self.who, "method": self.method, "path": self.path, "key": self.key}

    @property
    def body_hash(self) -> bytes:
        return hashlib.sha256(self.body).digest()


def check_form(key: str) -> None:
    """Raises Refused 422 unless the key is 1..255 visible ASCII characters, without a blank."""
    if not 1 <= len(key) <= LONGEST or not all("!" <= letter <= "~" for letter in key):
        raise bad_field("Idempotency-Key", "须为 1 到 255 个可见字符", "Must be 1 to 255 visible ASCII characters.")


def kept_answer(key: Key) -> tuple[int, bytes] | None:
    """Lock the key for this transaction and answer (status, body) if the request was done before.

    Raises Refused: 409 while the same request is being done, 422 if the key was used with another body.
    """
    name = f"{key.who}\n{key.method}\n{key.path}\n{key.key}"
    found = _FIND.rows(name=name, **key.columns, ago=clock.ahead() - KEPT)[0]
    if not found.is_ours:
        raise _in_progress()
    if found.body_hash is None:
        return None
    if found.body_hash != key.body_hash:
        zh, en = "该幂等键已用于另一请求", "This Idempotency-Key was used with another request body."
        raise Refused(422, "key_reused", zh, en)
    return found.status, found.answer


def keep(key: Key, status: int, answer: bytes, over: bool = False) -> None:
    """Keep the answer in the transaction that does the work; `over` an earlier one, which said that it goes on.

    Raises Refused 409, which undoes that work, if it was done meanwhile: who gets the lock just as another commits may
    have looked for its answer a moment before.
    """
    done = {"hash": key.body_hash, "status": status, "answer": answer, "ahead": clock.ahead()}
    if not _KEEP.changed(**key.columns, **done, over=over, ago=clock.ahead() - KEPT):
        raise _in_progress()


def _in_progress() -> Refused:
    return Refused(409, "in_progress", "同一请求正在处理", "The same request is being worked on.", retry_after=1)


_FIND = Prepared(
    "SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 7)) AS is_ours, k.body_hash, k.status, k.answer"
    " FROM (VALUES (1)) AS one LEFT JOIN core_kept_answers k ON k.who = %(who)s AND k.method = %(method)s"
    "  AND k.path = %(path)s AND k.key = %(key)s AND k.at > now() + %(ago)s"
)
_KEEP = Prepared(
    "INSERT INTO core_kept_answers (who, method, path, key, body_hash, status, answer, at)"
    " VALUES (%(who)s, %(method)s, %(path)s, %(key)s, %(hash)s, %(status)s, %(answer)s, now() + %(ahead)s)"
    " ON CONFLICT (who, method, path, key) DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status,"
    "  answer = excluded.answer, at = excluded.at"
    " WHERE %(over)s OR core_kept_answers.at <= now() + %(ago)s"
)


def one_at_a_time(new_id: UUID) -> None:
    """For what a form makes: from here to the end of this transaction nobody else makes the thing of this id, and what
    others made of it before is seen."""
    _WAIT.rows(name=str(new_id))


_WAIT = Prepared("SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 13))")


def made_by_another() -> Refused:
    """409 for a form with the id of a thing that somebody else made."""
    return Refused(
        409, "made_already", "页面已过期，请刷新后重试", "This page is out of date: reload it and try again."
    )


def forget_old(most: int = 1000) -> int:
    """Delete answers older than 24 h; a sweep."""
    old = text(
        "WITH old AS (SELECT who, method, path, key FROM core_kept_answers"
        "  WHERE at < now() - interval '24 hours' LIMIT :most FOR UPDATE SKIP LOCKED)"
        " DELETE FROM core_kept_answers WHERE (who, method, path, key) IN (SELECT who, method, path, key FROM old)"
    )
    return changed(old, {"most": most})
