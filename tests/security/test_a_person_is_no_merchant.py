"""Who sells his own things has a shop for them that no merchant's door works in: every door and page of shops that
writes, found by its row, is asked by its owner once his shop is a person's. What he may do there is named below."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from app.core.db import db, in_transaction
from tests.pages import Browser, signed_in
from tests.security.pages import PAGE_ROWS, PageRow
from tests.security.row import Row
from tests.security.test_the_shop_next_door import asked
from tests.security.town import Town

SENDS = {
    "/orders/<uuid:order_id>/packages", "/sandbox/packages/<uuid:package_id>/tracks", "/shops/<uuid:shop_id>/pick-ups",
    "/shops/<uuid:shop_id>/redemptions", "/shops/<uuid:shop_id>/redemptions/<uuid:redemption_id>",
    "/portal/orders/<uuid:order_id>/packages", "/portal/shops/<uuid:shop_id>/pick-ups",
    "/portal/shops/<uuid:shop_id>/shipping", "/portal/shops/<uuid:shop_id>/shipping/sheet",
    "/portal/shops/<uuid:shop_id>/counter", "/portal/shops/<uuid:shop_id>/counter/<uuid:redemption_id>/undoing",
}  # fmt: skip
ANSWERS_BUYERS = {
    "/orders/<uuid:order_id>/cancellation", "/orders/<uuid:order_id>/invoice",
    "/aftersales/<uuid:case_id>/approval", "/aftersales/<uuid:case_id>/refusal", "/aftersales/<uuid:case_id>/parcel",
    "/aftersales/<uuid:case_id>/arrival", "/aftersales/<uuid:case_id>/appeal", "/reviews/<uuid:review_id>/reply",
    "/portal/orders/<uuid:order_id>/cancellation", "/portal/orders/<uuid:order_id>/invoice",
    "/portal/aftersales/<uuid:case_id>/approval", "/portal/aftersales/<uuid:case_id>/refusal",
    "/portal/aftersales/<uuid:case_id>/arrival", "/portal/shops/<uuid:shop_id>/reviews/<uuid:review_id>/reply",
    "/portal/shops/<uuid:shop_id>/reviews/<uuid:review_id>/reply/removal", "/shops/<uuid:shop_id>/return-policy",
    "/portal/shops/<uuid:shop_id>/return-policy",
}  # fmt: skip
IS_PAID = {
    "/shops/<uuid:shop_id>/payee", "/shops/<uuid:shop_id>/bill-terms",
    "/shops/<uuid:shop_id>/bills/<uuid:bill_id>/confirmation", "/shops/<uuid:shop_id>/deposit/payments",
    "/shops/<uuid:shop_id>/deposit/withdrawals", "/shops/<uuid:shop_id>/penalties/<uuid:penalty_id>/appeal",
    "/portal/shops/<uuid:shop_id>/payee", "/portal/shops/<uuid:shop_id>/bill-terms",
    "/portal/shops/<uuid:shop_id>/bills/<uuid:bill_id>/confirmation",
    "/portal/shops/<uuid:shop_id>/deposit/payments", "/portal/shops/<uuid:shop_id>/deposit/withdrawals",
    "/portal/shops/<uuid:shop_id>/deposit/penalties/<uuid:penalty_id>/appeal",
}  # fmt: skip
"""Penalties too: who is fined may say that it is wrong, and pay."""
BUYS = {
    "/orders/<uuid:order_id>/address", "/orders/<uuid:order_id>/receipt", "/orders/<uuid:order_id>/aftersales",
    "/orders/<uuid:order_id>/reviews", "/aftersales/<uuid:case_id>/withdrawal", "/packages/<uuid:package_id>/extension",
    "/reviews/<uuid:review_id>", "/reviews/<uuid:review_id>/follow-up",
}  # fmt: skip
"""Doors of buyers: the owner of the rows has bought what they are about."""
MAY = SENDS | ANSWERS_BUYERS | IS_PAID | BUYS
DOORS = [row for row in asked() if row.method != "GET"]
FORMS = [
    row
    for row in PAGE_ROWS
    if row.method == "POST" and row.rule.startswith("/portal/") and not row.rule.startswith("/portal/posts")
    and not row.rule.startswith("/portal/invitations") and row.rule != "/portal/shops"  # of other shops
]  # fmt: skip


@contextmanager
def _of_a_person(town: Town) -> Iterator[None]:
    """All shops of the owner stand for his own things meanwhile."""
    change = text("UPDATE shops_shops SET of_person = :now WHERE owner_id = :owner")
    in_transaction(lambda: db.session.execute(change, {"now": True, "owner": town.owner.id}))
    try:
        yield
    finally:
        in_transaction(lambda: db.session.execute(change, {"now": False, "owner": town.owner.id}))


@pytest.mark.parametrize("row", DOORS, ids=lambda row: row.name)
def test_a_person_opens_no_door_of_merchants(streets: Town, row: Row) -> None:
    owner = streets.client.as_(streets.owner.token)
    values = row.own(streets, owner)
    with _of_a_person(streets):
        answer = owner.send(row.method, row.path(values), **row.request(values))
    expected = range(200, 205) if row.rule in MAY else (403, 404)
    assert answer.status_code in expected, f"{answer.status_code} {answer.text[:300]}"


@pytest.fixture(scope="module")
def browser(streets: Town) -> Browser:
    return signed_in(streets.app, streets.owner)


@pytest.mark.parametrize("row", FORMS, ids=lambda row: row.name)
def test_a_person_sends_no_form_of_merchants(streets: Town, browser: Browser, row: PageRow) -> None:
    values = row.own(streets, streets.client.as_(streets.owner.token))
    token = browser.open("/sign-in").forms[-1].fields["form_token"]
    with _of_a_person(streets):
        browser.post(row.path(values), **(row.form(values) if row.form else {}), form_token=token)
    # A form that has done something leads on; one that lacks a field is shown again before anybody asks for rights.
    expected = row.statuses if row.rule in MAY else (200, 403, 404, 422)
    assert browser.status in expected, f"{browser.status} {browser.text[:300]}"


def test_what_a_person_may_do_is_there() -> None:
    assert sorted(MAY - {row.rule for row in (*DOORS, *FORMS)}) == [], "these are there no more"
