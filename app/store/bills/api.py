"""Doors of bills, for the staff of their shop."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready
from app.core.http.door import PERSON, Door
from app.store.bills import actions, queries
from app.store.bills.models import BillTerms
from app.store.bills.schemas import BillOut, BillsOut, BillTermsOut, PeriodIn, WholeBillOut
from app.store.shops.models import BILLS
from app.store.shops.queries import require_right

door = Door("bills", for_keys=True)
OF_SHOP = "/shops/<uuid:shop_id>/bills"
BILL, TERMS = f"{OF_SHOP}/<uuid:bill_id>", "/shops/<uuid:shop_id>/bill-terms"


@door.get(OF_SHOP, asks=PageQuery, gives=BillsOut, who=PERSON)
def list_bills(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> Ready:
    """A shop's bills, the latest first."""
    require_right(shop_id, caller.person, BILLS)
    return Ready(orjson.dumps(queries.bills_of(shop_id, **asked)))


@door.get(BILL, asks=PageQuery, gives=WholeBillOut, who=PERSON)
def show_bill(caller: Caller, shop_id: UUID, bill_id: UUID, asked: dict[str, Any]) -> Ready:
    """A bill with its log and a page of its entries, the oldest first."""
    require_right(shop_id, caller.person, BILLS)
    return Ready(orjson.dumps(queries.bill_page(shop_id, bill_id, **asked)))


@door.post(f"{BILL}/confirmation", gives=BillOut)
def confirm_bill(caller: Caller, shop_id: UUID, bill_id: UUID) -> Ready:
    """The shop agrees with a bill."""
    return Ready(orjson.dumps(queries.shown(actions.confirm(caller, shop_id, bill_id))))


@door.get(TERMS, gives=BillTermsOut, who=PERSON)
def show_terms(caller: Caller, shop_id: UUID) -> BillTerms:
    """How often a shop gets a bill."""
    require_right(shop_id, caller.person, BILLS)
    return queries.terms_of(shop_id)


@door.put(TERMS, takes=PeriodIn, gives=BillTermsOut)
def choose_period(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> BillTerms:
    """A bill a week, or one a month."""
    return actions.choose_period(caller, shop_id, given["period"])
