"""Questions about invoices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from app.core import paging
from app.core.caller import Caller
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.store.invoices.models import InvoiceRequest
from app.store.orders.models import Order, Purchase
from app.store.shops.queries import is_staff


def invoice_of(caller: Caller, order_id: UUID) -> InvoiceRequest:
    """The request of an order, for its buyer and the staff of its shop. Raises Refused 404 for others, or without."""
    wanted = select(InvoiceRequest, Purchase.buyer_kind, Purchase.buyer_id)
    wanted = wanted.join(Order, Order.id == InvoiceRequest.order_id).join(Purchase, Purchase.id == Order.purchase_id)
    row = db.session.execute(wanted.where(InvoiceRequest.order_id == order_id)).first()
    if row is None or not (caller.ref == (row[1], row[2]) or _works_there(caller, row[0].shop_id)):
        raise missing("没有这张发票", "There is no such invoice.")
    return row[0]


def invoice_if_any(order_id: UUID) -> InvoiceRequest | None:
    """The request of an order; the caller has asked whose order it is."""
    return db.session.get(InvoiceRequest, order_id)


def _works_there(caller: Caller, shop_id: UUID) -> bool:
    return caller.person_id is not None and is_staff(shop_id, caller.person_id)


def invoices_of_shop(
    shop_id: UUID, state: str | None, limit: int, cursor: str | None
) -> tuple[list[InvoiceRequest], str | None]:
    """A page of what buyers ask of a shop, newest first. One query."""
    scope = f"invoices:{shop_id}:{state}"
    wanted = select(InvoiceRequest).where(InvoiceRequest.shop_id == shop_id)
    if state is not None:
        wanted = wanted.where(InvoiceRequest.state == state)
    place: list[Any] | None = paging.values_of(scope, cursor)
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(InvoiceRequest.created_at, InvoiceRequest.order_id) < before)
    newest = (InvoiceRequest.created_at.desc(), InvoiceRequest.order_id.desc())
    rows = list(db.session.scalars(wanted.order_by(*newest).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], paging.cursor(scope, [iso(last.created_at), str(last.order_id)]) if last else None
