"""What is due to be settled, what was settled of each order, and how each shop stands."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

LEAST_WINDOW = timedelta(days=1)
"""So long after receipt money is held at least, also of goods that cannot be sent back."""
ORDER, CORRECTION, SUPPLY, DEPOSIT = "order", "correction", "supply", "deposit"
KINDS = (ORDER, CORRECTION, SUPPLY, DEPOSIT)
"""What an order left its shop; what changed of that afterwards; what a supplier gets of it, at first or afterwards;
what the shop took out of its deposit, or was put into it for a penalty, which is about no order."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a shop gets of an order, in 分, column by column; what is taken from it stands below 0.

    `goods`: at their prices. `shop_discounts`: what the shop took off them. `other_discounts`: what others took off,
    goods or freight, and `funded`: what they gave for that. `freight_discounts`: what the shop took off it. `refunded`:
    what went back to the buyer, `refunded_to_funders`: to those who gave towards it. `late`: paid to the buyer for
    waiting, `way_back`: for sending goods back. `supply`: what the supplier gets (his own entry has it above 0).
    `deposit`: what it took out of its deposit, or (below 0) what of its money went into it, for a penalty; of an order
    always 0.
    """

    goods: int = 0
    shop_discounts: int = 0
    other_discounts: int = 0
    funded: int = 0
    freight: int = 0
    freight_discounts: int = 0
    refunded: int = 0
    refunded_to_funders: int = 0
    late: int = 0
    way_back: int = 0
    supply: int = 0
    fee: int = 0
    deposit: int = 0

    @property
    def net(self) -> int:
        """What the shop gets."""
        return sum(getattr(self, one) for one in COLUMNS)

    @property
    def held(self) -> int:
        """What the order has left in the shop's account of held money, before fee and supplier take theirs."""
        return self.net - self.fee - self.supply

    def __sub__(self, other: "Columns") -> "Columns":
        return Columns(**{one: getattr(self, one) - getattr(other, one) for one in COLUMNS})

    def __add__(self, other: "Columns") -> "Columns":
        return Columns(**{one: getattr(self, one) + getattr(other, one) for one in COLUMNS})

    def __bool__(self) -> bool:
        return any(getattr(self, one) for one in COLUMNS)


COLUMNS = tuple(one.name for one in fields(Columns))
TOTALS = (*COLUMNS, "fee_base", "net", "to_settled", "of_debts")
"""All that is added up in a bill."""


class Amounts:
    """The columns of a table that holds them: of one entry, or of all of a bill.

    `net` is their sum; of it `to_settled` went to what is paid out, and `of_debts` paid debts (below 0: made some).
    `fee_base`: what the fee was reckoned of.
    """

    goods: Mapped[int]
    shop_discounts: Mapped[int]
    other_discounts: Mapped[int]
    funded: Mapped[int]
    freight: Mapped[int]
    freight_discounts: Mapped[int]
    refunded: Mapped[int]
    refunded_to_funders: Mapped[int]
    late: Mapped[int]
    way_back: Mapped[int]
    supply: Mapped[int]
    fee: Mapped[int]
    deposit: Mapped[int] = mapped_column(server_default=text("0"))
    fee_base: Mapped[int]
    net: Mapped[int]
    to_settled: Mapped[int]
    of_debts: Mapped[int]


class Due(Model):
    """An order to be looked at from `due_at` on: settled, or, if it is, brought up to date. `problem`: why its books
    could not be closed; it is tried again later."""

    __tablename__ = "settlement_due"
    __table_args__ = (Index("ix_settlement_due_due_at", "due_at", "id"), Index("ix_settlement_due_order", "order_id"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    due_at: Mapped[datetime]
    problem: Mapped[str | None]


class Standing(Model):
    """How a shop stands, in 分: what is settled and not paid out, or what it owes; never both.

    As the ledger has it (settled:<id>, owed:<id>), kept as one row so that all that moves it goes one after the other.
    """

    __tablename__ = "settlement_shops"
    __table_args__ = (CheckConstraint("settled >= 0 AND owed >= 0 AND (settled = 0 OR owed = 0)", name="stands"),)

    shop_id: Mapped[UUID] = mapped_column(primary_key=True)
    settled: Mapped[int]
    owed: Mapped[int]

    def take(self, amount: int) -> tuple[int, int]:
        """Add `amount` (below 0: take it away). What comes pays debts first, what goes leaves debts last; answers what
        moved to be paid out, and what of debts; both add up to `amount`."""
        if amount >= 0:
            of_debts = min(amount, self.owed)
            to_settled = amount - of_debts
        else:
            to_settled = -min(-amount, self.settled)
            of_debts = amount - to_settled
        self.settled += to_settled
        self.owed -= of_debts
        return to_settled, of_debts


class Entry(Amounts, Model):
    """What a shop got of an order, or out of its deposit, or gave into it, at one time; never changed. All of an order
    add up to where it stands.

    `settlement_id` is the id of the journal's subject, which the entries of shop and supplier share.
    """

    __tablename__ = "settlement_entries"
    __table_args__ = (
        UniqueConstraint("order_id", "shop_id", "number"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"net = {' + '.join(COLUMNS)}", name="net"),
        CheckConstraint("net = to_settled + of_debts", name="parts"),
        CheckConstraint("(kind = 'deposit') = (order_id IS NULL)", name="about"),
        Index("ix_settlement_entries_shop", "shop_id", "at", "id"),
        Index("ix_settlement_entries_settlement", "settlement_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    settlement_id: Mapped[UUID]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    shop_id: Mapped[UUID]
    kind: Mapped[str]
    number: Mapped[int]
    at: Mapped[datetime]
