"""Questions about orders and where they stand: one order, and the order centre of a buyer and of a shop."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, and_, cast, false, func, or_, select, tuple_

from app.core import clock, paging
from app.core.caller import PERSON, Caller, Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.plain import array_of, prepared, unseen
from app.store.fulfilment.models import (
    CANCELLED,
    NO_CASE,
    OPEN,
    PARTLY_REFUNDED,
    PARTLY_SHIPPED,
    RECEIVED,
    REFUNDED,
    SHIPPED,
    UNFULFILLED,
    FulfilmentLog,
    LineProgress,
    OrderProgress,
)
from app.store.orders.models import CANCELLED as GIVEN_UP
from app.store.orders.models import LAPSED, PAID, UNPAID, Order, OrderLine, OrderLog, Purchase
from app.store.orders.queries import bought_by, is_buyer, shown_orders
from app.store.shops.models import SERVE, SHIP
from app.store.shops.queries import is_staff, require_staff, rights_in

Found = Row[Order, Purchase, OrderProgress | None]
TO_PAY, TO_SHIP, TO_RECEIVE, DONE, AFTER_SALES, ENDED = (
    "to_pay",
    "to_ship",
    "to_receive",
    "done",
    "after_sales",
    "ended",
)
_goes_on = OrderProgress.fulfilment
STATES: dict[str, ColumnElement[bool]] = {
    TO_PAY: Order.status == UNPAID,
    TO_SHIP: and_(Order.status == PAID, _goes_on.in_((UNFULFILLED, PARTLY_SHIPPED))),
    TO_RECEIVE: and_(Order.status == PAID, _goes_on.in_((PARTLY_SHIPPED, SHIPPED))),
    DONE: and_(Order.status == PAID, _goes_on == RECEIVED),
    AFTER_SALES: and_(Order.status == PAID, OrderProgress.aftersale.in_((OPEN, PARTLY_REFUNDED, REFUNDED))),
    ENDED: or_(Order.status.in_((LAPSED, GIVEN_UP)), and_(Order.status == PAID, _goes_on == CANCELLED)),
}
"""What a list of orders can be narrowed to; an order may be in several."""
LATELY = timedelta(days=180)
"""So far back orders are looked for by their buyer, or by the end of their number."""
SEES_BUYERS = frozenset({SHIP, SERVE})
"""Whose work in a shop needs its buyers' names, phone numbers and addresses: who ships, or serves them."""
_TAIL, _DIGITS = re.compile(r"[0-9a-f-]{4,36}"), re.compile(r"[0-9]{4,15}")


@dataclass(frozen=True, slots=True)
class OrdersWanted:
    """Which orders of a shop; what is None or "" does not narrow them.

    `about`: a whole number of an order or the end of one, the end of its buyer's phone number, or a part of his name.
    """

    state: str | None = None
    status: str | None = None
    channel: str | None = None
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERY_ORDER = OrdersWanted()


def order_page(caller: Caller, order_id: UUID) -> dict[str, Any]:
    """One order with its log, for its buyer or for the staff of its shop. Raises Refused 404 for everybody else."""
    row = db.session.execute(_orders().where(Order.id == order_id)).first()
    if row is None or not _may_see(caller, row[0], row[1]):
        raise missing("没有这个订单", "There is no such order.")
    is_buyer = caller.ref == (row[1].buyer_kind, row[1].buyer_id)
    tells = _ALL if is_buyer else _told_to(row[0].shop_id, caller.person_id)
    return _shown([row], tells)[0] | {"log": _log_of(row[0])}


def order_of_buyer(caller: Caller, order_id: UUID) -> dict[str, Any]:
    """As order_page, for its buyer alone. Raises Refused 404 for everybody else."""
    if caller.ref is None or not is_buyer(caller.ref, order_id):
        raise missing("没有这个订单", "There is no such order.")
    return order_page(caller, order_id)


def orders_of_buyer(buyer: Ref, state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a buyer's orders, newest first, in one of STATES or all of them."""
    return orders_of_buyers([buyer], state, limit, cursor)


def orders_of_buyers(buyers: Sequence[Ref], state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """As orders_of_buyer, of all that one of these has bought: a page in a browser, at which two may sit."""
    scope = "me/orders:" + ",".join(sorted(str(one.id) for one in buyers)) + f":{state}"
    mine = or_(*(and_(*bought_by(one)) for one in buyers))
    return _page(scope, [mine], state, limit, cursor, _ALL)


def orders_of_shop(
    shop_id: UUID, person_id: UUID, limit: int, cursor: str | None, wanted: OrdersWanted = EVERY_ORDER
) -> dict[str, Any]:
    """A page of a shop's orders for its staff, newest first. Raises Refused 404 for who does not work there."""
    require_staff(shop_id, person_id)
    which = _of_shop(shop_id, person_id, wanted)
    tells = _told_to(shop_id, person_id)
    return _page(f"shops/orders:{shop_id}:{wanted}", which, wanted.state, limit, cursor, tells)


def wanted_of_shop(shop_id: UUID, person_id: UUID, wanted: OrdersWanted) -> list[ColumnElement[bool]]:
    """SQL, of Order with its Purchase and OrderProgress beside it: those orders of a shop. Raises Refused 404 for who
    does not work there."""
    require_staff(shop_id, person_id)
    return _of_shop(shop_id, person_id, wanted) + ([STATES[wanted.state]] if wanted.state else [])


def payment_axis(status: str, refunded: int, total: int) -> str:
    """How a purchase of this status stands, of which so much of an order's total was refunded."""
    return status if not refunded else REFUNDED if refunded == total else PARTLY_REFUNDED


def lines_of(order_id: UUID) -> list[LineProgress]:
    """How far the lines of a paid order are, in the order of the lines."""
    wanted = select(LineProgress).join(OrderLine, OrderLine.id == LineProgress.line_id)
    return list(db.session.scalars(wanted.where(LineProgress.order_id == order_id).order_by(OrderLine.position)))


def is_given_back(order_id: UUID) -> bool:
    """Whether each unit of a paid order was refunded."""
    mine = select(OrderProgress.order_id).where(OrderProgress.order_id == order_id)
    return db.session.scalar(mine.where(OrderProgress.aftersale == REFUNDED)) is not None


def received_lines(person_id: UUID, product_id: UUID) -> Select[UUID]:
    """The ids of a person's lines of a product of which he has received at least one unit."""
    mine = bought_by(Ref(PERSON, person_id))
    lines = select(OrderLine.id).join(Purchase, Purchase.id == OrderLine.purchase_id)
    lines = lines.join(LineProgress, LineProgress.line_id == OrderLine.id)
    return lines.where(OrderLine.product_id == product_id, LineProgress.received > 0, *mine)


def _page(
    scope: str,
    which: list[ColumnElement[bool]],
    state: str | None,
    limit: int,
    cursor: str | None,
    tells: Collection[str],
) -> dict[str, Any]:
    wanted = _orders().where(*which, *([STATES[state]] if state else []))
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(tuple_(Order.created_at, Order.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    newest_first = wanted.order_by(Order.created_at.desc(), Order.id.desc()).limit(limit + 1)
    rows = db.session.execute(newest_first).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None
    return {"items": _shown(rows[:limit], tells), "next": following}


def _of_shop(shop_id: UUID, person_id: UUID, wanted: OrdersWanted) -> list[ColumnElement[bool]]:
    which = [Order.shop_id == shop_id]
    if wanted.state in {TO_SHIP, TO_RECEIVE, DONE}:
        which.append(OrderProgress.shop_id == shop_id)  # few of many: its index finds them
    if wanted.status:
        which.append(Order.status == wanted.status)
    if wanted.channel:
        which.append(Order.channel == wanted.channel)
    if wanted.since:
        which.append(Order.created_at >= wanted.since)
    if wanted.until:
        which.append(Order.created_at < wanted.until)
    about = wanted.about.strip()
    return which + (_about(about, not rights_in(shop_id, person_id).isdisjoint(SEES_BUYERS)) if about else [])


def _about(words: str, tells_buyers: bool) -> list[ColumnElement[bool]]:
    """Of who bought, orders tell once they are paid, as they do to whoever looks at them."""
    try:
        return [Order.id == UUID(words)]
    except ValueError:
        pass
    fits: list[ColumnElement[bool]] = [false()]
    if _TAIL.fullmatch(words.lower()):
        fits.append(cast(Order.id, Text).endswith(words.lower()))
    if tells_buyers:
        address = func.coalesce(OrderProgress.address, Purchase.address)
        name, phone = (func.jsonb_extract_path_text(address, one, type_=Text) for one in ("name", "phone"))
        digits = func.regexp_replace(phone, "[^0-9]", "", "g", type_=Text)
        typed = re.sub("[ +-]", "", words)
        is_phone = digits.endswith(typed) if _DIGITS.fullmatch(typed) else false()
        fits.append(and_(Order.status == PAID, or_(name.icontains(words, autoescape=True), is_phone)))
    return [or_(*fits), Order.created_at > clock.db_now() - LATELY]


def _orders() -> Select[Order, Purchase, OrderProgress | None]:
    wanted = select(Order, Purchase, OrderProgress).join(Purchase, Purchase.id == Order.purchase_id)
    return wanted.outerjoin(OrderProgress, OrderProgress.order_id == Order.id)


def _may_see(caller: Caller, order: Order, purchase: Purchase) -> bool:
    if caller.ref == (purchase.buyer_kind, purchase.buyer_id):
        return True
    return caller.person_id is not None and is_staff(order.shop_id, caller.person_id)


_ALL = (UNPAID, PAID, LAPSED, GIVEN_UP)
"""The buyer himself sees where it goes however it stands."""


def _told_to(shop_id: UUID, person_id: UUID | None) -> Collection[str]:
    """Of orders of which status this member of staff sees name, address and note: paid ones, if he ships or serves."""
    return () if rights_in(shop_id, person_id).isdisjoint(SEES_BUYERS) else (PAID,)


def _shown(rows: Sequence[Found], tells: Collection[str]) -> list[dict[str, Any]]:
    """Whole orders; address and note of those in a status of `tells`. Two queries for any number."""
    shown = shown_orders([row[0] for row in rows])
    moved = _moved([row[0].id for row in rows])
    return [_whole(one, row, moved, tells) for one, row in zip(shown, rows, strict=True)]


def _whole(
    agreed: dict[str, Any], row: Found, moved: dict[UUID, dict[str, int]], told: Collection[str]
) -> dict[str, Any]:
    order, purchase, progress = row
    tells = purchase.status in told
    return {
        **agreed,
        "purchase_id": purchase.id,
        "status": purchase.status,
        **_axes(purchase, progress),
        "lines": [line | moved.get(line["id"], _NOT_MOVED) for line in agreed["lines"]],
        "adjustments": _adjustments(agreed),
        "currency": purchase.currency,
        "address": _address(purchase, progress) if tells else None,
        "note": purchase.note if tells else "",
        "created_at": iso(order.created_at),
        "pay_by": iso(purchase.pay_by),
        "paid_at": iso(purchase.paid_at) if purchase.paid_at else None,
    }


def _axes(purchase: Purchase, progress: OrderProgress | None) -> dict[str, Any]:
    if progress is None:
        axes = {"payment": purchase.status, "fulfilment": UNFULFILLED, "aftersale": NO_CASE}
        return axes | {"refunded": 0, "ship_by": None, "received_at": None}
    paid = payment_axis(PAID, progress.refunded, progress.total)
    axes = {"payment": paid, "fulfilment": progress.fulfilment, "aftersale": progress.aftersale}
    times = {"ship_by": progress.ship_by, "received_at": progress.received_at}
    return axes | {"refunded": progress.refunded} | {name: iso(one) if one else None for name, one in times.items()}


def _address(purchase: Purchase, progress: OrderProgress | None) -> dict[str, Any] | None:
    return progress.address if progress is not None and progress.address is not None else purchase.address


_QUANTITIES = ("shipped", "received", "claimed", "cancelled", "returned", "refunded", "refunded_amount")
_NOT_MOVED = dict.fromkeys(_QUANTITIES, 0)
_MOVED = prepared(
    f"SELECT line_id, {', '.join(_QUANTITIES)} FROM fulfilment_lines WHERE order_id = ANY({unseen('ids')})"
)


def _moved(order_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    found = _MOVED.rows(ids=array_of(order_ids)) if order_ids else []
    return {line_id: dict(zip(_QUANTITIES, moved, strict=True)) for line_id, *moved in found}


def _adjustments(order: dict[str, Any]) -> list[dict[str, Any]]:
    """All of an order's in one list; those of its freight have no line."""
    of_lines = [{"line_id": line["id"], **one} for line in order["lines"] for one in line["adjustments"]]
    return of_lines + [{"line_id": None, **one} for one in order["freight_adjustments"]]


def _log_of(order: Order) -> list[dict[str, Any]]:
    """What became of an order, oldest first: its payment, which is its purchase's, and the other axes."""
    paid = select(OrderLog).where(OrderLog.purchase_id == order.purchase_id).order_by(OrderLog.id)
    moved = select(FulfilmentLog).where(FulfilmentLog.order_id == order.id).order_by(FulfilmentLog.id)
    found = [("payment", one) for one in db.session.scalars(paid)]
    both: list[tuple[str, OrderLog | FulfilmentLog]] = [*found, *((one.what, one) for one in db.session.scalars(moved))]
    return [
        {"what": what, "who": one.who_kind, "before": one.before, "after": one.after, "why": one.why, "at": iso(one.at)}
        for what, one in sorted(both, key=lambda pair: pair[1].at)
    ]
