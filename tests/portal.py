"""What stands on the pages of the creator portal, read as a person or a program would; and buyers, as guests."""

import re
from itertools import count
from uuid import UUID, uuid4

from flask import Flask

from app.core.guests import new_guest_token
from tests import make
from tests.client import Client
from tests.pages import Browser, signed_in

_addresses = count(1)
FIGURE = re.compile(r'data-post="([0-9a-f-]+)" data-metric="(\w+)" data-value="(-?\d+)">([^<]*)<')
TOTAL = re.compile(r'data-total="(\w+)" data-value="(-?\d+)"')
LINE = re.compile(r'<tr data-line="[^"]+" data-order="([^"]+)" data-status="(\w+)" data-value="(-?\d+)">')


def at_portal(app: Flask, person: make.MadePerson, path: str = "/portal/posts") -> Browser:
    """A browser of this person, at a page of his portal."""
    return signed_in(app, person, path).follow()


def figures(page: Browser, post_id: UUID) -> dict[str, int]:
    """The four figures of a post on a page, by metric."""
    return {name: int(value) for post, name, value, _ in FIGURE.findall(page.text) if post == str(post_id)}


def totals(page: Browser) -> dict[str, int]:
    return {name: int(value) for name, value in TOTAL.findall(page.text)}


def lines(page: Browser) -> list[tuple[str, str, int]]:
    """(order, status, revenue) of each line on a post's page, of all pages of the list."""
    found = [(order, status, int(value)) for order, status, value in LINE.findall(page.text)]
    following = re.search(r'rel="next" href="(\?cursor=[^"]+)"', page.text)
    if following is None:
        return found
    return found + lines(page.open(page.path.partition("?")[0] + following[1]))


def buy_by_link(app: Flask, code: str, quantity: int = 1, outcome: str = "paid") -> None:
    """Somebody new, at a new address, opens a link and buys; `outcome` "" leaves the order unpaid."""
    buyer = Browser(app, address=f"10.0.0.{next(_addresses) % 250}").open(f"/l/{code}")
    buyer.send("/checkout", quantity=str(quantity)).follow()
    buyer.send(**make.ADDRESS, note="").follow()
    if outcome:
        assert buyer.send("", outcome=outcome).status == 303


def buy_without_link(
    app: Flask, goods: make.MadeProduct, quantity: int = 1, outcome: str = "paid", by: str = ""
) -> str:
    """Somebody new, or whoever has the token `by`, buys goods that nobody showed him; answers the id of the order."""
    guest = Client(app).as_(by or new_guest_token())
    made = guest.post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": quantity}]}).get_json()
    guest.patch(f"/checkouts/{made['id']}", {"address": make.ADDRESS})
    placed = guest.post(f"/checkouts/{made['id']}/purchase", {}, key=uuid4().hex).get_json()
    if outcome:
        begun = guest.post(f"/purchases/{placed['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex).get_json()
        Browser(app).open(begun["pay_url"]).send("", outcome=outcome)
        assert guest.get(f"/purchases/{placed['id']}").get_json()["status"] == "paid"
    return str(placed["orders"][0]["id"])
