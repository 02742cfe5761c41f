"""What is done to invoices: buyers ask for them, shops issue them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.core import clock
from app.core.db import changed, db
from app.core.errors import Refused, missing
from app.store.invoices.models import ISSUED, REQUESTED, InvoiceLog, InvoiceRequest
from app.store.orders.models import PAID, Order
from app.store.shops.models import MONEY
from app.store.shops.queries import is_staff, require_right


def request_invoices(orders: Sequence[tuple[UUID, UUID]], wanted: Mapping[str, Any]) -> None:
    """Ask for an invoice of each (order, shop) of a purchase, in the transaction that places it."""
    asked = {name: wanted[name] for name in ("kind", "title", "tax_number", "email")}
    for order_id, shop_id in orders:
        db.session.add(InvoiceRequest(order_id=order_id, shop_id=shop_id, **asked))
        db.session.add(InvoiceLog(order_id=order_id, who_id=None, after=REQUESTED, why="asked for with the order"))
    db.session.flush()


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
