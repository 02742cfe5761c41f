"""After-sales cases, what they claim, their log, and the rules by which they move (systems.md D 4.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.caller import PERSON, Ref
from app.core.db import Model
from app.core.errors import Refused, bad_field
from app.core.idempotency import made_by_another
from app.core.ids import new_id
from app.core.money import price
from app.store.fulfilment.models import units_claimable, units_unsent
from app.store.orders.models import PHYSICAL

CASE = "case"
"""The kind of a reference to one."""
REFUND, RETURN, EXCHANGE, PRICE = "refund", "return", "exchange", "price"
KINDS = (REFUND, RETURN, EXCHANGE, PRICE)
"""Money back for goods that are kept (or were not sent); for goods sent back; others for goods sent back; the
difference to a price that has fallen since (价保)."""
NO_REASON, DAMAGED, WRONG, DIFFERENT, MISSING, OTHER = "no_reason", "damaged", "wrong", "different", "missing", "other"
REASONS = (NO_REASON, DAMAGED, WRONG, DIFFERENT, MISSING, OTHER)
FAULTS = (DAMAGED, WRONG, DIFFERENT, MISSING)
"""Reasons for which the shop answers, and pays the way back."""

REQUESTED, APPROVED, SENT_BACK, REFUSED, DISPUTED = "requested", "approved", "sent_back", "refused", "disputed"
GRANTED, REPLACED, WITHDRAWN, REJECTED, EXPIRED = "granted", "replaced", "withdrawn", "rejected", "expired"
STATES = (REQUESTED, APPROVED, SENT_BACK, REFUSED, DISPUTED, GRANTED, REPLACED, WITHDRAWN, REJECTED, EXPIRED)
ENDS = (GRANTED, REPLACED, WITHDRAWN, REJECTED, EXPIRED)

DESK = {
    "to_answer": (REQUESTED,),
    "to_check": (SENT_BACK,),
    "with_buyer": (APPROVED, REFUSED),
    "disputed": (DISPUTED,),
    "ended": ENDS,
}
"""The parts of a desk: what waits for the shop, twice; for the buyer; for a moderator; and what is over."""

ANSWER_WITHIN, SEND_WITHIN, CHECK_WITHIN, APPEAL_WITHIN = (timedelta(days=days) for days in (2, 7, 10, 7))
"""The shop answers, or has agreed; the buyer sends back, or has given up; the shop looks at what came, or has taken it;
the buyer appeals, or has given up."""
AGAIN_AFTER = timedelta(hours=1)
"""What could not be done about a case whose deadline has passed is tried again then."""
DEADLINES = {REQUESTED: ANSWER_WITHIN, APPROVED: SEND_WITHIN, SENT_BACK: CHECK_WITHIN, REFUSED: APPEAL_WITHIN}
FAULT_DAYS = 15
"""So many days after receipt a buyer may say that something is wrong (消费者权益保护法 asks for 7 at least)."""
PRICE_DAYS = 7
"""So many days after payment a fallen price is made good."""
WAY_BACK_MOST = 1500
"""分 of the way back that a shop pays at most, and what return-freight insurance (运费险) pays."""


@dataclass(frozen=True, slots=True)
class LineClaimed:
    """So many units of a line."""

    line_id: UUID
    units: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer asks for. `amount` in 分, None for all that was paid for these units; `freight` of the order's."""

    kind: str
    reason: str
    lines: Sequence[LineClaimed]
    words: str = ""
    amount: int | None = None
    freight: int = 0
    uploads: Sequence[UUID] = ()

    def require_whole(self, units: Mapping[UUID, int], amount: int) -> None:
        """Raises Refused 422 unless it is about all these units of its lines, and names no other amount than this."""
        part = next((units[one.line_id] for one in self.lines if one.units != units[one.line_id]), None)
        if part == 0:
            raise bad_field("units", "所选商品已全部申请过售后", "There is a case for all units of a chosen line.")
        if part is not None:
            zh, en = f"价保按整项商品计算，请选择全部 {part} 件", f"This goes for all of it: choose all {part} units."
            raise bad_field("units", zh, en)
        if self.amount not in {None, amount}:
            zh, en = (
                f"价保退还全部差价 {price(amount)}，金额请留空",
                f"All of it goes back, {price(amount)}: name no amount.",
            )
            raise bad_field("amount", zh, en)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a shop says of goods that are back: whether they may be sold again; of an exchange, by which parcel the
    others come, or that the money goes back instead (`is_refunded`)."""

    is_sellable: bool
    carrier: str | None = None
    number: str | None = None
    is_refunded: bool = False

    def parcel(self) -> tuple[str, str]:
        """The parcel of the others. Raises Refused 422 where none is named."""
        if self.carrier is None or self.number is None:
            raise bad_field("number", "请填写换货的运单", "Say by which parcel the other goods come.")
        return self.carrier, self.number


def kinds_possible(lines: Sequence[Mapping[str, Any]], is_cheaper: bool) -> list[str]:
    """What can be asked for about an order of these shown lines, the usual first: goods go back, or others come for
    them, once they were sent. `is_cheaper`: a price has fallen."""
    sent = [one for one in lines if units_claimable(one)]
    found = [RETURN, EXCHANGE] if any(one["goods_kind"] == PHYSICAL for one in sent) else []
    found += [REFUND] if sent or any(units_unsent(one) for one in lines) else []
    return sorted(found, key=(RETURN, REFUND, EXCHANGE).index) + ([PRICE] if found and is_cheaper else [])


def standing(state: str, now: ColumnElement[datetime]) -> dict[str, Any]:
    """What a case that comes to this state now has in its columns."""
    due = now + DEADLINES[state] if state in DEADLINES else None
    return {"state": state, "due_at": due, "closed_at": now if state in ENDS else None}


def wrong_state(state: str) -> Refused:
    """The refusal of a step by a case that stands elsewhere."""
    zh, en = "售后单的状态已经变了", "The case does not stand where this could be done."
    return Refused(409, "wrong_state", zh, en, errors={"state": [state]})


def no_other(lacking: Refused) -> Refused:
    """The refusal of an exchange for which nothing is left to send: what its shop can do instead."""
    zh = "库存不足，无法换货：可以改为退款，或拒绝并说明原因"
    en = "Not enough in stock to send others: give the money back instead, or refuse and say why."
    return Refused(409, lacking.code, zh, en, errors=lacking.errors)


class Case(Model):
    """A wish of a buyer and how far it is. `due_at`: what happens by itself then depends on the state (jobs).

    `back_carrier` and `back_number` are of the parcel that he sends back, `new_carrier` and `new_number` of the goods
    that he gets instead. `way_back` are 分 that he gets for the way back once the goods have arrived.
    """

    __tablename__ = "aftersales_cases"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("amount >= 0 AND freight >= 0 AND way_back >= 0", name="amount"),
        CheckConstraint(f"(state IN {ENDS}) = (closed_at IS NOT NULL)", name="closed"),
        Index("ix_aftersales_cases_order", "order_id", "id"),
        Index("ix_aftersales_cases_shop", "shop_id", "state", "opened_at", "id"),
        Index("ix_aftersales_cases_buyer", "buyer_kind", "buyer_id", "opened_at", "id"),
        Index("ix_aftersales_cases_state", "state", "opened_at", "id"),
        Index("ix_aftersales_cases_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("fulfilment_orders.order_id"))
    shop_id: Mapped[UUID]
    buyer_kind: Mapped[str]
    buyer_id: Mapped[UUID]
    kind: Mapped[str]
    reason: Mapped[str]
    words: Mapped[str]
    state: Mapped[str]
    amount: Mapped[int | None]
    freight: Mapped[int]
    way_back: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None]
    back_carrier: Mapped[str | None]
    back_number: Mapped[str | None]
    new_carrier: Mapped[str | None]
    new_number: Mapped[str | None]
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds_grants.id"))
    opened_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]

    @classmethod
    def asking(cls, wish: Wish, case_id: UUID, order_id: UUID, shop_id: UUID, buyer: Ref) -> "Case":
        """A case that has just been asked for."""
        of = {"order_id": order_id, "shop_id": shop_id, "buyer_kind": buyer.kind, "buyer_id": buyer.id}
        asked = {"kind": wish.kind, "reason": wish.reason, "words": wish.words, "freight": wish.freight}
        return cls(id=case_id, **of, **asked, amount=wish.amount, way_back=0, state=REQUESTED)

    def of_order(self, order_id: UUID) -> "Case":
        """Itself. Raises Refused 409 where a form of another order brought its id."""
        if self.order_id != order_id:
            raise made_by_another()
        return self

    def way_back_of(self, paid: int, is_insured: bool) -> int:
        """Of `paid` 分 for the way back what the shop pays: up to WAY_BACK_MOST, where it answers for the fault or
        insures the way back; to a wallet, which a guest has not."""
        is_paid = (self.reason in FAULTS or is_insured) and self.buyer_kind == PERSON
        return min(paid, WAY_BACK_MOST) if is_paid else 0

    @property
    def why(self) -> str:
        """Why money goes back; a fallen price is its own reason, whatever its buyer chose."""
        return PRICE if self.kind == PRICE else self.reason

    @property
    def is_sent_back(self) -> bool:
        """Whether goods go back to the shop before it ends."""
        return self.kind in {RETURN, EXCHANGE}

    @property
    def buyer(self) -> Ref:
        return Ref(self.buyer_kind, self.buyer_id)

    @property
    def ref(self) -> Ref:
        return Ref(CASE, self.id)


class CaseLine(Model):
    """So many units of a line that a case is about."""

    __tablename__ = "aftersales_lines"
    __table_args__ = (CheckConstraint("units >= 0", name="units"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("aftersales_cases.id"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("orders_lines.id"), primary_key=True)
    units: Mapped[int]


class CasePicture(Model):
    """A picture that somebody shows for his side of a case."""

    __tablename__ = "aftersales_pictures"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("aftersales_cases.id"), primary_key=True)
    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads_uploads.id"), primary_key=True)


class CaseLog(Model):
    """One step of a case: who, from what, to what, and what he said."""

    __tablename__ = "aftersales_log"
    __table_args__ = (Index("ix_aftersales_log_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("aftersales_cases.id"))
    who: Mapped[str]
    who_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]
    words: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
