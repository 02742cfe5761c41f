"""Tags."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id


@dataclass(frozen=True, slots=True)
class TagWanted:
    """A tag as its author asks for it; see Tag."""

    product_id: UUID
    sku_id: UUID | None = None
    image: int | None = None
    x: float | None = None
    y: float | None = None


class Tag(Model):
    """A product tagged in a post. `image` is the position of one of the post's pictures; x, y a place on it in 0..1."""

    __tablename__ = "tags_tags"
    __table_args__ = (
        UniqueConstraint("post_id", "position"),
        CheckConstraint("x BETWEEN 0 AND 1 AND y BETWEEN 0 AND 1", name="place"),
        Index("ix_tags_tags_product", "product_id", "posted_at", "post_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger)
    product_id: Mapped[UUID]
    sku_id: Mapped[UUID | None]
    image: Mapped[int | None] = mapped_column(SmallInteger)
    x: Mapped[float | None]
    y: Mapped[float | None]
    title: Mapped[str | None]
    """The product's title as shown with the tag; None while people may not see the product: nor its tag."""
    link_id: Mapped[UUID]
    link_code: Mapped[str]
    posted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When the post was written: the order of a product's posts."""

    def shown(self) -> dict[str, Any]:
        """The tag as JSON shows it."""
        return {
            "id": self.id,
            "product": {"id": self.product_id, "kind": "product", "title": self.title},
            "sku_id": self.sku_id,
            "image": self.image,
            "x": self.x,
            "y": self.y,
            "link": {"code": self.link_code, "url": f"/l/{self.link_code}"},
        }
