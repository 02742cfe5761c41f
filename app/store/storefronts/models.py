"""Light stores by their addresses, and keys of shops."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id

LONGEST_SLUG, LONGEST_KEY_NAME = 30, 30
MOST_KEYS, MOST_LINES = 20, 500
RESERVED = frozenset(
    [
        "admin",
        "api",
        "about",
        "account",
        "app",
        "assets",
        "callbacks",
        "cart",
        "category",
        "checkout",
        "docs",
        "goods",
        "help",
        "home",
        "index",
        "login",
        "logout",
        "mall",
        "me",
        "media",
        "official",
        "orders",
        "pay",
        "payments",
        "portal",
        "privacy",
        "root",
        "s",
        "sandbox",
        "search",
        "shop",
        "shops",
        "sign-in",
        "sign-out",
        "sign-up",
        "static",
        "status",
        "store",
        "stores",
        "support",
        "system",
        "terms",
        "www",
    ]
)
_SLUG = re.compile(r"[a-z0-9](-?[a-z0-9]){2,29}")


class LightStore(Model):
    """A shop with an address of its own, /s/<slug>; `gateways` are the ways to pay that it takes."""

    __tablename__ = "storefronts_stores"
    __table_args__ = (CheckConstraint("slug ~ '^[a-z0-9](-?[a-z0-9]){2,29}$'", name="slug"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    template: Mapped[str]
    gateways: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ShopKey(Model):
    """A key of a shop: a program that works there as the member of staff `person_id`, whose role says what it may do.
    Only its hash is known. Revoked it opens nothing, and its agent works there no more."""

    __tablename__ = "storefronts_keys"
    __table_args__ = (Index("ix_storefronts_keys_shop", "shop_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), unique=True)
    name: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None]


def is_slug(text: str) -> bool:
    """3 to 30 small letters, digits and single hyphens between them, and no word that pages of ours may want."""
    return len(text) <= LONGEST_SLUG and _SLUG.fullmatch(text) is not None and text not in RESERVED


refuse_on("uq_storefronts_stores_slug", 409, "slug_taken", "这个地址已被使用", "This address is taken.", "slug")
