"""Admins see to withdrawals: approve or refuse those that wait, hand the bank its file, note what the bank says."""

import csv
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import text

from app.core import clock
from app.core.db import db, in_transaction
from app.store.ledger.queries import balance, is_balanced
from app.store.wallets import actions
from tests import make
from tests.client import Client
from tests.pages import Browser, with_second_factor
from tests.statements import statements
from tests.store.racing import refusals, together
from tests.store.test_wallets import _fill, _has, _withdraw

ALL = "/admin/withdrawals"


def asked(client: Client, person: make.MadePerson, amount: int) -> str:
    return str(_withdraw(client, person.token, amount).json["id"])


def desk(app: Flask) -> Browser:
    return with_second_factor(app, make.person(roles=("admin",)))[0].open(ALL)


def told(what: str) -> list[Any]:
    rows = text("SELECT subject_id, why FROM core_audit WHERE what = :what ORDER BY id")
    return [tuple(row) for row in in_transaction(lambda: db.session.execute(rows, {"what": what}).all())]


def states(client: Client, person: make.MadePerson) -> dict[str, str]:
    found = client.as_(person.token).get("/me/wallet/withdrawals").json["items"]
    return {one["id"]: one["status"] for one in found}


def test_ticked_ones_go_with_one_file_and_end_as_the_bank_says(app: Flask, client: Client) -> None:
    person = make.person()
    _fill(person.id, 1000)
    first, second, third = (asked(client, person, amount) for amount in (400, 300, 200))
    browser = desk(app)
    assert all(word in browser.text for word in ("¥4.00", "¥3.00", "…1234", "待处理 (3)", "已等 0 天"))
    browser.send("/approval")
    assert browser.status == 422 and "请先勾选提现" in browser.text
    browser.open(ALL).send("/approval", **{f"pick-{first}": "1", f"pick-{second}": "1"}).follow()
    assert browser.text.count("data-withdrawal") == 2 and [one for one, _ in told("withdrawal_approved")] == sorted(
        (first, second)
    )
    [file] = {one for one in browser.text.split('"') if one.endswith(".csv")}
    rows = list(csv.DictReader(browser.open(file).text.lstrip("\ufeff").splitlines()))
    assert [(row["withdrawal"], row["amount"]) for row in rows] == [(first, "4.00"), (second, "3.00")]
    assert rows[0]["holder"] == "'=王小明" and rows[0]["account"].endswith("1234")
    assert len(told("withdrawals_file")) == 1
    sent = browser.open(f"{ALL}?show=sent")
    sent.send(f"{first}/payment").follow()
    sent.send(f"{second}/return", why="账号有误").follow()
    assert "没有。" in browser.text
    assert states(client, person) == {first: "paid", second: "returned", third: "asked"}
    assert (_has(person.id), balance("bank:payouts"), balance("withdrawals:due")) == (400, -400, -200)
    assert told("withdrawal_returned") == [(second, "账号有误")] and is_balanced()


def test_who_is_refused_has_his_money_again_and_reads_why(app: Flask, client: Client) -> None:
    person = make.person()
    _fill(person.id, 1000)
    made = asked(client, person, 400)
    browser = desk(app).send(f"{made}/refusal", why=" ")
    assert browser.status == 422 and f'id="why-{made}-fault"' in browser.text
    assert (_has(person.id), states(client, person)) == (600, {made: "asked"})
    form = next(one for one in browser.open(ALL).forms if one.action.endswith(f"{made}/refusal"))
    browser.post(form.action, **{**form.fields, "why": "户名不符"}).follow()
    assert "没有。" in browser.text and _has(person.id) == 1000
    again = browser.post(form.action, **{**form.fields, "why": "户名不符"})
    assert again.answer.headers["Location"].endswith("done=moved"), "pressed twice"
    [shown] = client.as_(person.token).get("/me/wallet/withdrawals").json["items"]
    assert (shown["status"], shown["reason"]) == ("returned", "户名不符")
    assert told("withdrawal_refused") == [(made, "户名不符")]
    log = text("SELECT who_id IS NOT NULL, before, after, why FROM wallets_log ORDER BY id DESC LIMIT 1")
    assert tuple(in_transaction(lambda: db.session.execute(log)).one()) == (True, "asked", "returned", "户名不符")
    assert (balance("withdrawals:due"), balance("bank:payouts"), is_balanced()) == (0, 0, True)


def test_of_those_who_decide_at_once_one_does(app: Flask, client: Client) -> None:
    person, admin = make.person(), make.person(roles=("admin",))
    _fill(person.id, 1000)
    made = UUID(asked(client, person, 400))

    def approve() -> None:
        in_transaction(lambda: actions.approve_withdrawals(admin.id, [made]))

    def refuse() -> None:
        in_transaction(lambda: actions.refuse_withdrawal(admin.id, made, "不行"))

    def pay_out() -> None:
        payout = in_transaction(actions.open_payout)
        in_transaction(lambda: actions.add_to_payout(payout))

    found = together(app, approve, refuse, pay_out, approve, refuse)
    assert set(refusals(found)) == {"wrong_state"} and len(refusals(found)) >= 3
    count = text("SELECT count(*) FROM wallets_log WHERE before = 'asked'")
    assert in_transaction(lambda: db.session.scalar(count)) == 1
    assert is_balanced()


def test_one_that_waits_no_more_lets_none_go(app: Flask, client: Client) -> None:
    person = make.person()
    _fill(person.id, 1000)
    first, second = asked(client, person, 100), asked(client, person, 200)
    browser = desk(app)
    in_transaction(lambda: actions.refuse_withdrawal(make.person().id, UUID(first), "不行"))
    browser.send("/approval", **{f"pick-{first}": "1", f"pick-{second}": "1"}).follow()
    assert "刚才已经处理过" in browser.text and states(client, person)[second] == "asked"
    assert in_transaction(lambda: db.session.scalar(text("SELECT count(*) FROM wallets_payouts"))) == 0


def test_moderators_and_strangers_see_none_of_it(app: Flask) -> None:
    moderator, _ = with_second_factor(app, make.person(roles=("moderator",)))
    assert moderator.open(ALL).status == 403
    assert Browser(app).open(ALL).status == 303
    assert moderator.open(f"{ALL}/payouts/{uuid4()}.csv").status == 403


def test_a_long_list_costs_as_many_queries_as_a_short_one(app: Flask, client: Client) -> None:
    browser, costs = desk(app), []
    for many in (1, 8):
        for _ in range(many):
            person = make.person()
            _fill(person.id, 100)
            asked(client, person, 100)
        with statements() as seen, clock.moved(days=3):
            assert "已等 3 天" in browser.open(ALL).text
        costs.append(len(seen))
    assert costs[0] == costs[1] < 25
