"""The order of the explore feed at one moment, kept so that its pages fit together."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id


class FeedSnapshot(Model):
    """Ids of posts in the order in which everybody sees them who asks in one quarter of a minute with the same luck.

    `seed` is that time and luck: the first who asks makes the snapshot, and all others find it. A row takes 10 kB, so
    they are few; what was published since is not in it, and stands before it (queries.order_on).
    `is_paged` once a second page was asked for; others are forgotten sooner.
    """

    __tablename__ = "feed_snapshots"
    __table_args__ = (Index("ix_feed_snapshots_made", "made_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    seed: Mapped[int] = mapped_column(unique=True)
    ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    as_of: Mapped[datetime]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_paged: Mapped[bool] = mapped_column(server_default=text("false"))
