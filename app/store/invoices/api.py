"""Doors of invoices: for the buyer of an order, and for its shop."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import BUYER, PERSON, Door
from app.store.invoices import actions, queries
from app.store.invoices.models import InvoiceRequest, check_invoice
from app.store.invoices.schemas import InvoiceIn, InvoiceIssueIn, InvoiceOut, InvoicePage, InvoicesQuery
from app.store.shops.models import MONEY
from app.store.shops.queries import require_right

door = Door("invoices", for_keys=True)


@door.get("/orders/<uuid:order_id>/invoice", gives=InvoiceOut, who=BUYER)
def show_invoice(caller: Caller, order_id: UUID) -> InvoiceRequest:
    """What was asked for, and what the shop issued."""
    return queries.invoice_of(caller, order_id)


@door.post("/orders/<uuid:order_id>/invoice", takes=InvoiceIn, gives=InvoiceOut, who=BUYER)
def ask_invoice(caller: Caller, order_id: UUID, given: dict[str, Any]) -> InvoiceRequest:
    """Ask for an invoice of an order that was placed without one; asked again for the same it changes nothing."""
    return actions.ask_invoice(caller, order_id, check_invoice(given))


@door.put("/orders/<uuid:order_id>/invoice", takes=InvoiceIssueIn, gives=InvoiceOut)
def issue_invoice(caller: Caller, order_id: UUID, given: dict[str, Any]) -> InvoiceRequest:
    """The shop has issued the invoice; may be sent again."""
    return actions.issue_invoice(caller.person, order_id, given["number"], given["file_url"])


@door.get("/shops/<uuid:shop_id>/invoices", gives=InvoicePage, asks=InvoicesQuery, who=PERSON)
def list_invoices(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What buyers ask of a shop, newest first; for those who see to its money."""
    require_right(shop_id, caller.person, MONEY)
    items, following = queries.invoices_of_shop(shop_id, **asked)
    return {"items": items, "next": following}
