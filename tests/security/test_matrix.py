"""Every door, opened by everybody: strangers, guests, owners, others, staff, dead tokens (OWASP: BOLA and BFLA)."""

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.db import in_transaction
from app.core.guests import new_guest_token
from app.people.accounts.actions import grant_role, revoke_role, suspend_person
from tests import make
from tests.client import PREFIX, Client
from tests.security import doors
from tests.security import row as who
from tests.security.doors import FILES, PAGES, ROWS
from tests.security.pages import PAGE_ROWS
from tests.security.row import Row
from tests.security.town import DEAD, PERSONS, ROLES, Town, Values, done

OWNED = (who.OWNER, who.OWN_BUYER)
OURS_ALONE = ("X-Request-Id", "Content-Length", "ETag", "Set-Cookie")
"""Headers that may differ between two answers that must not be told apart."""


def test_every_door_has_a_row_and_every_row_a_door(town: Flask) -> None:
    found = {(method, rule.rule) for rule in town.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}
    known = {(row.method, PREFIX + row.rule) for row in ROWS}
    known |= {(row.method, row.rule) for row in (*PAGES, *FILES, *PAGE_ROWS)}
    assert sorted(found - known) == [], "doors without a row in tests/security/doors.py"
    assert sorted(known - found) == [], "rows without a door"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_door_opens_to_those_who_may_and_to_nobody_else(streets: Town, row: Row) -> None:
    wrong: list[str] = []
    for owner in _owners(streets, row):
        shared = row.own(streets, owner)
        for role in (*ROLES, "owner"):
            client = _client(streets, row, role, owner)
            expected = _expected(row, role)
            is_change = expected == row.status and row.method != "GET"
            values = row.own(streets, owner) if is_change else shared
            answer = _ask(client, row, values)
            if answer.status_code != expected:
                wrong.append(f"{role}: {answer.status_code}, not {expected}: {answer.text[:300]}")
            elif role in PERSONS and expected in {404, 422} and row.who in (*OWNED, who.NOBODY):
                wrong += _told_apart(role, answer, _ask(client, row, doors.missing(values)))
    assert not wrong, row.name + "\n" + "\n".join(wrong)


def _owners(streets: Town, row: Row) -> list[Client]:
    person = streets.client.as_(streets.owner.token)
    return [person, streets.client.as_(streets.guest_owner)] if row.who == who.OWN_BUYER else [person]


def _client(streets: Town, row: Row, role: str, owner: Client) -> Client:
    if role == "owner":
        return _again(streets) if row.ends_session else owner
    return streets.signed_in_again(role) if row.ends_session else streets.as_(role)


def _again(streets: Town) -> Client:
    body = {"username": streets.owner.username, "password": streets.owner.password}
    return streets.client.as_(done(streets.client.post("/sessions", body))["access_token"])


def _ask(client: Client, row: Row, values: Values, prefix: str = "") -> TestResponse:
    return client.send(row.method, prefix + row.path(values), **row.request(values))


def _expected(row: Row, role: str) -> int:
    """What this role must get at this door."""
    if row.who == who.OPEN:
        return row.status
    if role in DEAD:
        return 401
    if row.who == who.ANYONE or (row.who == who.NOBODY and (role == "owner" or role in PERSONS)):
        return row.status
    if row.who == who.NOBODY and row.method == "GET":
        return row.status
    if role == "stranger":
        return row.stranger
    if role == "guest":
        theirs = {who.BUYER: row.status, who.OWN_BUYER: row.foreign}
        return theirs.get(row.who, row.guest)
    if row.who == who.MODERATOR:
        return row.status if role in {"moderator", "admin"} else 403
    if row.who == who.ADMIN:
        return row.status if role == "admin" else 403
    return row.foreign if row.who in OWNED and role != "owner" else row.status


def _told_apart(role: str, foreign: TestResponse, absent: TestResponse) -> list[str]:
    """What tells a thing that is another's from one that does not exist; nothing may."""
    one, other = _seen(foreign), _seen(absent)
    differing = {key: (one.get(key), other.get(key)) for key in one | other if one.get(key) != other.get(key)}
    return [f"{role}: another's thing is told apart from a missing one: {differing}"] if differing else []


def _seen(answer: TestResponse) -> dict[str, Any]:
    # A page holds the visitor's own token, and its own address for those who sign in or choose a language.
    text = re.sub(r'value="[0-9a-f]{64}"|name="next" value="[^"]*"|next=[^"]*', "", answer.text)
    body = answer.get_json(silent=True) or {"text": text}
    headers = {name: value for name, value in answer.headers if name not in OURS_ALONE}
    return {"status": answer.status_code, **{k: v for k, v in body.items() if k != "request_id"}, "headers": headers}


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_a_page_opens_to_the_visitor_whose_thing_it_is(streets: Town, row: Row) -> None:
    owner = streets.guest_owner
    shared = row.own(streets, streets.client.as_(owner))
    is_owned = row.who == who.OWN_BUYER
    forged = f"{owner[:-4]}0000"
    wrong: list[str] = []
    for visitor, cookie in (("another", new_guest_token()), ("forged", forged), ("none", ""), ("owner", owner)):
        expected = row.status if visitor == "owner" or not is_owned else 404
        if row.method == "POST" and visitor in {"forged", "none"}:
            expected = 403  # nobody gave them a form
        answer = _visit(streets, row, shared, cookie)
        if answer.status_code != expected:
            wrong.append(f"{visitor}: {answer.status_code}, not {expected}: {answer.text[:300]}")
        if is_owned and visitor == "another":
            wrong += _told_apart(visitor, answer, _visit(streets, row, doors.missing(shared), cookie))
    assert not wrong, row.name + "\n" + "\n".join(wrong)


@pytest.mark.parametrize("row", [row for row in PAGES if row.who == who.OWN_BUYER], ids=lambda row: row.name)
def test_a_bearer_token_is_nobody_at_a_page(streets: Town, row: Row) -> None:
    values = row.own(streets, streets.client.as_(streets.owner.token))
    answer = _visit(streets, row, values, new_guest_token(), client=streets.client.as_(streets.owner.token))
    assert answer.status_code == 404


@pytest.mark.parametrize("row", [row for row in PAGES if row.method == "POST"], ids=lambda row: row.name)
def test_a_form_without_the_visitors_own_token_is_refused(streets: Town, row: Row) -> None:
    values = row.own(streets, streets.client.as_(streets.guest_owner))
    stolen = _form_token(streets, new_guest_token())
    for form_token in ("", "x" * 64, "令牌", stolen):
        form = {**(row.body(values) if row.body else {}), "form_token": form_token}
        headers = {"Cookie": f"guest={streets.guest_owner}"}
        answer = streets.client.send("POST", "/" + row.path(values), data=form, headers=headers)
        assert answer.status_code == 403, (form_token, answer.text)


def _visit(streets: Town, row: Row, values: Values, cookie: str, client: Client | None = None) -> TestResponse:
    named: dict[str, Any] = {"headers": {"Cookie": f"guest={cookie}"}} if cookie else {}
    if row.method == "POST":
        named["data"] = {**(row.body(values) if row.body else {}), "form_token": _form_token(streets, cookie)}
    return (client or streets.client).send(row.method, "/" + row.path(values), **named)


def _form_token(streets: Town, cookie: str) -> str:
    """What a page of ours gives this visitor; to one without a (good) cookie it gives another's with a new cookie."""
    headers = {"Cookie": f"guest={cookie}"} if cookie else {}
    shown = streets.client.get(f"//l/{streets.fame.codes[0]}", headers=headers).text
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', shown)
    assert found, shown
    return found[1]


@pytest.mark.parametrize("row", FILES, ids=lambda row: row.name)
def test_files_and_pages_of_the_house_are_open(streets: Town, row: Row) -> None:
    values = row.own(streets, streets.client.as_(streets.owner.token))
    for role in ROLES:
        with _ask(streets.as_(role), row, values, prefix="/") as answer:
            assert answer.status_code == row.status, role


def test_the_inner_state_is_shown_to_this_machine_only(streets: Town) -> None:
    for far in ({"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}, {"headers": {"X-Forwarded-For": "127.0.0.1"}}):
        assert streets.client.get("//metrics", **far).status_code == 404
        assert "parts" not in streets.client.get("//healthz", **far).get_json()
    assert "parts" in streets.client.get("//healthz").get_json()


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(streets: Town) -> None:
    person = make.person(roles=("moderator",))
    desk = streets.client.as_(person.token)
    assert desk.get("/desk/reports").status_code == 200
    in_transaction(lambda: revoke_role(person.id, "moderator"))
    assert desk.get("/desk/reports").status_code == 403
    in_transaction(lambda: grant_role(person.id, "moderator"))
    assert desk.get("/desk/reports").status_code == 200
    in_transaction(lambda: suspend_person(person.id, None, "abuse"))
    assert desk.get("/desk/reports").status_code == 401
    assert desk.get("/feed/explore").status_code == 401


def test_a_key_of_another_never_gives_his_answer(streets: Town) -> None:
    body = {"lines": [{"sku_id": str(streets.goods.sku_id), "quantity": 1}]}
    mine = done(streets.as_("another").post("/checkouts", body, key="one-key-for-all"))
    for client in (streets.as_("kol"), streets.as_("guest"), streets.client):
        answer = client.post("/checkouts", body, key="one-key-for-all")
        assert done(answer)["id"] != mine["id"]
        assert "Idempotency-Replayed" not in answer.headers
