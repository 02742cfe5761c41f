"""What becomes of paid orders."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class OrderReceived(Fact):
    """All that was to be sent of an order has been sent, and its buyer has it; once an order, and again after each
    ReceiptUndone."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class ReceiptUndone(Fact):
    """Something of an order that was received was not handed over after all: the order goes on."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class OrderCancelled(Fact):
    """Nothing of a paid order will be sent: all of it was cancelled before."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class OrderRefunded(Fact):
    """Each unit of an order has been refunded, before it was sent or afterwards."""

    order_id: UUID
