"""Applications, what was answered in them, and the log of how each stood.

Sensitive numbers are sealed by Fernet under a key from SECRET_KEY: who reads the database alone reads none of them.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import audit
from app.core.config import settings
from app.core.db import Model
from app.core.errors import Refused, refuse_on
from app.core.ids import new_id

PENDING, APPLIED, SAMPLE_CHECK, NEEDS_CHANGES = "pending", "applied", "sample_check", "needs_changes"
APPROVED, REFUSED, SUSPENDED, EXPIRED = "approved", "refused", "suspended", "expired"
STATES = (PENDING, APPLIED, SAMPLE_CHECK, NEEDS_CHANGES, APPROVED, REFUSED, SUSPENDED, EXPIRED)
WAITING = (PENDING, APPLIED, SAMPLE_CHECK)
"""States in which a moderator's word is waited for."""
SHOP, SUPPLIER, BRAND = "shop", "supplier", "brand"
ABOUT = (SHOP, SUPPLIER, BRAND)
FILE, APPROVE, ASK, CHECK, REFUSE, SUSPEND, RESUME = (
    "file",
    "approve",
    "ask",
    "check_samples",
    "refuse",
    "suspend",
    "resume",
)
LONGEST_NAME, LONGEST_ANSWER, LONGEST_WHY = 80, 300, 500
_IS_WAITING = text("state IN ('pending', 'applied', 'sample_check') AND filed_at IS NOT NULL")

ACTS = {
    APPROVE: audit.act("application_approved", "通过了申请", "approved an application"),
    ASK: audit.act("application_sent_back", "要求修改申请", "asked for changes of an application"),
    CHECK: audit.act("application_samples", "进入样品检查", "asked for samples"),
    REFUSE: audit.act("application_refused", "拒绝了申请", "refused an application"),
    SUSPEND: audit.act("application_suspended", "暂停", "suspended"),
    RESUME: audit.act("application_resumed", "恢复", "resumed"),
}
RENAMED = audit.act("shop_renamed", "修改了店铺名称", "renamed a shop")
READ = audit.act("papers_read", "查看了申请材料", "read the papers of an application")


RENAMING_EVERY = timedelta(days=30)
"""A shop changes its name once in this time: buyers know it by its name, and all its goods bear it."""


class Application(Model):
    """What a shop applies for: `about` is the kind, `name` what of it ("" where there is one a shop; a brand's name).

    `wants`: what to change, a text for each field named; `reason`: the last word to the shop; `until`: an approval
    ends then; `version`: rises with each filing, so that a moderator decides about what he saw.
    """

    __tablename__ = "onboarding_applications"
    __table_args__ = (
        UniqueConstraint("shop_id", "about", "name"),
        CheckConstraint("about IN ('shop', 'supplier', 'brand')", name="about"),
        CheckConstraint(
            "state IN ('pending', 'applied', 'sample_check', 'needs_changes', 'approved', 'refused', 'suspended',"
            " 'expired')",
            name="state",
        ),
        Index("ix_onboarding_applications_waiting", "filed_at", "id", postgresql_where=_IS_WAITING),
        Index("ix_onboarding_applications_until", "until", postgresql_where=text("state = 'approved'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    about: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    wants: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    version: Mapped[int] = mapped_column(server_default=text("0"))
    filed_by: Mapped[UUID | None]
    filed_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Answer(Model):
    """One field of an application: a text, a sealed number, or an upload that nobody but its readers may open."""

    __tablename__ = "onboarding_answers"
    __table_args__ = (
        CheckConstraint("num_nonnulls(words, sealed, upload_id) = 1", name="one_value"),
        Index("ix_onboarding_answers_upload", "upload_id", postgresql_where=text("upload_id IS NOT NULL")),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("onboarding_applications.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    upload_id: Mapped[UUID | None] = mapped_column(ForeignKey("uploads_uploads.id"))


class ApplicationLog(Model):
    """A change of how an application stands: who (None: by itself), from what, to what, why."""

    __tablename__ = "onboarding_log"
    __table_args__ = (Index("ix_onboarding_log_application", "application_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    application_id: Mapped[UUID]
    who_id: Mapped[UUID | None]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator says of the `version` that he saw: an act (ACTS), why, what to change, until when it holds."""

    act: str
    version: int
    reason: str = ""
    wants: dict[str, str] | None = None
    until: datetime | None = None


def sealed(number: str) -> bytes:
    return _box().encrypt(number.encode())


def opened(number: bytes) -> str:
    """Raises Refused 409 where SECRET_KEY is another than when it was sealed."""
    try:
        return _box().decrypt(number).decode()
    except InvalidToken:
        zh, en = "服务器密钥已更换，请重新提交材料", "The server's key has changed: send these papers again."
        raise Refused(409, "papers_unreadable", zh, en) from None


def masked(number: str) -> str:
    """A number as those see it who know it already: its last four."""
    return f"···{number[-4:]}" if len(number) > 6 else "···"


def _box() -> Fernet:
    key = hmac.new(settings.secret_key.encode(), b"papers of shops", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


refuse_on(
    "uq_onboarding_applications_shop_id_about_name",
    409,
    "filing_meanwhile",
    "同一申请正在提交，请刷新",
    "The same application is being filed: look again.",
)
