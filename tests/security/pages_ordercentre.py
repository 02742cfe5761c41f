"""Pages of what persons bought, of their address books and wallets."""

from typing import Any

from app.core.ids import new_id
from tests import make
from tests.security import doors_ordercentre as as_guest
from tests.security import orders as of
from tests.security import quotes
from tests.security.pages import ANYONE, BUYER, OWNER, PERSON, PageRow
from tests.security.row import OWN_BUYER
from tests.security.town import Town, Values

BOOK = "/me/addresses"
ONE = f"{BOOK}/<uuid:address_id>"


def reviewed(town: Town, owner: Any) -> Values:
    made = of.received_order(town, owner)
    asked = {"line_id": made["line_id"], "rating": 5}
    return {**made, "review_id": of.done(owner.post(f"/orders/{made['order_id']}/reviews", asked))["id"]}


def _review(values: Values) -> dict[str, str]:
    return {"id": str(new_id()), "line_id": values["line_id"], "rating": "5"}


def _new_address(values: Values) -> dict[str, str]:
    return {"id": str(new_id()), **make.ADDRESS}


def _withdrawal(values: Values) -> dict[str, str]:
    return {"id": str(new_id()), "amount": "1", "account": "6222000011112222", "holder": "林小满"}


ROWS = [
    *(
        PageRow(row.method, row.rule, BUYER, row.status, row.own, row.body)
        for row in as_guest.PAGES
        if row.who == OWN_BUYER
    ),
    PageRow("GET", "/orders/<uuid:order_id>/reviews", OWNER, own=of.received_order),
    PageRow("POST", "/orders/<uuid:order_id>/reviews", OWNER, 303, of.received_order, _review),
    PageRow("POST", "/reviews/<uuid:review_id>", OWNER, 303, reviewed, lambda v: {"seen": "x", "rating": "4"}),
    PageRow("POST", "/reviews/<uuid:review_id>/deletion", OWNER, 303, reviewed),
    PageRow("POST", "/reviews/<uuid:review_id>/follow-up", OWNER, 303, reviewed, lambda v: {"text": "耐用"}),
    PageRow("GET", BOOK, PERSON),
    PageRow("GET", f"{BOOK}/new", PERSON),
    PageRow("POST", BOOK, PERSON, 303, form=_new_address),
    PageRow("GET", ONE, OWNER, own=quotes.address),
    PageRow("POST", ONE, OWNER, 303, quotes.address, lambda v: make.ADDRESS),
    PageRow("POST", f"{ONE}/default", OWNER, 303, quotes.address),
    PageRow("POST", f"{ONE}/removal", OWNER, 303, quotes.address),
    PageRow("GET", "/me/wallet", PERSON),
    PageRow("POST", "/me/wallet/top-ups", PERSON, 303, form=lambda v: {"amount": "1", "gateway": "sandbox"}),
    PageRow("POST", "/me/wallet/withdrawals", PERSON, (303, 422), form=_withdrawal),
    PageRow("POST", "/o/<token>/owner", ANYONE, 404, quotes.open_page, lambda v: {"phone": make.ADDRESS["phone"]}),
]
