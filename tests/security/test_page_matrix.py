"""Every page, opened by everybody in a browser: strangers, signed-in people, staff with and without a second factor."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.people.accounts.actions import suspend_person
from tests import make
from tests.pages import Browser, signed_in, with_second_factor
from tests.security import pages
from tests.security.doors import FILES
from tests.security.doors import PAGES as OF_GUESTS
from tests.security.pages import PAGE_ROWS, PageRow
from tests.security.town import Town, Values

STRANGERS = ("stranger", "suspended")
UNPROVEN = ("moderator without second factor", "admin without second factor")
VISITORS = (*STRANGERS, "person", *UNPROVEN, "moderator", "admin", "owner")
SIGN_IN, SECOND_FACTOR = "/sign-in?next=", "/second-factor?next="


@pytest.fixture(scope="module")
def visitors(streets: Town) -> Iterator[dict[str, Browser]]:
    """A browser of each sort of visitor."""
    app = streets.app
    suspended = make.person()
    found = {
        "stranger": Browser(app),
        "suspended": signed_in(app, suspended),
        "person": signed_in(app, streets.people["another"]),
        UNPROVEN[0]: signed_in(app, make.person(roles=("moderator",))),
        UNPROVEN[1]: signed_in(app, make.person(roles=("admin",))),
        "moderator": with_second_factor(app, make.person(roles=("moderator",)))[0],
        "admin": with_second_factor(app, make.person(roles=("admin",)))[0],
        "owner": signed_in(app, streets.owner),
    }
    in_transaction(lambda: suspend_person(suspended.id, None, "spam"))
    yield found


def test_every_page_has_a_row_and_every_row_a_page(town: Flask) -> None:
    found = {(method, rule.rule) for rule in town.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}
    others = {(row.method, row.rule) for row in (*FILES, *OF_GUESTS)}
    found = {one for one in found if not one[1].startswith("/api/v1/")}
    known = {(row.method, row.rule) for row in PAGE_ROWS}
    assert sorted(found - known - others) == [], "pages without a row in tests/security/pages_*.py"
    assert sorted(known - found) == [], "rows without a page"


@pytest.mark.parametrize("row", PAGE_ROWS, ids=lambda row: row.name)
def test_a_page_opens_to_those_who_may_and_to_nobody_else(
    streets: Town, visitors: dict[str, Browser], row: PageRow
) -> None:
    wrong = []
    shared = _made(streets, row)
    for role in ("stranger",) if row.ends_session else VISITORS:
        browser = Browser(streets.app) if row.ends_session else visitors[role]
        may = _expected(row, role) == row.statuses
        is_change = row.method == "POST" and may
        values, before = _made(streets, row) if is_change else shared, _written()
        _ask(browser, row, values)
        if not may and _written() != before:
            wrong.append(f"{role}: what he may not do was done")
        is_owned = row.who == pages.BUYER or (row.who == pages.OWNER and role not in STRANGERS)
        if is_owned and role != "owner":
            wrong += _told_apart(browser, row, values, role)
        if not _is_right(browser, row, role):
            told = f"{browser.status} {browser.answer.headers.get('Location', '')}"
            wrong.append(f"{role}: {told}, not {_expected(row, role)}: {browser.text[:300]}")
    assert not wrong, row.name + "\n" + "\n".join(wrong)


@pytest.mark.parametrize("row", [row for row in PAGE_ROWS if row.method == "POST"], ids=lambda row: row.name)
def test_a_form_without_the_visitors_own_token_changes_nothing(
    streets: Town, visitors: dict[str, Browser], row: PageRow
) -> None:
    values = _made(streets, row)
    role = {pages.ANYONE: "stranger", pages.PERSON: "person", pages.BUYER: "owner"}.get(row.who, row.who)
    stolen = _token(visitors["person" if role != "person" else "admin"])
    for token in ("", "x" * 64, "令牌", stolen):
        fields = {**(row.form(values) if row.form else {}), "form_token": token}
        assert visitors[role].post(row.path(values), **fields).status == 403, token


@pytest.mark.parametrize("row", [one for one in PAGE_ROWS if one.who != pages.ANYONE], ids=lambda row: row.name)
def test_a_bearer_token_is_nobody_at_a_page(streets: Town, row: PageRow) -> None:
    answer = streets.as_("admin").send(row.method, "/" + row.path(_made(streets, row)))
    if row.who == pages.BUYER:
        assert answer.status_code == (404 if row.method == "GET" else 403)
        return
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(SIGN_IN)


def _made(streets: Town, row: PageRow) -> Values:
    return row.own(streets, streets.client.as_(streets.owner.token))


def _ask(browser: Browser, row: PageRow, values: Values) -> None:
    if row.method == "GET":
        browser.open(row.path(values))
        return
    browser.post(row.path(values), **(row.form(values) if row.form else {}), form_token=_token(browser))


def _token(browser: Browser) -> str:
    return browser.open("/sign-in").forms[-1].fields["form_token"]


def _expected(row: PageRow, role: str) -> tuple[int, ...] | str:
    """What this visitor must get: one of some statuses, or where he is sent."""
    if row.who == pages.ANYONE:
        return row.statuses
    if row.who == pages.BUYER:
        return row.statuses if role == "owner" else (row.foreign,)
    if role in STRANGERS:
        return SIGN_IN
    if row.who in {pages.PERSON, pages.OWNER}:
        return row.statuses if row.who == pages.PERSON or role == "owner" else (row.foreign,)
    if role in UNPROVEN:
        return SECOND_FACTOR
    return row.statuses if role == "admin" or role == row.who else (403,)


def _told_apart(browser: Browser, row: PageRow, values: Values, role: str) -> list[str]:
    """What tells another's thing from one that does not exist; nothing may."""
    foreign = _shown(browser)
    _ask(browser, row, {name: str(uuid4()) for name in values})
    absent = _shown(browser)
    return [] if foreign == absent else [f"{role}: another's thing is told apart: {foreign} {absent}"]


def _shown(browser: Browser) -> str:
    """What a page says, without what differs at each visit."""
    return f"{browser.status} " + re.sub(r'value="[^"]*"|href="[^"]*"', "", browser.text)


def _written() -> tuple[object, ...]:
    """A sign of anything that pages change."""
    db.session.rollback()
    tables = ("posts_posts", "posts_log", "posts_deletions", "tags_tags", "catalogue_log", "inventory_movements")
    tables += (
        "shops_shops",
        "catalogue_skus",
        "moderation_decisions",
        "accounts_suspensions",
        "accounts_roles",
        "core_audit",
        "staffing_log",
        "onboarding_log",
        "decor_pages",
        "deposits_top_ups",
        "suppliers_audits",
        "storefronts_keys",
        "resale_offers",
        "resale_resold",
        "deposits_appeals",
        "deposits_penalties",
        "fulfilment_log",
        "aftersales_log",
        "refunds_grants",
        "reviews_reviews",
        "reviews_follow_ups",
        "addresses_addresses",
        "invoices_requests",
        "wallets_withdrawals",
        "secondhand_log",
        "secondhand_words",
        "aftersales_policies",
        "reviews_replies",
        "bills_log",
        "bills_shops",
        "payouts_payees_log",
        "payouts_batches",
        "fees_rates",
        "shops_renamings",
        "reviews_edits",
        "wallets_log",
    )
    counted = [db.session.scalar(text(f"SELECT count(*) FROM {one}")) for one in tables]
    signs = "SELECT max(edited_at)::text FROM posts_posts UNION ALL SELECT sum(price)::text FROM catalogue_skus"
    return (*counted, *db.session.scalars(text(signs)).all())


def _is_right(browser: Browser, row: PageRow, role: str) -> bool:
    expected, location = _expected(row, role), browser.answer.headers.get("Location", "")
    if isinstance(expected, str):
        return browser.status == 303 and location.startswith(expected)
    is_sent_away = row.who != pages.ANYONE and location.startswith((SIGN_IN, SECOND_FACTOR))
    return browser.status in expected and not is_sent_away
