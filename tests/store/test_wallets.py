"""Wallets: pay from one, see what came and went, fill it, have it paid out."""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core import worker
from app.core.caller import PERSON, Caller, Ref
from app.core.config import Settings, settings
from app.core.db import db, in_transaction
from app.core.errors import refusal_of
from app.core.ids import new_id
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import balance, is_balanced, wallet_account
from app.store.orders.actions import pay_purchase
from app.store.wallets.schemas import WalletEntryOut, WalletOut, WithdrawalOut
from tests import make as town_make
from tests.client import Client
from tests.make import order as make
from tests.statements import statements
from tests.store.racing import refusals, together


def _fill(person_id: UUID, amount: int) -> None:
    sides = [("gateway:bank", amount), (wallet_account(person_id), -amount)]
    in_transaction(lambda: post_journal("gift", Ref("gift", new_id()), sides))


def _has(person_id: UUID) -> int:
    found = -balance(wallet_account(person_id))
    db.session.rollback()
    return found


def _bought(person_id: UUID, price: int = 9900) -> make.MadePurchase:
    return make.purchase([make.line(make.sku(), price=price)], make.Buyer("", Ref(PERSON, person_id)))


def _pay(made: make.MadePurchase) -> Any:
    caller = Caller(person_id=made.buyer.ref.id)
    try:
        return in_transaction(lambda: pay_purchase(caller, made.id, "wallet"))
    except IntegrityError as error:
        raise refusal_of(error) or error from error


def _one(query: str) -> Any:
    return in_transaction(lambda: db.session.scalar(text(query)))


def test_a_purchase_is_paid_from_the_wallet_at_once(client: Client) -> None:
    person = town_make.person()
    _fill(person.id, 10_000)
    made = _bought(person.id)
    me = client.as_(person.token)
    path = f"/purchases/{made.id}/payments"
    answer = me.post(path, {"gateway": "wallet", "scene": "app"}, key="k")
    assert (answer.status_code, answer.json["status"], answer.json["pay"]) == (201, "paid", None)
    assert me.post(path, {"gateway": "wallet", "scene": "app"}, key="k").json == answer.json
    assert me.get(f"/purchases/{made.id}").json["status"] == "paid"
    assert (_has(person.id), balance("gateway:wallet")) == (100, 0)
    assert me.post(path, {"gateway": "wallet"}, key="other").json["code"] == "purchase_paid"


def test_who_has_too_little_pays_nothing_and_the_purchase_waits_on(client: Client) -> None:
    person = town_make.person()
    _fill(person.id, 9899)
    made = _bought(person.id)
    me = client.as_(person.token)
    answer = me.post(f"/purchases/{made.id}/payments", {"gateway": "wallet"}, key="k")
    assert (answer.status_code, answer.json["code"]) == (409, "balance_too_low")
    assert (me.get(f"/purchases/{made.id}").json["status"], _has(person.id)) == ("unpaid", 9899)
    assert (_one("SELECT count(*) FROM payments_payments"), _one("SELECT count(*) FROM payments_events")) == (0, 0)


def test_a_guest_has_no_wallet(client: Client) -> None:
    made = make.purchase()
    answer = client.as_(made.buyer.token).post(f"/purchases/{made.id}/payments", {"gateway": "wallet"}, key="k")
    assert (answer.status_code, answer.json["code"]) == (403, "sign_in_to_pay")


def test_of_many_purchases_paid_from_one_wallet_at_once_as_many_are_paid_as_it_can_pay(app: Flask) -> None:
    person = uuid4()
    _fill(person, 1000)
    made = [_bought(person, 99) for _ in range(16)]
    found = together(app, *(lambda one=one: _pay(one) for one in made))
    assert refusals(found) == ["balance_too_low"] * 6
    assert (_has(person), _one("SELECT count(*) FROM orders_purchases WHERE status = 'paid'")) == (10, 10)
    assert is_balanced()


def test_one_purchase_paid_twice_at_once_from_the_wallet_is_paid_once(app: Flask) -> None:
    person = uuid4()
    _fill(person, 50_000)
    made = _bought(person)
    found = together(app, *[lambda: _pay(made)] * 6)
    assert refusals(found) == ["purchase_paid"] * 5
    assert _has(person) == 50_000 - 9900


def test_a_wallet_shows_its_balance_and_what_came_and_went(client: Client) -> None:
    person = town_make.person()
    me = client.as_(person.token)
    assert me.get("/me/wallet").json == {"balance": 0, "currency": "CNY"}
    for amount in range(1, 26):
        _fill(person.id, amount)
    _pay(_bought(person.id, 5))
    shown = me.get("/me/wallet").json
    assert shown == WalletOut().dump(shown) == {"balance": 320, "currency": "CNY"}
    first = me.get("/me/wallet/entries").json
    assert set(first["items"][0]) == set(WalletEntryOut().fields)
    assert (len(first["items"]), first["items"][0]["amount"], first["items"][0]["what"]) == (20, -5, "wallet_spent")
    second = me.get(f"/me/wallet/entries?cursor={first['next']}").json
    assert [one["amount"] for one in second["items"]] == [6, 5, 4, 3, 2, 1]
    assert second["next"] is None
    other = client.as_(town_make.person().token)
    assert other.get("/me/wallet/entries").json == {"items": [], "next": None}


def test_the_number_of_queries_does_not_grow_with_the_entries(client: Client) -> None:
    person = town_make.person()
    me = client.as_(person.token)
    asked = []
    for _ in range(2):
        for _ in range(8):
            _fill(person.id, 5)
        me.get("/me/wallet")
        with statements() as seen:
            me.get("/me/wallet/entries")
            me.get("/me/wallet")
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_filling_and_emptying_are_off_unless_the_settings_say_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (Settings().wallet_top_up, Settings().wallet_withdrawals) == (False, False)
    monkeypatch.setattr(settings, "wallet_top_up", False)
    monkeypatch.setattr(settings, "wallet_withdrawals", False)
    person = town_make.person()
    _fill(person.id, 500)
    me = client.as_(person.token)
    for path, body in (
        ("/me/wallet/top-ups", {"amount": 100, "gateway": "sandbox"}),
        ("/me/wallet/withdrawals", {"amount": 100, "account": "6222020200000000", "holder": "王小明"}),
    ):
        answer = me.post(path, body, key="k")
        assert (answer.status_code, answer.json["code"]) == (403, "not_enabled")
        assert me.post(path, body).json["code"] == "key_required"
    assert _has(person.id) == 500


def test_a_top_up_is_in_the_wallet_once_it_is_paid(client: Client) -> None:
    person = town_make.person()
    me = client.as_(person.token)
    begun = me.post("/me/wallet/top-ups", {"amount": 700, "gateway": "sandbox"}, key="k")
    assert (begun.status_code, begun.json["status"], _has(person.id)) == (201, "pending", 0)
    for _ in range(2):
        me.post(f"/sandbox/payments/{begun.json['id']}/outcome", {"outcome": "paid"})
    assert (_has(person.id), balance("gateway:sandbox")) == (700, 700)
    assert list(me.post("/me/wallet/top-ups", {"amount": 700, "gateway": "wallet"}, key="l").json["errors"]) == [
        "gateway"
    ]


@pytest.mark.parametrize("amount", [0, -1, 10.5, "5", None])
def test_an_amount_is_whole_and_above_zero(client: Client, amount: object) -> None:
    me = client.as_(town_make.person().token)
    body = {"amount": amount, "gateway": "sandbox", "account": "6222020200000000", "holder": "王"}
    for path in ("/me/wallet/top-ups", "/me/wallet/withdrawals"):
        answer = me.post(path, body, key=uuid4().hex)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["amount"])


def _withdraw(client: Client, token: str, amount: int) -> Any:
    body = {"amount": amount, "account": "6222020200001234", "holder": "=王小明"}
    return client.as_(token).post("/me/wallet/withdrawals", body, key=uuid4().hex)


def _run(app: Flask, *arguments: str) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=["wallets", *arguments])


def test_a_withdrawal_leaves_the_wallet_at_once_and_the_bank_by_a_file(
    app: Flask, client: Client, tmp_path: Path
) -> None:
    person = town_make.person()
    _fill(person.id, 1000)
    assert _withdraw(client, person.token, 1001).json["code"] == "balance_too_low"
    made = [_withdraw(client, person.token, amount).json for amount in (400, 300)]
    assert made[0] == WithdrawalOut().dump(made[0])
    assert (made[0]["account"], made[0]["status"], _has(person.id)) == ("…1234", "asked", 300)
    first, again = tmp_path / "bank.csv", tmp_path / "again.csv"
    result = _run(app, "payout", str(first))
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(first.read_text().splitlines()))
    assert [(row["withdrawal"], row["amount"]) for row in rows] == [(made[0]["id"], "4.00"), (made[1]["id"], "3.00")]
    assert rows[0]["holder"] == "'=王小明", "no formula for whoever opens it"
    payout = result.output.split()[1].rstrip(":")
    assert _run(app, "payout", str(first)).exit_code == 1, "it is there already"
    assert _run(app, "payout", str(again), "--again", payout).exit_code == 0
    assert again.read_text() == first.read_text()
    said = tmp_path / "said.csv"
    said.write_text(f"withdrawal,result,why\n{made[0]['id']},paid,\n{made[1]['id']},returned,账号有误\n")
    for _ in range(2):
        assert _run(app, "settle", str(said)).exit_code == 0
    assert (_has(person.id), balance("bank:payouts"), balance("withdrawals:due")) == (600, -400, 0)
    shown = client.as_(person.token).get("/me/wallet/withdrawals").json["items"]
    assert {one["id"]: one["status"] for one in shown} == {made[0]["id"]: "paid", made[1]["id"]: "returned"}
    log = in_transaction(lambda: db.session.execute(text("SELECT after, why FROM wallets_log ORDER BY id")).all())
    assert log[-1] == ("returned", "账号有误")
    assert is_balanced()


def test_an_account_is_sealed_also_what_an_older_process_wrote(app: Flask, client: Client, tmp_path: Path) -> None:
    person = town_make.person()
    _fill(person.id, 1000)
    made = [_withdraw(client, person.token, 100).json["id"] for _ in range(2)]
    sealed = text("SELECT count(*) FROM wallets_withdrawals WHERE ends_with = '1234' AND sealed_account IS NOT NULL")
    plain = text("SELECT count(*) FROM wallets_withdrawals WHERE account IS NOT NULL")
    assert in_transaction(lambda: db.session.scalar(plain)) == 0, "nobody writes it plain any more"
    older = text(
        "UPDATE wallets_withdrawals SET account = '6222020200001234', sealed_account = CASE WHEN id = :id THEN NULL"
        " ELSE sealed_account END, ends_with = CASE WHEN id = :id THEN NULL ELSE ends_with END"
    )
    in_transaction(lambda: db.session.execute(older, {"id": made[0]}))
    shown = client.as_(person.token).get("/me/wallet/withdrawals").json["items"]
    assert (in_transaction(lambda: db.session.scalar(sealed)), {one["account"] for one in shown}) == (1, {"…1234"})
    assert b"6222" not in in_transaction(
        lambda: db.session.scalar(text("SELECT max(sealed_account) FROM wallets_withdrawals"))
    )
    worker.sweep_once(["store.wallets.seal_accounts"])
    assert in_transaction(lambda: db.session.scalar(sealed)) == 2
    assert in_transaction(lambda: db.session.scalar(plain)) == 0
    assert client.as_(person.token).get("/me/wallet/withdrawals").json["items"][0]["account"] == "…1234"
    assert _run(app, "payout", str(tmp_path / "bank.csv")).exit_code == 0
    rows = list(csv.DictReader((tmp_path / "bank.csv").read_text().splitlines()))
    assert [row["account"] for row in rows] == ["6222020200001234"] * 2


def test_what_the_bank_says_wrongly_is_told_line_by_line(app: Flask, client: Client, tmp_path: Path) -> None:
    person = town_make.person()
    _fill(person.id, 1000)
    made = _withdraw(client, person.token, 400).json["id"]
    said = tmp_path / "said.csv"
    said.write_text(f"withdrawal,result\n{made},paid\n{uuid4()},paid\nx,paid\n{made},lost\n")
    result = _run(app, "settle", str(said))
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["line 2", "line 3", "line 4", "line 5"]
    assert "withdrawal_asked" in result.stdout
    assert balance("withdrawals:due") == -400


def test_many_withdrawals_at_once_never_take_more_than_there_is(app: Flask, client: Client) -> None:
    person = town_make.person()
    _fill(person.id, 1000)
    found = together(app, *[lambda: _withdraw(client, person.token, 300).status_code] * 12)
    assert set(found) <= {201, 409, 503}
    assert found.count(201) <= 3
    assert (_has(person.id), _has(person.id) >= 0) == (1000 - 300 * found.count(201), True)
