"""Shops and their staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

OWNER, MANAGER, PACKER, AFTER_SALES, READER = "owner", "manager", "packer", "after_sales", "reader"
ROLES = (OWNER, MANAGER, PACKER, AFTER_SALES, READER)
SEE, GOODS, SHIP, SERVE, PROMOTE = "see", "goods", "ship", "serve", "promote"
BILLS, DEPOSITS, MONEY = "bills", "deposits", "money"
SETTINGS, RETURNS, STAFF = "settings", "returns", "staff"
SELLER, ARTICLES = "seller", "articles"
_DAILY = frozenset({SEE, GOODS, SHIP, SERVE, PROMOTE, BILLS, DEPOSITS, MONEY, SETTINGS, RETURNS})
RIGHTS = {
    OWNER: _DAILY | {STAFF},
    MANAGER: _DAILY,
    PACKER: frozenset({SEE, SHIP}),
    AFTER_SALES: frozenset({SEE, SERVE}),
    READER: frozenset({SEE, BILLS, DEPOSITS}),
    SELLER: frozenset({SEE, SHIP, SERVE, BILLS, DEPOSITS, MONEY, RETURNS, ARTICLES}),
}
"""What each role may do: see the shop, but for its books; change goods and stock; ship; serve buyers (after-sales,
reviews); make promotions; read its bills; its deposit; see to bills and payouts; set the shop up; say where goods come
back to; say who works in it. SELLER is what the owner of a shop is that stands for his own things alone
(Shop.of_person), whatever his row of staff says: he may list them (ARTICLES) by the doors of second-hand, send what was
sold, answer its buyers, take things back and be paid, and work it by no door of merchants."""


OPEN = "open"
PENDING, NEEDS_CHANGES, REFUSED, SUSPENDED = "pending", "needs_changes", "refused", "suspended"
CLOSED_WHY = (PENDING, NEEDS_CHANGES, REFUSED, SUSPENDED)
"""Why a shop sells nothing: its papers wait for a look, want changes or were refused, or a moderator stopped it."""

KEPT_FOR_BRANDS = ("官方", "旗舰店", "专卖店", "专营店", "official", "flagship")
"""Words of a name that say that a shop is a brand's own: moderators give them, to shops that are verified."""


def brand_word(name: str) -> str | None:
    """The first of KEPT_FOR_BRANDS that a name holds, None if it holds none."""
    return next((one for one in KEPT_FOR_BRANDS if one in name.casefold()), None)


class Shop(Model):
    """A seller. Two shops may bear one name, as two streets may; the id tells them apart.

    `in_mall`: its goods stand in the mall's lists and are found by its search; one outside sells at its own address.
    `of_person`: it stands for the things that its owner sells as a person; it needs no papers, and is no merchant's.
    """

    __tablename__ = "shops_shops"
    __table_args__ = (Index("ix_shops_shops_outside", "id", postgresql_where=text("NOT in_mall")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), index=True)
    in_mall: Mapped[bool] = mapped_column(server_default=text("true"))
    of_person: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ShopRenaming(Model):
    """A change of a shop's name: who, from what, to what, why (a moderator's reason, else nothing)."""

    __tablename__ = "shops_renamings"
    __table_args__ = (Index("ix_shops_renamings_shop", "shop_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    shop_id: Mapped[UUID]
    who_id: Mapped[UUID]
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Staff(Model):
    """A person who works in a shop and may act for it."""

    __tablename__ = "shops_staff"
    __table_args__ = (CheckConstraint("role IN ('owner', 'manager', 'packer', 'after_sales', 'reader')", name="role"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True, index=True)
    role: Mapped[str]


class Closure(Model):
    """A shop that sells nothing for now, and why (CLOSED_WHY). Deleting the row lets it sell again.

    A row of its own: whoever reads goods on sale asks whether there is one, and it is nearly always empty.
    """

    __tablename__ = "shops_closures"
    __table_args__ = (CheckConstraint("why IN ('pending', 'needs_changes', 'refused', 'suspended')", name="why"),)

    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"), primary_key=True)
    why: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=func.now())
