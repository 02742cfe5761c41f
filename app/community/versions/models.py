"""What a post said before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id


class PostVersion(Model):
    """The words of a post until it was edited at `until`, and how many pictures it had. Never changed."""

    __tablename__ = "versions_versions"
    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[UUID]
    number: Mapped[int]
    title: Mapped[str]
    body: Mapped[str]
    topics: Mapped[list[str]] = mapped_column(ARRAY(Text))
    pictures: Mapped[int]
    until: Mapped[datetime] = mapped_column(server_default=func.now())
