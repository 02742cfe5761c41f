"""What was shown to whom, and when a view of it last counted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model


class Impression(Model):
    """A post was on somebody's screen: where, at which place of the list, for how many milliseconds.

    `at` is the time of the viewer's device, which makes the row recognisable when it is sent again; `seen_at` is ours.
    `counted`: it was a view, one of those whose number the post shows.
    """

    __tablename__ = "recommendations_impressions"
    __table_args__ = (
        UniqueConstraint("viewer_id", "post_id", "at", "surface", "position"),
        Index("ix_recommendations_impressions_counted", "post_id", "seen_at", "id", postgresql_where=text("counted")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    viewer_kind: Mapped[str]
    viewer_id: Mapped[UUID]
    post_id: Mapped[UUID]
    surface: Mapped[str]
    position: Mapped[int]
    dwell_ms: Mapped[int]
    at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    counted: Mapped[bool] = mapped_column(server_default=text("false"))


class LastView(Model):
    """When a viewer's view of a post last counted; forgotten once the next one would count anyway."""

    __tablename__ = "recommendations_last_views"

    viewer_id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(index=True)
