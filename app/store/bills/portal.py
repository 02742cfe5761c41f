"""A shop's money: how it stands, its bills with every column, and how often it gets one."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.clock import in_china
from app.core.fields import PageQuery
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import form
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sheets import sheet
from app.store.bills import actions, queries
from app.store.bills.models import PERIODS
from app.store.bills.schemas import KIND_NAMES, NAMES, PeriodIn, last_day, sheet_columns, sheet_row
from app.store.ledger.queries import balance, shop_account
from app.store.settlement.models import COLUMNS, TOTALS
from app.store.settlement.queries import standing_of
from app.store.shops.models import BILLS, MONEY
from app.store.shops.queries import require_right, rights_in

OF_SHOP = "/portal/shops/<uuid:shop_id>/bills"
BILL = f"{OF_SHOP}/<uuid:bill_id>"
door = PageDoor("bills", __name__, who=PERSON)
menu.add(menu.SHOP, "/bills", "账单与结算", "Bills", order=26, right=BILLS)


@door.get(OF_SHOP)
def list_bills(caller: Caller, shop_id: UUID) -> str:
    """What is held, settled and owed now, and the bills, the latest first."""
    shop = require_right(shop_id, caller.person, BILLS)
    asked = PageQuery().load(request.args.to_dict())
    bills = queries.bills_of(shop_id, asked["limit"], asked["cursor"])
    stand = {"standing": standing_of(shop_id), "held": -balance(shop_account(shop_id))}
    told = {"bills": bills["items"], "next": bills["next"], "terms": queries.terms_of(shop_id), "periods": PERIODS}
    asides = {"may": MONEY in rights_in(shop_id, caller.person), "last_day": last_day}
    return page("bills_list.html", shop=shop, done=request.args.get("done", ""), **stand, **told, **asides)


@door.get(BILL)
def show_bill(caller: Caller, shop_id: UUID, bill_id: UUID) -> str:
    """Every column of a bill, its log, and a page of its entries."""
    shop = require_right(shop_id, caller.person, BILLS)
    asked = PageQuery().load(request.args.to_dict())
    bill = queries.bill_page(shop_id, bill_id, asked["limit"], asked["cursor"])
    may = MONEY in rights_in(shop_id, caller.person)
    named = {"last_day": last_day, "names": NAMES, "kinds": KIND_NAMES, "columns": COLUMNS, "totals": TOTALS}
    return page("bills_bill.html", shop=shop, bill=bill, may=may, **named)


@door.get(f"{BILL}/entries.csv", limit="upload")
def download_bill(caller: Caller, shop_id: UUID, bill_id: UUID) -> AnyResponse:
    """All entries of a bill as a sheet."""
    require_right(shop_id, caller.person, BILLS)
    bill, tongue = queries.bill_or_missing(shop_id, bill_id), language()
    pages = ([sheet_row(one, tongue) for one in some] for some in queries.lines_of(bill))
    return sheet(f"bill-{in_china(bill.begins)[:10]}.csv", sheet_columns(tongue), pages)


@door.post(f"{BILL}/confirmation")
def confirm_bill(caller: Caller, shop_id: UUID, bill_id: UUID) -> AnyResponse:
    """The shop agrees with it; again that changes nothing."""
    actions.confirm(caller, shop_id, bill_id)
    return go(f"/portal/shops/{shop_id}/bills/{bill_id}")


@door.post("/portal/shops/<uuid:shop_id>/bill-terms")
def choose_period(caller: Caller, shop_id: UUID) -> AnyResponse:
    """A bill a week, or one a month."""
    actions.choose_period(caller, shop_id, PeriodIn().load(form())["period"])
    return go(f"/portal/shops/{shop_id}/bills?done=1")
