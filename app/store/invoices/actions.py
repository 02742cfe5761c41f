"""What is done to invoices: buyers ask for them, shops issue them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, missing
from app.store.fulfilment.queries import is_given_back
from app.store.invoices.models import ISSUED, REQUESTED, InvoiceLog, InvoiceRequest
from app.store.orders.models import PAID, UNPAID, Order
from app.store.orders.queries import is_buyer
from app.store.shops.models import MONEY
from app.store.shops.queries import is_staff, require_right


def request_invoices(orders: Sequence[tuple[UUID, UUID]], wanted: Mapping[str, Any]) -> None:
    """Ask for an invoice of each (order, shop) of a purchase, in the transaction that places it."""
    asked = {name: wanted[name] for name in ("kind", "title", "tax_number", "email")}
    for order_id, shop_id in orders:
        db.session.add(InvoiceRequest(order_id=order_id, shop_id=shop_id, **asked))
        db.session.add(InvoiceLog(order_id=order_id, who_id=None, after=REQUESTED, why="asked for with the order"))
    db.session.flush()


def ask_invoice(caller: Caller, order_id: UUID, wanted: Mapping[str, Any]) -> InvoiceRequest:
    """Ask for an invoice of an order that was placed without; asked again for the same it changes nothing.

    Raises Refused 404 for another's order, 409 "order_over" for one that was never paid, or went back whole, and
    "asked_already" where another was asked for.
    """
    if caller.ref is None or not is_buyer(caller.ref, order_id):
        raise missing("没有这个订单", "There is no such order.")
    order = db.session.get_one(Order, order_id)
    if order.status not in {UNPAID, PAID} or is_given_back(order_id):
        raise Refused(409, "order_over", "订单已取消或已全额退款，不能开票", "Nothing of this order was kept.")
    asked = {name: wanted[name] for name in ("kind", "title", "tax_number", "email")}
    row = insert(InvoiceRequest).values(order_id=order_id, shop_id=order.shop_id, **asked)
    if changed(row.on_conflict_do_nothing()):
        who = {"who_id": caller.person_id, "after": REQUESTED, "why": "asked for by the buyer"}
        db.session.add(InvoiceLog(order_id=order_id, **who))
        db.session.flush()
    found = db.session.get_one(InvoiceRequest, order_id, populate_existing=True)
    if any(getattr(found, name) != value for name, value in asked.items()):
        raise Refused(409, "asked_already", "已经申请过发票", "An invoice was asked for already.")
    return found


def issue_invoice(by: UUID, order_id: UUID, number: str, file_url: str | None) -> InvoiceRequest:
    """The shop has issued it, under this number; `file_url` is where the buyer finds it.

    Raises Refused 404 for who does not work there, 403 without the right, 409 for an order that is not paid, or a
    second time with another number.
    """
    found = db.session.scalar(select(InvoiceRequest).where(InvoiceRequest.order_id == order_id))
    if found is None or not is_staff(found.shop_id, by):
        raise missing("没有这张发票", "There is no such invoice.")
    require_right(found.shop_id, by, MONEY)
    if db.session.scalar(select(Order.status).where(Order.id == order_id)) != PAID:
        raise Refused(409, "not_paid", "订单未支付，不能开票", "The order is not paid.")
    issued = {"state": ISSUED, "number": number, "file_url": file_url, "issued_at": clock.db_now()}
    mine = (InvoiceRequest.order_id == order_id, InvoiceRequest.state == REQUESTED)
    if changed(update(InvoiceRequest).where(*mine).values(**issued)):
        db.session.add(InvoiceLog(order_id=order_id, who_id=by, before=REQUESTED, after=ISSUED, why=number))
        db.session.flush()
    db.session.refresh(found)
    if found.number != number:
        raise Refused(409, "issued_already", "发票已开具", "This invoice is issued already.")
    return found
