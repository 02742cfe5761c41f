"""make.order: buyers, stock, purchases, payments and signed callbacks, for tests of money."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import select

from app.core.caller import GUEST, PERSON, Caller, Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.guests import guest_of, new_guest_token
from app.core.ids import new_id
from app.store.inventory.actions import hold, set_stock
from app.store.orders import actions
from app.store.orders.models import LineToPlace, OrderLine, PlacedPurchase
from app.store.payments.actions import play_outcome, settle_callback
from app.store.payments.queries import PaymentToPay
from app.store.payments.queries import payment as payment_now


@dataclass(frozen=True)
class Buyer:
    """A guest, or a person, who buys, with his token."""

    token: str
    ref: Ref

    @property
    def caller(self) -> Caller:
        return Caller(**{"person_id" if self.ref.kind == PERSON else "guest_id": self.ref.id})


@dataclass(frozen=True)
class MadePurchase:
    """A purchase with its buyer."""

    id: UUID
    buyer: Buyer
    placed: PlacedPurchase


def buyer() -> Buyer:
    token = new_guest_token()
    guest = guest_of(token)
    assert guest is not None
    return Buyer(token, Ref(GUEST, guest))


def sku(stock: int = 100) -> UUID:
    """A SKU with this stock. Orders know goods only as ids, so no product is made."""
    made = new_id()
    in_transaction(lambda: set_stock(made, stock))
    return made


def line(sku_id: UUID, price: int = 9900, quantity: int = 1, shop_id: UUID | None = None, **named: Any) -> LineToPlace:
    shop = shop_id or new_id()
    return LineToPlace(sku_id, new_id(), shop, "手工陶瓷杯", "蓝色", price, quantity, **named)


def checkout(lines: Sequence[LineToPlace]) -> UUID:
    """The id of a checkout that holds the stock of these lines."""
    made = new_id()
    in_transaction(lambda: hold(Ref("checkout", made), [(one.sku_id, one.quantity) for one in lines], 600))
    return made


def purchase(lines: Sequence[LineToPlace] = (), who: Buyer | None = None, **named: Any) -> MadePurchase:
    """An unpaid purchase of `lines`, of one line of goods of its own if none are given."""
    wanted = lines or [line(sku())]
    by = who or buyer()
    held = checkout(wanted)
    placed = in_transaction(lambda: actions.place_purchase(by.ref, held, wanted, **named))
    return MadePurchase(placed.id, by, placed)


def payment(of: MadePurchase) -> PaymentToPay:
    """The next attempt to pay a purchase."""
    return in_transaction(lambda: actions.pay_purchase(of.buyer.caller, of.id, "sandbox"))


@dataclass(frozen=True)
class Sent:
    """A callback as it goes over the wire."""

    headers: dict[str, str]
    body: bytes


def callback(
    paid: PaymentToPay,
    outcome: str = "paid",
    *,
    amount: int | None = None,
    event_id: str = "",
    age: int = 0,
    secret: str | None = None,
) -> Sent:
    """A callback of the sandbox about a payment, signed as the issue says, `age` seconds ago."""
    said = {
        "event_id": event_id or uuid4().hex,
        "payment_id": str(paid.id),
        "outcome": outcome,
        "amount": paid.amount if amount is None else amount,
    }
    return signed(orjson.dumps(said), age, settings.sandbox_secret if secret is None else secret)


def signed(body: bytes, age: int = 0, secret: str | None = None) -> Sent:
    stamp = str(int(time.time()) - age)
    key = settings.sandbox_secret if secret is None else secret
    mac = hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return Sent({"Sandbox-Signature": f"t={stamp},v1={mac}", "Content-Type": "application/json"}, body)


def paid(of: MadePurchase) -> MadePurchase:
    """The purchase, paid at the sandbox."""
    begun = payment(of)
    kept = in_transaction(lambda: play_outcome(payment_now(begun.id), "paid"))
    in_transaction(lambda: settle_callback(kept))
    return of


def line_ids(order_id: UUID) -> list[UUID]:
    """The ids of an order's lines, in their order."""
    mine = select(OrderLine.id).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return list(db.session.scalars(mine))
