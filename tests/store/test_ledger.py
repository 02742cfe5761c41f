"""The ledger: every journal sums to 0, and what is written stays."""

from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused, refusal_of
from app.core.ids import new_id
from app.store.ledger.actions import JournalToPost, post_journal, post_journals
from app.store.ledger.models import Account, Journal, LedgerEntry
from app.store.ledger.queries import balance, entries_about, is_balanced
from tests.store.racing import refusals, together

SOME = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.sampled_from(["gateway:a", "gateway:b", "shop:一", "shop:二", "refunds:due"])
SIDES = st.lists(st.tuples(NAMES, st.integers(-(10**12), 10**12).filter(bool)), min_size=1, max_size=6)


def _subject() -> Ref:
    return Ref("order", new_id())


def _post(entries: list[tuple[str, int]], subject: Ref | None = None) -> UUID:
    return in_transaction(lambda: post_journal("test", subject or _subject(), entries))


@SOME
@given(sides=SIDES)
def test_every_journal_that_can_be_posted_sums_to_zero(app: Flask, sides: list[tuple[str, int]]) -> None:
    rest = -sum(amount for _, amount in sides)
    entries = [*sides, ("the rest", rest)] if rest else sides
    before = {name: balance(name) for name, _ in entries}
    _post(entries)
    for name, amount_before in before.items():
        assert balance(name) == amount_before + sum(amount for one, amount in entries if one == name)
    assert is_balanced()
    assert db.session.scalar(text("SELECT sum(amount) FROM ledger_entries")) == 0
    db.session.rollback()


@SOME
@given(sides=SIDES.filter(lambda found: sum(amount for _, amount in found) != 0))
def test_a_journal_that_does_not_sum_to_zero_is_never_written(app: Flask, sides: list[tuple[str, int]]) -> None:
    with pytest.raises(ValueError, match="sum to 0"):
        _post(sides)
    assert db.session.scalar(text("SELECT count(*) FROM ledger_journals")) == 0
    db.session.rollback()


def test_a_journal_needs_entries_and_none_of_them_zero(app: Flask) -> None:
    for entries in ([], [("a", 0)], [("a", 5), ("b", 0), ("c", -5)]):
        with pytest.raises(ValueError, match="needs entries"):
            _post(entries)


def test_the_database_itself_refuses_an_unbalanced_journal(app: Flask) -> None:
    account, journal = new_id(), new_id()

    def write(*amounts: int) -> None:
        db.session.execute(text("INSERT INTO ledger_accounts VALUES (:id, 'x')"), {"id": account})
        db.session.execute(text("INSERT INTO ledger_journals VALUES (:id, 'k', 's', :id)"), {"id": journal})
        for amount in amounts:
            entry = "INSERT INTO ledger_entries (journal_id, account_id, amount, currency) VALUES (:j, :a, :n, 'CNY')"
            db.session.execute(text(entry), {"j": journal, "a": account, "n": amount})

    for amounts in [(5,), (5, -4), ()]:
        with pytest.raises(IntegrityError, match="sum to 0"):
            in_transaction(lambda amounts=amounts: write(*amounts))
    in_transaction(lambda: write(5, -5))
    assert is_balanced()


def test_an_empty_ledger_is_balanced_and_one_with_an_uneven_or_a_bare_journal_is_not(app: Flask) -> None:
    """Whoever puts such a row there by force has put the rules of the database aside."""
    assert is_balanced()
    _post([("a", 5), ("b", -5)])
    forced = {
        "INSERT INTO ledger_journals (id, kind, subject_kind, subject_id) VALUES (:id, 'k', 's', :id)": "bare",
        "UPDATE ledger_entries SET amount = 6 WHERE amount = 5": "uneven",
    }
    for statement, what in forced.items():
        db.session.execute(text("ALTER TABLE ledger_journals DISABLE TRIGGER USER"))
        db.session.execute(text("ALTER TABLE ledger_entries DISABLE TRIGGER USER"))
        db.session.execute(text(statement), {"id": new_id()} if ":id" in statement else {})
        assert not is_balanced(), what
        db.session.rollback()
    assert is_balanced()


def test_amounts_of_two_currencies_do_not_balance_each_other(app: Flask) -> None:
    def write() -> None:
        _id = post_journal("test", _subject(), [("a", 5), ("b", -5)])
        for amount, currency in [(7, "CNY"), (-7, "USD")]:
            db.session.execute(
                text(
                    "INSERT INTO ledger_entries (journal_id, account_id, amount, currency)"
                    " SELECT :j, id, :n, :c FROM ledger_accounts WHERE name = 'a'"
                ),
                {"j": _id, "n": amount, "c": currency},
            )

    with pytest.raises(IntegrityError, match="sum to 0"):
        in_transaction(write)


CHANGES = [
    "UPDATE ledger_entries SET amount = amount * 2",
    "UPDATE ledger_entries SET account_id = account_id",
    "DELETE FROM ledger_entries",
    "UPDATE ledger_journals SET kind = 'other'",
    "DELETE FROM ledger_journals",
    "TRUNCATE ledger_entries",
    "TRUNCATE ledger_journals CASCADE",
]


def test_what_is_posted_is_never_changed_or_deleted(app: Flask) -> None:
    _post([("a", 5), ("b", -5)])
    for change in CHANGES:
        with pytest.raises(IntegrityError, match="only ever added to"):
            in_transaction(lambda change=change: db.session.execute(text(change)))
    assert balance("a") == 5


def test_a_subject_has_one_journal_of_a_kind(app: Flask) -> None:
    subject = _subject()
    _post([("a", 5), ("b", -5)], subject)
    with pytest.raises(IntegrityError) as error:
        _post([("a", 5), ("b", -5)], subject)
    refusal = refusal_of(error.value)
    assert isinstance(refusal, Refused)
    assert (refusal.status, refusal.code) == (409, "already_posted")
    assert balance("a") == 5
    in_transaction(lambda: post_journal("other", subject, [("a", 1), ("b", -1)]))


def test_twenty_first_journals_of_the_same_accounts_at_once_make_each_account_once(app: Flask) -> None:
    def post(turn: int) -> object:
        sides = [("gateway:new", 5), ("shop:new", -5)]
        return in_transaction(lambda: post_journal("test", _subject(), sides[::-1] if turn % 2 else sides))

    found = together(app, *(lambda turn=turn: post(turn) for turn in range(20)))
    assert refusals(found) == []
    assert db.session.query(Account).count() == 2
    assert (balance("gateway:new"), balance("shop:new")) == (100, -100)
    assert is_balanced()


def test_several_journals_are_posted_at_once_and_read_back(app: Flask) -> None:
    first, second = _subject(), _subject()
    posting = [
        JournalToPost("sale", first, [("gateway", 700), ("shop:a", -500), ("shop:b", -200)]),
        JournalToPost("sale", second, [("gateway", 50), ("shop:a", -50)]),
    ]
    in_transaction(lambda: post_journals(posting))
    assert entries_about("sale", first) == [("gateway", 700), ("shop:b", -200), ("shop:a", -500)]
    assert entries_about("sale", second) == [("gateway", 50), ("shop:a", -50)]
    assert entries_about("other", first) == []
    assert balance("shop:a") == -550
    assert balance("never used") == 0
    assert db.session.query(Journal).count() == 2
    assert db.session.query(LedgerEntry).count() == 5
