"""Stored balances: guarded accounts never owe us, all others are folded, and `prove` names what does not follow."""

import threading
import time
from typing import Any

import orjson
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused, refusal_of
from app.core.ids import new_id
from app.store.ledger.actions import JournalToPost, fold_balances, post_journal, post_journals
from app.store.ledger.queries import balance, entries_of, last_proof
from tests.store.racing import refusals, together

WALLET = "wallet:王小明"


def _post(*entries: tuple[str, int], kind: str = "test", subject: Ref | None = None) -> None:
    in_transaction(lambda: post_journal(kind, subject or Ref("order", new_id()), entries))


def _fold_all() -> int:
    """Until nothing is left; answers how many entries were folded."""
    folded = 0
    for _ in range(20):
        folded += in_transaction(lambda: fold_balances(7))
    return folded


def _fold_until(stored: dict[str, int]) -> int:
    """Until this is stored: a writer of any database of the cluster, so of another test process too, holds it up."""
    folded, end = 0, time.monotonic() + 20
    while _stored() != stored:
        assert time.monotonic() < end, _stored()
        folded += in_transaction(lambda: fold_balances(7))
    return folded


def _stored() -> dict[str, int]:
    rows = db.session.execute(
        text("SELECT a.name, b.amount FROM ledger_balances b JOIN ledger_accounts a ON a.id = b.account_id")
    ).all()
    db.session.rollback()
    return {row.name: row.amount for row in rows}


def _prove(app: Flask) -> Result:
    db.session.remove()
    return app.test_cli_runner().invoke(args=["ledger", "prove"])


def _said(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(result.stdout.splitlines()[-1])
    return found


def test_a_guarded_balance_moves_with_the_statement_that_posts(app: Flask) -> None:
    _post(("gateway:a", 500), (WALLET, -500))
    _post((WALLET, 200), ("gateway:wallet", -200))
    assert _stored() == {WALLET: -300}
    assert balance(WALLET) == -300
    assert [(one.amount, one.kind) for one in entries_of(WALLET, 10)] == [(200, "test"), (-500, "test")]


def test_a_guarded_account_never_owes_us(app: Flask) -> None:
    for name in (WALLET, "deposit:a shop", "settled:a shop"):
        with pytest.raises(IntegrityError) as never_filled:
            _post((name, 1), ("gateway:wallet", -1))
        _post(("gateway:a", 500), (name, -500))
        with pytest.raises(IntegrityError) as too_much:
            _post((name, 501), ("gateway:wallet", -501))
        for error in (never_filled, too_much):
            refusal = refusal_of(error.value)
            assert isinstance(refusal, Refused)
            assert (refusal.status, refusal.code) == (409, "balance_too_low")
        _post((name, 500), ("gateway:wallet", -500))
        assert balance(name) == 0


def test_several_journals_of_one_wallet_in_one_statement_count_together(app: Flask) -> None:
    _post(("gateway:a", 500), (WALLET, -500))
    spend = [JournalToPost("spend", Ref("order", new_id()), [(WALLET, 251), ("x", -251)]) for _ in range(2)]
    with pytest.raises(IntegrityError):
        in_transaction(lambda: post_journals(spend))
    in_transaction(lambda: post_journals(spend[:1]))
    assert balance(WALLET) == -249


def test_of_sixty_four_who_spend_one_wallet_at_once_as_many_succeed_as_it_can_pay(app: Flask) -> None:
    _post(("gateway:a", 1000), (WALLET, -1000))

    def spend() -> None:
        try:
            _post((WALLET, 99), ("gateway:wallet", -99))
        except IntegrityError as error:
            raise refusal_of(error) or error from error

    found = together(app, *[spend] * 64)
    assert refusals(found) == ["balance_too_low"] * 54
    assert (balance(WALLET), _stored()[WALLET]) == (-10, -10)


def test_two_wallets_named_crosswise_and_made_at_once_never_wait_for_each_other(app: Flask) -> None:
    def swap(turn: int) -> None:
        names = [f"wallet:new {turn // 8}", f"wallet:other {turn // 8}"]
        first, second = names[:: 1 if turn % 2 else -1]
        _post(("gateway:a", 20), (first, -10), (second, -10))

    found = together(app, *(lambda turn=turn: swap(turn) for turn in range(32)))
    assert found == [None] * 32
    assert set(_stored().values()) == {-80}


def test_other_balances_are_folded_once_and_read_right_before_and_after(app: Flask) -> None:
    for _ in range(20):
        _post(("gateway:a", 5), ("shop:a", -5))
    assert (_stored(), balance("gateway:a")) == ({}, 100)
    assert _fold_until({"gateway:a": 100, "shop:a": -100}) == 40
    _post(("gateway:a", 7), ("shop:a", -7))
    assert (balance("gateway:a"), balance("shop:a")) == (107, -107)
    assert _fold_until({"gateway:a": 107, "shop:a": -107}) == 2


def test_entries_that_commit_late_are_folded_too(app: Flask) -> None:
    """A transaction that drew its numbers early and ends late: nothing above them is folded before it ended."""
    posted, may_end = threading.Event(), threading.Event()
    _post(("gateway:a", 1), ("shop:a", -1))

    def slow() -> None:
        post_journal("slow", Ref("order", new_id()), [("gateway:a", 5), ("shop:a", -5)])
        posted.set()
        assert may_end.wait(10)

    def fold_beside() -> None:
        assert posted.wait(10)
        _post(("gateway:a", 1), ("shop:a", -1))
        _fold_all()
        assert _stored().get("gateway:a", 0) <= 1
        may_end.set()

    assert together(app, lambda: in_transaction(slow), fold_beside) == [None, None]
    _fold_until({"gateway:a": 7, "shop:a": -7})


def test_many_who_fold_at_once_fold_each_entry_once(app: Flask) -> None:
    for _ in range(30):
        _post(("gateway:a", 1), ("shop:a", -1))

    def fold() -> None:
        for _ in range(10):
            in_transaction(lambda: fold_balances(9))

    together(app, *[fold] * 6)
    _fold_until({"gateway:a": 30, "shop:a": -30})


def test_folding_goes_on_after_a_restore_into_a_cluster_with_lower_numbers(app: Flask) -> None:
    _post(("gateway:a", 5), ("shop:a", -5))
    restored = "UPDATE ledger_folded SET mark = 1, mark_before = 2 ^ 62"
    in_transaction(lambda: db.session.execute(text(restored)))
    _fold_until({"gateway:a": 5, "shop:a": -5})


def test_prove_says_that_sound_books_are_sound_and_keeps_the_result(app: Flask) -> None:
    _post(("gateway:a", 500), (WALLET, -500))
    _fold_all()
    _post((WALLET, 200), ("shop:a", -200))
    result = _prove(app)
    assert result.exit_code == 0, result.output
    assert _said(result) == {"accounts": 3, "journals": 2, "entries": 4, "problems": 0}
    assert (proof := last_proof()) is not None
    assert (proof.entries, proof.problems) == (4, [])


@pytest.mark.parametrize("name", [WALLET, "gateway:a"])
def test_prove_names_an_account_whose_balance_was_changed_by_hand(app: Flask, name: str) -> None:
    _post(("gateway:a", 500), (WALLET, -500))
    _fold_until({"gateway:a": 500, WALLET: -500})
    by_hand = (
        "UPDATE ledger_balances SET amount = amount - 1 WHERE account_id ="
        " (SELECT id FROM ledger_accounts WHERE name = :name)"
    )
    in_transaction(lambda: db.session.execute(text(by_hand), {"name": name}))
    result = _prove(app)
    assert result.exit_code == 1
    assert _said(result)["problems"] == 1
    assert f"account {name}: stored" in result.stdout
    assert (proof := last_proof()) is not None
    assert name in proof.problems[0]


def test_prove_finds_an_entry_that_somebody_forced_in(app: Flask) -> None:
    _post(("gateway:a", 500), ("shop:a", -500))

    def force() -> None:
        for statement in (
            "ALTER TABLE ledger_entries DISABLE TRIGGER USER",
            "INSERT INTO ledger_entries (journal_id, account_id, amount, currency)"
            " SELECT journal_id, account_id, 3, 'CNY' FROM ledger_entries LIMIT 1",
            "ALTER TABLE ledger_entries ENABLE TRIGGER USER",
        ):
            db.session.execute(text(statement))

    in_transaction(force)
    result = _prove(app)
    assert (result.exit_code, _said(result)["problems"]) == (1, 2), "the journal, and so the whole"
