"""Payouts: who is paid, by two admins' word, once, by a file for the bank or by profit sharing."""

import csv
import io
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import clock, worker
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.sealing import opened
from app.store.bills.models import Bill
from app.store.ledger.queries import PAYOUTS, balance, is_balanced
from app.store.payouts import actions
from app.store.payouts.channels import channel_named
from app.store.payouts.channels.base import ChannelAnswer, PayoutRequest
from app.store.payouts.models import SEALED_FOR, Payee, ShopPayout
from app.store.settlement.queries import settled_account
from app.store.shops.models import READER
from tests import make
from tests.client import Client
from tests.make.settlement import billed
from tests.store.racing import refusals, together

ASK = ["store.payouts.ask_channels"]
ACCOUNT = "6222 0000 1111 2222 333"


class Desk:
    """Two admins, and shops with money to be paid out."""

    def __init__(self, app: Flask, client: Client) -> None:
        self.app, self.client = app, client
        self.first, self.second = (client.as_(make.person(roles=("admin",)).token) for _ in range(2))

    def shop(
        self, *prices: int, channel: str = "bank_file", account: str = ACCOUNT, ready: bool = True
    ) -> make.MadeShop:
        made = make.shop()
        payee = {"channel": channel, "name": "杭州小店有限公司", "bank": "招商银行", "account": account}
        done = self.client.as_(made.owner.token).put(f"/shops/{made.id}/payee", payee)
        assert done.status_code == 200, done.text
        if ready:
            over = text("UPDATE payouts_payees SET hold_until = now()")
            in_transaction(lambda: db.session.execute(over))
        billed(made.id, *prices)
        return made

    def batch(self, channel: str = "bank_file") -> Any:
        return self.first.post("/desk/payouts", {"channel": channel}, key=uuid4().hex)

    def approved(self, channel: str = "bank_file") -> str:
        answer = self.batch(channel)
        assert answer.status_code == 201, answer.text
        made = answer.json["id"]
        assert self.second.post(f"/desk/payouts/{made}/approval", {}, key=uuid4().hex).status_code == 201
        return str(made)

    def run(self, *arguments: str) -> tuple[int, list[str]]:
        db.session.rollback()
        done = self.app.test_cli_runner().invoke(args=["settlement", *arguments])
        return done.exit_code, done.stdout.splitlines()


def payouts(shop_id: UUID) -> list[ShopPayout]:
    db.session.rollback()
    return list(db.session.scalars(select(ShopPayout).where(ShopPayout.shop_id == shop_id).order_by(ShopPayout.id)))


def states(shop_id: UUID) -> tuple[list[str], list[str]]:
    found = [one.state for one in payouts(shop_id)]
    return found, list(db.session.scalars(select(Bill.state).where(Bill.shop_id == shop_id).order_by(Bill.begins)))


def answers(file: Path, *rows: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([("payout", "amount", "result", "reason"), *rows])
    file.write_text(out.getvalue())
    return str(file)


def test_a_payee_is_sealed_logged_and_held_back_for_a_day(app: Flask, client: Client) -> None:
    desk = Desk(app, client)
    shop = desk.shop(1000, ready=False)
    owner = client.as_(shop.owner.token)
    path = f"/shops/{shop.id}/payee"
    shown = owner.get(path).json
    assert shown["ends_with"] == "2333" and "account" not in shown
    assert b"2222" not in db.session.execute(select(Payee.account)).scalar_one()
    reader = client.as_(make.worker(shop, READER).token)
    assert (reader.get(path).status_code, client.as_(make.person().token).get(path).status_code) == (403, 404)
    for wrong in ({"name": "=HYPERLINK(1)"}, {"account": "12"}, {"channel": "cash"}):
        sent = {"channel": "bank_file", "name": "店", "bank": "行", "account": "123456", **wrong}
        assert owner.put(path, sent).status_code == 422, wrong
    assert desk.batch().json["code"] == "nothing_to_pay", "it was entered just now"
    log = db.session.execute(text("SELECT before, after FROM payouts_payees_log")).all()
    assert log == [("", "bank_file, 杭州小店有限公司, 招商银行, …2333")]
    with clock.moved(hours=25):
        caller = Caller(person_id=make.person(roles=("admin",)).id)
        assert in_transaction(lambda: actions.make_batch(caller, "bank_file")).state == "made"
    assert timedelta(hours=24) == actions.HOLD_AFTER_CHANGE


def test_an_account_that_cannot_be_read_any_more_is_entered_anew(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(app, client)
    shop = desk.shop(1000)
    again = {"channel": "bank_file", "name": "杭州小店有限公司", "bank": "招商银行", "account": "62220000"}
    monkeypatch.setattr(settings, "secret_key", "another key, that is long enough too")
    owner = Caller(person_id=shop.owner.id)
    in_transaction(lambda: actions.enter_payee(owner, shop.id, **again))
    kept = db.session.execute(select(Payee.account)).scalar_one()
    assert opened(SEALED_FOR, kept) == "62220000"


def test_a_batch_is_made_by_one_admin_and_approved_by_another(app: Flask, client: Client, tmp_path: Path) -> None:
    desk = Desk(app, client)
    shop = desk.shop(1000, 500)
    assert client.as_(make.person(roles=("moderator",)).token).post("/desk/payouts", {}, key="x").status_code == 403
    made = desk.batch()
    assert (made.status_code, made.json["count"], made.json["amount"]) == (201, 1, 1500)
    assert (balance(settled_account(shop.id)), balance(actions.DUE)) == (0, -1500)
    assert desk.batch().json["code"] == "nothing_to_pay"
    path = f"/desk/payouts/{made.json['id']}"
    alone = desk.first.post(f"{path}/approval", {}, key="a")
    assert (alone.status_code, alone.json["code"]) == (409, "same_person")
    assert desk.run("payouts", made.json["id"], "--out", str(tmp_path / "early.csv"))[0] == 1
    assert desk.second.post(f"{path}/approval", {}, key="b").json["state"] == "approved"
    assert desk.second.post(f"{path}/rejection", {"why": "晚了"}).json["code"] == "wrong_state"
    seen = desk.second.get(path).json
    assert [(one["shop_name"], one["amount"], one["state"]) for one in seen["items"]] == [(shop.name, 1500, "waiting")]
    log = db.session.execute(text("SELECT what FROM core_audit WHERE what LIKE 'payout%' ORDER BY id")).scalars().all()
    assert log == ["payout_made", "payout_approved"]


def test_a_rejected_batch_gives_the_money_back_to_be_paid_again(app: Flask, client: Client) -> None:
    desk = Desk(app, client)
    shop = desk.shop(800)
    made = desk.batch().json["id"]
    assert desk.first.post(f"/desk/payouts/{made}/rejection", {"why": "账户存疑"}).json["state"] == "rejected"
    assert (balance(settled_account(shop.id)), balance(actions.DUE)) == (-800, 0)
    assert states(shop.id) == (["failed"], ["confirmed"])
    assert desk.batch().json["amount"] == 800
    assert is_balanced()


def test_a_file_goes_to_the_bank_and_its_answers_settle_the_payouts(app: Flask, client: Client, tmp_path: Path) -> None:
    desk = Desk(app, client)
    good, bad = desk.shop(1000), desk.shop(70)
    batch, before = desk.approved(), balance(PAYOUTS)
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    for file in (first, second):
        assert desk.run("payouts", batch, "--out", str(file)) == (0, [])
    assert first.read_bytes() == second.read_bytes(), "written again, with the same numbers"
    assert desk.run("payouts", batch, "--out", str(first))[0] == 1, "a file that is there is left alone"
    rows = {row["amount"]: row for row in csv.DictReader(first.read_text().splitlines())}
    assert rows["10.00"]["account"] == ACCOUNT.replace(" ", "")
    one, two = rows["10.00"]["payout"], rows["0.70"]["payout"]
    file = answers(tmp_path / "answers.csv", (one, "10.00", "paid", ""), (two, "0.70", "failed", "户名不符"))
    assert desk.run("paid", file) == (0, [])
    assert desk.run("paid", file) == (0, []), "read again it changes nothing"
    assert states(good.id) == (["done"], ["paid"])
    assert states(bad.id) == (["failed"], ["confirmed"]) and payouts(bad.id)[0].reason == "户名不符"
    assert (balance(PAYOUTS) - before, balance(actions.DUE)) == (-1000, 0)
    assert balance(settled_account(bad.id)) == -70
    assert desk.run("check") == (0, [])


def test_answers_that_differ_are_told_exactly(app: Flask, client: Client, tmp_path: Path) -> None:
    desk = Desk(app, client)
    shops = [desk.shop(price) for price in (100, 200, 300)]
    desk.run("payouts", desk.approved(), "--out", str(tmp_path / "out.csv"))
    right, wrong, missing = (payouts(one.id)[0].id for one in shops)
    unknown = uuid4()
    lines = [(right, "1.00", "paid"), (right, "1.00", "paid"), (wrong, "2.01", "paid"), (unknown, "5.00", "paid")]
    code, told = desk.run("paid", answers(tmp_path / "answers.csv", *lines))
    assert code == 1
    assert told == [
        f"twice {right} 1.00",
        f"amount {wrong} 2.00 / 2.01",
        f"unknown {unknown} 5.00",
        f"missing {missing} 3.00",
    ]
    assert desk.run("paid", answers(tmp_path / "other.csv", (right, "1.00", "failed")))[1][0] == (
        f"result {right} done / failed"
    )
    assert desk.run("paid", answers(tmp_path / "bad.csv", ("x", "1.00", "paid")))[0] == 2


def test_profit_sharing_asks_with_one_number_until_it_knows(app: Flask, client: Client) -> None:
    desk = Desk(app, client)
    good, refused, lost = (
        desk.shop(price, channel="profit_sharing", account=account)
        for price, account in ((100, "1900000001"), (200, "1900010000"), (300, "1900009999"))
    )
    desk.approved("profit_sharing")
    assert worker.sweep_once(ASK) == 3
    assert states(good.id) == (["done"], ["paid"])
    assert states(refused.id) == (["failed"], ["confirmed"])
    assert payouts(lost.id)[0].state == "sent" and payouts(lost.id)[0].reason == "no answer"
    again = text("UPDATE payouts_payouts SET next_try_at = now() WHERE next_try_at IS NOT NULL")
    in_transaction(lambda: db.session.execute(again))
    assert worker.sweep_once(ASK) == 1
    assert states(lost.id) == (["done"], ["paid"]) and payouts(lost.id)[0].tries == 2
    assert db.session.execute(text("SELECT count(*) FROM payouts_sandbox")).scalar_one() == 3
    assert (balance(actions.DUE), balance(settled_account(refused.id))) == (0, -200)


def test_who_dies_after_asking_leaves_it_to_the_next_and_it_is_paid_once(app: Flask, client: Client) -> None:
    desk = Desk(app, client)
    shop = desk.shop(100, channel="profit_sharing", account="1900000001")
    desk.approved("profit_sharing")
    [(channel, request)] = in_transaction(lambda: actions.take_due(5))
    answer = channel_named(channel).ask(request)  # and dies before the answer is recorded
    assert in_transaction(lambda: actions.take_due(5)) == [], "it is held for a while"
    with clock.moved(seconds=31):
        assert worker.sweep_once(ASK) == 1
    assert answer.what == "paid" and states(shop.id) == (["done"], ["paid"])
    assert in_transaction(lambda: actions.take_answer(request.id, answer)) is False
    other = PayoutRequest(request.id, shop.id, 999, "x", "y", "1900000001")
    assert channel_named(channel).ask(other) == ChannelAnswer("refused", "this number was used for something else")


def test_of_two_batches_made_at_once_one_pays_a_bill(app: Flask, client: Client) -> None:
    desk = Desk(app, client)
    shop = desk.shop(1000)
    admins = [Caller(person_id=make.person(roles=("admin",)).id) for _ in range(3)]
    work = [partial(in_transaction, partial(actions.make_batch, who, "bank_file")) for who in admins]
    done = together(app, *work)
    assert len(refusals(done)) == 2
    assert [one.amount for one in payouts(shop.id)] == [1000]
    assert balance(actions.DUE) == -1000


def test_of_two_batches_made_at_once_one_pays_and_the_other_leaves_its_bills_alone(app: Flask, client: Client) -> None:
    desk = Desk(app, client)
    shop, other = desk.shop(1000), desk.shop(500)
    admins = [Caller(person_id=make.person(roles=("admin",)).id) for _ in range(2)]
    db.session.rollback()
    made, waits = threading.Event(), "SELECT count(*) FROM pg_locks WHERE NOT granted"

    def first() -> None:
        actions.make_batch(admins[0], "bank_file", [shop.id])
        made.set()
        for _ in range(100):
            if db.session.execute(text(waits)).scalar_one():
                return
            time.sleep(0.05)

    def second() -> None:
        made.wait()
        actions.make_batch(admins[1], "bank_file")

    found = together(app, partial(in_transaction, first), partial(in_transaction, second))
    assert refusals(found) == []
    assert states(shop.id) == states(other.id) == (["waiting"], ["confirmed"])


def test_a_shops_key_does_not_say_who_is_paid(app: Flask, client: Client) -> None:
    shop = make.shop()
    owner, path = client.as_(shop.owner.token), f"/shops/{shop.id}/payee"
    key = owner.post(f"/shops/{shop.id}/keys", {"name": "ERP", "role": "manager"}).json["token"]
    sent = {"channel": "bank_file", "name": "小店", "bank": "招商银行", "account": "62220000111122"}
    refused = client.as_(key).put(path, sent)
    assert (refused.status_code, refused.json["code"]) == (403, "not_for_keys")
    assert owner.get(path).status_code == 404, "nobody is entered"
    assert owner.put(path, sent).status_code == 200


def test_a_channel_that_is_none_is_answered_with_those_there_are(app: Flask, client: Client) -> None:
    shop = make.shop()
    sent = {"channel": "cash", "name": "店", "bank": "行", "account": "123456"}
    for language, words in (("zh-CN", "（bank_file）"), ("en", "bank_file (")):
        owner = Client(app, shop.owner.token, language)
        for refused in (
            owner.put(f"/shops/{shop.id}/payee", sent),
            Client(app, make.person(roles=("admin",)).token, language).post(
                "/desk/payouts", {"channel": "cash"}, key="c"
            ),
        ):
            assert refused.status_code == 422 and words in refused.json["errors"]["channel"][0]
