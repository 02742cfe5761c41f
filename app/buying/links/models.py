"""Tables of links: the link, the clicks on it, and posts that links no longer show."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Base 58: no 0, O, I, l, so that a code can be read aloud."""
CODE_LENGTH = 10


def new_code() -> str:
    """A code of 58 bits from the system's random source: nobody guesses or counts links by it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def page_of(code: str) -> str:
    """Where a link opens in a browser; the page belongs to posts."""
    return f"/l/{code}"


class Link(Model):
    """One way to one product, made for one promoter (of a tag of a post, as a rule). Never changed, never deleted."""

    __tablename__ = "links_links"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(unique=True, default=new_code)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_products.id"), index=True)
    sku_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalogue_skus.id"))
    post_id: Mapped[UUID | None] = mapped_column(index=True)
    tag_id: Mapped[UUID | None]
    promoter_id: Mapped[UUID] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PartedPost(Model):
    """A post that is not shown any more (private, taken down, deleted): its links still sell, without naming it."""

    __tablename__ = "links_parted_posts"

    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


PASSING = "passing"
"""A visitor beside people and guests: a guest who was made for this very request, and may never come back."""


class Click(Model):
    """Somebody opened a link: the last one of its visitor earns his purchase (queries.attribution).

    `counted_as`: for whom it counts in the figures, a person, a guest or a keyed hash of an address; None: it does not.
    Each counts once for a link in an hour of the clock, and a promoter's own clicks never. Who keeps no cookie would
    count anew with each request: so a PASSING guest counts as his address, until his cookie has come back and he is a
    guest like others.

    No foreign key to the link on purpose: each click would lock the row of a popular link, and links are never deleted.
    """

    __tablename__ = "links_clicks"
    __table_args__ = (
        CheckConstraint("(visitor_kind IS NULL) = (visitor_id IS NULL)", name="visitor"),
        Index("ix_links_clicks_visitor", "visitor_kind", "visitor_id", "product_id", "at"),
        Index("ix_links_clicks_link_id", "link_id"),
        Index(
            "uq_links_clicks_counted",
            "link_id",
            "counted_as",
            text("date_trunc('hour'::text, (at AT TIME ZONE 'UTC'::text))"),
            unique=True,
            postgresql_where=text("counted_as IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    link_id: Mapped[UUID]
    product_id: Mapped[UUID]
    visitor_kind: Mapped[str | None]
    visitor_id: Mapped[UUID | None]
    counted_as: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
