"""What is done to paid orders. Of all that happens to one order, one thing happens after the other: each locks its row
first, then its lines in the order of their ids."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused, missing
from app.core.events import emit
from app.core.plain import array_of, prepared, unseen
from app.store.freight.queries import costs_the_same
from app.store.fulfilment.events import OrderCancelled, OrderReceived, OrderRefunded, ReceiptUndone
from app.store.fulfilment.models import (
    CANCELLED,
    RECEIVED,
    REFUNDED,
    UNFULFILLED,
    Axes,
    FulfilmentLog,
    LineProgress,
    Move,
    OrderProgress,
    axes_of,
)
from app.store.orders.models import SHIP as BY_CARRIER
from app.store.orders.models import Order, OrderLine, Purchase
from app.store.orders.queries import is_buyer

Who = tuple[str, UUID | None]
"""Who changes an order, for its log: a reference, or the system."""


def begin(purchase_ids: Sequence[UUID]) -> int:
    """Let the orders of paid purchases begin; what has begun stays as it is. Answers how many lines did.

    Goods that are sent are due within SHIP_WITHIN_SECONDS of the payment.
    """
    return _BEGIN.changed(ids=array_of(purchase_ids), within=timedelta(seconds=settings.ship_within_seconds))


def locked_order(order_id: UUID) -> tuple[OrderProgress, dict[UUID, LineProgress]]:
    """A paid order and its lines by id, locked until this transaction ends. Raises Refused 404, 409 "not_paid"."""
    fresh = {"populate_existing": True}
    locking = select(OrderProgress).where(OrderProgress.order_id == order_id).with_for_update(key_share=True)
    found = db.session.scalar(locking, execution_options=fresh)
    if found is None:
        zh, en = "此订单还没有支付", "This order is not paid; its purchase can be cancelled."
        raise Refused(409, "not_paid", zh, en)
    mine = select(LineProgress).where(LineProgress.order_id == order_id).order_by(LineProgress.line_id)
    lines = db.session.scalars(mine.with_for_update(key_share=True), execution_options=fresh)
    return found, {one.line_id: one for one in lines}


def move_lines(order_id: UUID, moves: Sequence[Move], who: Who, why: str, freight: int = 0) -> Axes:
    """Move quantities of a paid order, all of `moves` or none, and answer where it stands now.

    `freight`: what of it goes back, in 分; with the amounts of the moves it adds to what is refunded. Nothing is paid
    out here (refunds). Raises Refused 404 for a line of another order, 409 "wrong_quantity" with the lines of which
    there is not so much.
    """
    order, lines = locked_order(order_id)
    before = axes_of(lines.values())
    if any(one.line_id not in lines for one in moves):
        raise missing("订单里没有这件商品", "There is no such line in this order.")
    short = [str(one.line_id) for one in moves if not lines[one.line_id].move(one)]
    if short:
        zh, en = "数量超出可处理的范围", "There is not so much of these lines to do this with."
        raise Refused(409, "wrong_quantity", zh, en, errors={"line_id": short})
    order.refunded += freight + sum(one.amount for one in moves)
    order.freight_refunded += freight
    after = axes_of(lines.values())
    order.fulfilment, order.aftersale = after
    if after.fulfilment == RECEIVED and order.received_at is None:
        order.received_at = db.session.scalar(select(clock.db_now()))
    elif after.fulfilment != RECEIVED:
        order.received_at = None
    _log(order_id, before, after, who, why)
    db.session.flush()
    _tell(order_id, before, after)
    return after


def change_address(caller: Caller, order_id: UUID, address: dict[str, str]) -> None:
    """Send what is not sent yet to another address.

    Raises Refused 404 for another's order, 409 "shipped" once anything of it was sent or all of it was cancelled,
    "wrong_method" for one that no parcel brings, "other_freight" where sending it there would cost something else.
    """
    if not is_buyer(caller.buyer, order_id):
        raise missing("没有这个订单", "There is no such order.")
    order, _ = locked_order(order_id)
    if order.fulfilment != UNFULFILLED:
        zh, en = "订单已发货或已取消，不能修改地址", "It has been sent or cancelled: the address stays."
        raise Refused(409, "shipped", zh, en)
    _require_same_freight(db.session.get_one(Order, order_id), order, address)
    order.address = address
    change = {"what": "address", "before": "", "after": "", "why": "changed by the buyer"}
    db.session.add(FulfilmentLog(order_id=order_id, who_kind=caller.buyer.kind, who_id=caller.buyer.id, **change))
    db.session.flush()


def _require_same_freight(agreed: Order, order: OrderProgress, address: dict[str, str]) -> None:
    """What is paid for sending it to a near place sends it to no far one, nor to where the shop sends nothing."""
    if agreed.method != BY_CARRIER:
        raise Refused(409, "wrong_method", "此订单不需要快递", "This order is not sent by a carrier.")
    before = order.address or db.session.get_one(Purchase, agreed.purchase_id).address or {}
    goods = db.session.scalars(select(OrderLine.product_id).where(OrderLine.order_id == agreed.id)).all()
    if before and not costs_the_same(agreed.shop_id, set(goods), before, address):
        zh, en = (
            "寄到新地址的运费不同，请取消后重新下单",
            "Sending it there costs something else: cancel, and order again.",
        )
        raise Refused(409, "other_freight", zh, en)


def _log(order_id: UUID, before: Axes, after: Axes, who: Who, why: str) -> None:
    for what, old, new in zip(Axes._fields, before, after, strict=True):
        if old != new:
            change: dict[str, Any] = {"what": what, "before": old, "after": new, "why": why}
            db.session.add(FulfilmentLog(order_id=order_id, who_kind=who[0], who_id=who[1], **change))


def _tell(order_id: UUID, before: Axes, after: Axes) -> None:
    if after.fulfilment == RECEIVED != before.fulfilment:
        emit(OrderReceived(order_id))
    if before.fulfilment == RECEIVED != after.fulfilment:
        emit(ReceiptUndone(order_id))
    if after.fulfilment == CANCELLED != before.fulfilment:
        emit(OrderCancelled(order_id))
    if after.aftersale == REFUNDED != before.aftersale:
        emit(OrderRefunded(order_id))


_BEGIN = prepared(
    "WITH begun AS (INSERT INTO fulfilment_orders (order_id, shop_id, fulfilment, aftersale, total, freight, ship_by,"
    "   began_at)"
    "  SELECT o.id, o.shop_id, 'unfulfilled', 'none', o.total, o.freight + coalesce((SELECT sum(a.amount)"
    "    FROM orders_adjustments a WHERE a.order_id = o.id AND a.line_id IS NULL), 0),"
    "   CASE WHEN o.method = 'ship' THEN p.paid_at + :within END, p.paid_at"
    "  FROM orders_orders o JOIN orders_purchases p ON p.id = o.purchase_id"
    f"  WHERE p.id = ANY({unseen('ids')}) AND p.status = 'paid' ORDER BY o.id"
    "  ON CONFLICT DO NOTHING RETURNING order_id)"
    " INSERT INTO fulfilment_lines (line_id, order_id, sku_id, quantity, total)"
    " SELECT l.id, l.order_id, coalesce(l.stock_sku_id, l.sku_id), l.quantity, l.price * l.quantity"
    "   + coalesce((SELECT sum(a.amount) FROM orders_adjustments a WHERE a.line_id = l.id), 0)"
    " FROM begun JOIN orders_lines l ON l.order_id = begun.order_id"
)
