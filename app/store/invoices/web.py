"""The page on which a buyer asks for an invoice of an order."""

from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import browser
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.store.fulfilment.queries import order_of_buyer
from app.store.invoices import actions
from app.store.invoices.models import KINDS, PERSONAL, check_invoice
from app.store.invoices.queries import invoice_if_any
from app.store.invoices.schemas import InvoiceIn

door = PageDoor("invoices", __name__)
OF_ORDER = "/orders/<uuid:order_id>/invoice"


@door.get(OF_ORDER)
def new_invoice(caller: Caller, order_id: UUID) -> str | AnyResponse:
    """To whom it shall be made out; the order's own page says what became of one that was asked for."""
    browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    if invoice_if_any(order_id) is not None:
        return go(f"/orders/{order_id}")
    return _page(order_id, {"kind": PERSONAL, "title": "", "email": ""}, {})


@door.post(OF_ORDER)
def ask_invoice(caller: Caller, order_id: UUID) -> AnyResponse:
    """Ask for it; sent twice it is asked for once."""
    buyer, _ = browser.of_either(caller, lambda one: order_of_buyer(one, order_id))
    faults = faults_of(lambda: actions.ask_invoice(buyer, order_id, check_invoice(InvoiceIn().load(form()))))
    if faults is None:
        return go(f"/orders/{order_id}")
    return once_more(_page(order_id, form(), faults))


def _page(order_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    return page("invoices_ask.html", order_id=order_id, filled=filled, faults=faults, kinds=KINDS)
