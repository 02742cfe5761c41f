"""Invitations to work in a shop, and the log of who became what there."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

GOOD_FOR = timedelta(days=14)
"""An invitation that nobody has answered by then is over."""
MOST_INVITATIONS = 50
"""Open ones of one shop."""
INVITED, ACCEPTED, DECLINED, WITHDRAWN = "invited", "accepted", "declined", "withdrawn"
CHANGED, LEFT, REMOVED, HANDED_OVER = "changed", "left", "removed", "handed_over"


class Invitation(Model):
    """Somebody is asked to work in a shop as `role`; as its owner: to take it over from who asks. It is gone once it is
    answered or withdrawn; the log keeps what became of it."""

    __tablename__ = "staffing_invitations"
    __table_args__ = (
        UniqueConstraint("shop_id", "person_id"),
        CheckConstraint("role IN ('owner', 'manager', 'packer', 'after_sales', 'reader')", name="role"),
        Index("ix_staffing_invitations_person", "person_id", "at", "id"),
        Index("ix_staffing_invitations_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"))
    role: Mapped[str]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class StaffLog(Model):
    """What `who_id` did about `person_id` in a shop: `before` and `after` are roles, None for nothing."""

    __tablename__ = "staffing_log"
    __table_args__ = (Index("ix_staffing_log_shop", "shop_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    shop_id: Mapped[UUID]
    who_id: Mapped[UUID]
    person_id: Mapped[UUID]
    what: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


refuse_on(
    "uq_staffing_invitations_shop_id_person_id",
    409,
    "invited_already",
    "已经邀请过此人，等待对方答复",
    "This person has been invited already: wait for the answer.",
)
