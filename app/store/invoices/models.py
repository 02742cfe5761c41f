"""Tables of invoices, and the rule of tax numbers."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.errors import bad_field

PERSONAL, COMPANY = "personal", "company"
KINDS = (PERSONAL, COMPANY)
REQUESTED, ISSUED = "requested", "issued"

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a 统一社会信用代码 by value: no I, O, S, V, Z (GB 32100-2015, table 1)."""
_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def is_credit_code(code: str) -> bool:
    """Whether a text is a 统一社会信用代码: 18 characters, the last of which checks the others.

    GB 32100-2015: the weight of place i (from 1) is 3^(i-1) mod 31, the check character's value is 31 less the weighted
    sum mod 31. Characters 9 to 17 are the number of the organisation, with a check character of its own
    (GB 11714-1997): 11 less the weighted sum mod 11, 10 written X.
    """
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", code):
        return False
    whole = sum(_SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    number = zip(code[8:16], _ORGANISATION_WEIGHTS, strict=True)
    organisation = sum(_ORGANISATION.index(sign) * weight for sign, weight in number)
    checks = "0123456789X0"
    return code[17] == _SIGNS[-whole % 31] and code[16] == checks[11 - organisation % 11]


def check_invoice(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a buyer asks for, in one spelling. Raises Refused 422 for a company without a valid tax number."""
    number = str(wanted.get("tax_number") or "").replace(" ", "").upper()
    if wanted["kind"] == COMPANY and not is_credit_code(number):
        zh, en = "请填写正确的 18 位统一社会信用代码", "A company needs its unified social credit code (18 characters)."
        raise bad_field("tax_number", zh, en)
    if wanted["kind"] == PERSONAL and number:
        raise bad_field("tax_number", "个人发票不需要税号", "A person has no tax number here.")
    return {**wanted, "title": wanted["title"].strip(), "tax_number": number or None}


class InvoiceRequest(Model):
    """A buyer asks for an invoice of an order; the shop issues it, with a number and perhaps a file to fetch."""

    __tablename__ = "invoices_requests"
    __table_args__ = (
        CheckConstraint("kind IN ('personal', 'company')", name="kind"),
        CheckConstraint("state IN ('requested', 'issued')", name="state"),
        CheckConstraint("(kind = 'company') = (tax_number IS NOT NULL)", name="tax_number"),
        CheckConstraint("(state = 'issued') = (number IS NOT NULL)", name="number"),
        Index("ix_invoices_requests_shop", "shop_id", "state", "created_at", "order_id"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders_orders.id"), primary_key=True)
    shop_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    tax_number: Mapped[str | None]
    email: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=REQUESTED)
    number: Mapped[str | None]
    file_url: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    issued_at: Mapped[datetime | None]

    @property
    def id(self) -> UUID:
        """There is one an order, and it has the order's id."""
        return self.order_id


class InvoiceLog(Model):
    """What was done to an invoice request: who, from what, to what. Never changed."""

    __tablename__ = "invoices_log"
    __table_args__ = (Index("ix_invoices_log_order", "order_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    order_id: Mapped[UUID]
    who_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
