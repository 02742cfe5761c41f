"""Tables of placing, and the address of a purchase's own page."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.config import settings
from app.core.db import Model
from app.core.plain import Row
from app.store.orders.models import MALL

_TAG = 16
"""Bytes of the signature: 128 bits, which nobody guesses."""


class PayWay(Model):
    """How a person pays where he does not say: the gateway that he named last."""

    __tablename__ = "placing_pay_ways"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts_people.id"), primary_key=True)
    gateway: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a buyer says of an order beside its goods, as a checkout keeps it: where to send it, or where he fetches it
    (shops and warehouses by their ids as text); which offers; by which channel he came."""

    address: dict[str, str] | None
    note: str
    offers: Sequence[str]
    invoice: dict[str, Any] | None
    pick_ups: Mapping[str, str]
    channel: str = MALL


def ordered_of(row: Row) -> Ordered:
    """What a checkout that is taken for a purchase says."""
    return Ordered(row.address, row.note, row.offers, row.invoice, row.pick_ups, row.channel)


def order_token(purchase_id: UUID) -> str:
    """The token of a purchase's page: its id, signed. So the page costs no row, and nobody finds another's."""
    return base64.urlsafe_b64encode(purchase_id.bytes + _signature(purchase_id)).decode().rstrip("=")


def order_page(purchase_id: UUID) -> str:
    """Where a purchase opens for whoever has the address: a guest's way back to it, on any device."""
    return f"/o/{order_token(purchase_id)}"


def purchase_of_token(token: str) -> UUID | None:
    """The purchase that a token opens, None for one that we did not make."""
    if len(token) != 43 or not token.isascii():
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=")
    except ValueError:
        return None
    found = UUID(bytes=raw[:16])
    # The last letter of base64 may be altered without altering the bytes: only our own spelling counts.
    is_ours = hmac.compare_digest(raw[16:], _signature(found)) and token == order_token(found)
    return found if is_ours else None


def _signature(purchase_id: UUID) -> bytes:
    words = b"order-page:" + purchase_id.bytes
    return hmac.new(settings.secret_key.encode(), words, hashlib.sha256).digest()[:_TAG]
