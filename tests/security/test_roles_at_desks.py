"""The pages of a shop's desk, opened by everybody who works there in each role, and by the owner of another shop."""

from typing import Any
from uuid import UUID

import pytest

from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.store.aftersales.models import Case
from app.store.orders.models import Order
from app.store.shops.actions import give_role
from app.store.shops.models import OWNER, RIGHTS, ROLES
from tests import make
from tests.client import Client
from tests.pages import Browser, signed_in
from tests.security import pages, pages_desk
from tests.security.pages import PageRow
from tests.security.town import Town, Values

DESK = [row for row in pages_desk.ROWS if row.who == pages.OWNER]
HIRED = [one for one in ROLES if one != OWNER]


@pytest.fixture(scope="module")
def people(streets: Town) -> dict[str, tuple[Any, Browser]]:
    """Somebody for each role, hired where he is sent; and the owner of another shop."""
    found = {}
    for role in (*HIRED, "owner of another shop"):
        who = make.shop().owner
        found[role] = (who, signed_in(streets.app, who))
    return found


@pytest.mark.parametrize("row", DESK, ids=lambda row: row.name)
def test_a_page_of_the_desk_opens_to_the_roles_that_have_its_right(
    streets: Town, people: dict[str, tuple[Any, Browser]], row: PageRow
) -> None:
    wrong = []
    for role, (who, browser) in people.items():
        values = row.own(streets, None)
        if role in HIRED:
            in_transaction(lambda values=values, who=who, role=role: hire(streets, values, who.id, role))
        status = ask(browser, row, values)
        may = role in HIRED and pages_desk.right_of(row) in RIGHTS[role]
        expected = row.statuses if may else (403,) if role in HIRED else (404,)
        if status not in expected:
            wrong.append(f"{role}: {status}, not {expected}: {browser.text[-400:]}")
    assert not wrong, row.name + "\n" + "\n".join(wrong)


def ask(browser: Browser, row: PageRow, values: Values) -> int:
    if row.method == "GET":
        return browser.open(row.path(values)).status
    token = browser.open("/sign-in").forms[-1].fields["form_token"]
    return browser.post(row.path(values), **(row.form(values) if row.form else {}), form_token=token).status


def hire(streets: Town, values: Values, person_id: UUID, role: str) -> None:
    """Let him work in the shop that the values are of."""
    if "shop_id" in values:
        shop_id = UUID(values["shop_id"])
    elif "order_id" in values:
        shop_id = db.session.get_one(Order, UUID(values["order_id"])).shop_id
    else:
        shop_id = db.session.get_one(Case, UUID(values["case_id"])).shop_id
    give_role(Caller(person_id=streets.owner.id), shop_id, person_id, role)


BOOKS_OF = ("bills", "bill-terms", "deposit", "penalties")


@pytest.mark.parametrize("role", HIRED)
def test_the_books_are_read_by_those_who_have_to_do_with_them(
    streets: Town, people: dict[str, tuple[Any, Browser]], role: str
) -> None:
    shop, (who, browser) = make.shop(), people[role]
    in_transaction(lambda: give_role(Caller(person_id=shop.owner.id), shop.id, who.id, role))
    client = Client(streets.app).as_(who.token)
    found = {end: client.get(f"/shops/{shop.id}/{end}").status_code for end in BOOKS_OF}
    pages = [browser.open(f"/portal/shops/{shop.id}/{end}").status for end in ("bills", "deposit")]
    may = role in {"manager", "reader"}
    assert set(found.values()) == set(pages) == ({200} if may else {403}), found
    shown = browser.open(f"/portal/shops/{shop.id}").text
    assert (f"/portal/shops/{shop.id}/deposit" in shown) is may, "no tab leads where he may not go"
