"""The page of the invoices that buyers ask a shop for."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import form
from app.core.http.pages import PageDoor, go, page
from app.core.paging import USUAL
from app.store.invoices import actions, queries
from app.store.invoices.models import REQUESTED
from app.store.invoices.schemas import InvoiceIssueForm
from app.store.shops.models import MONEY
from app.store.shops.queries import require_right

door = PageDoor("invoices", __name__, who=PERSON)
menu.add(menu.SHOP, "/invoices", "发票", "Invoices", order=70, right=MONEY)


@door.get("/portal/shops/<uuid:shop_id>/invoices")
def list_invoices(caller: Caller, shop_id: UUID) -> str:
    """What is to be issued, or all (?show=all), newest first."""
    shop = require_right(shop_id, caller.person, MONEY)
    shows_all = request.args.get("show") == "all"
    cursor = request.args.get("cursor")
    found, following = queries.invoices_of_shop(shop_id, None if shows_all else REQUESTED, USUAL, cursor)
    return page("invoices_list.html", shop=shop, invoices=found, next=following, shows_all=shows_all)


@door.post("/portal/orders/<uuid:order_id>/invoice")
def issue_invoice(caller: Caller, order_id: UUID) -> AnyResponse:
    """It is issued, under this number."""
    given = InvoiceIssueForm().load(form())
    done = actions.issue_invoice(caller.person, order_id, given["number"], given["file_url"])
    return go(f"/portal/shops/{done.shop_id}/invoices")
