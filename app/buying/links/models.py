"""Tables of links: the link, the clicks on it, and posts that links no longer show."""

import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
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


PASSING, ADDRESS = "passing", "address"
"""Visitors of a click beside people and guests: a guest who was made for this very request, and an address."""


class Click(Model):
    """Somebody opened a link. A person's or known guest's click earns a purchase, and counts.

    Who keeps no cookie would count anew with each request, so a guest who was made for the request (PASSING) earns, as
    whose browser it may be, and does not count; what counts is his ADDRESS, once an hour. Old ones of strangers have no
    visitor, and count.

    No foreign key to the link on purpose: each click would lock the row of a popular link, and links are never deleted.
    """

    __tablename__ = "links_clicks"
    __table_args__ = (
        CheckConstraint("(visitor_kind IS NULL) = (visitor_id IS NULL)", name="visitor"),
        Index("ix_links_clicks_visitor", "visitor_kind", "visitor_id", "product_id", "at"),
        Index("ix_links_clicks_link_id", "link_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    link_id: Mapped[UUID]
    product_id: Mapped[UUID]
    visitor_kind: Mapped[str | None]
    visitor_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
