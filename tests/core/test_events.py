"""The event log: nothing lost, nothing overtaken, failures kept aside."""

import random
import threading
import time
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import eventlog, events, hearing, retrying
from app.core.db import db, in_transaction
from app.core.eventlog import EventRow, FailedFact, ListenerRow
from app.core.events import Fact, emit
from app.core.ids import new_id
from app.core.worker import drain
from tests.facts import until_all_can_be_heard


@dataclass(frozen=True, slots=True)
class KettleBoiled(Fact):
    kettle_id: UUID
    cups: int


class Hears:
    """A listener for one test: remembers what it was told, and fails as it is asked to."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.broken_on: set[int] = set()
        self.crash_at = 0.0
        self.away = False

    def __call__(self, facts: list[KettleBoiled]) -> None:
        for fact in facts:
            if self.away:
                raise hearing.Away("the kitchen is closed")
            if fact.cups in self.broken_on:
                raise ValueError(f"cannot take {fact.cups}")
            self.told.append(fact.cups)
        if random.random() < self.crash_at:
            raise RuntimeError("crashed")


@pytest.fixture(params=[False, True], ids=["inside", "outside"])
def ear(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Hears:
    found = Hears()
    one = events.Hearing(
        "kitchen.ear", frozenset({"KettleBoiled"}), found, outside=request.param, batch=7, when=lambda: True
    )
    monkeypatch.setattr(events, "_hearings", {one.name: one})
    return found


def boil(*cups: int) -> None:
    in_transaction(lambda: [emit(KettleBoiled(new_id(), one)) for one in cups])


def test_a_fact_is_heard_after_commit_in_order(ear: Hears) -> None:
    boil(1, 2, 3)
    boil(*range(4, 20))
    drain()
    assert ear.told == list(range(1, 20))


def test_a_fact_of_a_rolled_back_transaction_is_never_heard(ear: Hears) -> None:
    def boil_and_fail() -> None:
        emit(KettleBoiled(new_id(), 1))
        db.session.flush()
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        in_transaction(boil_and_fail)
    boil(2)
    drain()
    assert ear.told == [2]


def test_a_fact_that_cannot_be_taken_is_kept_aside_while_the_rest_goes_on(ear: Hears) -> None:
    ear.broken_on = {3}
    boil(*range(10))
    drain()
    assert sorted(set(ear.told)) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert in_transaction(lambda: db.session.scalars(select(FailedFact.error)).all()) == ["ValueError: cannot take 3"]


def test_a_kept_aside_fact_is_told_again_when_its_time_has_come(ear: Hears) -> None:
    ear.broken_on = {3}
    boil(3)
    drain()
    assert retrying.retry_failed() == 0, "its time has not come"
    in_transaction(lambda: db.session.execute(text("UPDATE core_failed_facts SET next_try_at = now()")))
    assert retrying.retry_failed() == 1
    assert in_transaction(lambda: db.session.scalars(select(FailedFact.tries)).one()) == 2
    ear.broken_on = set()
    in_transaction(lambda: db.session.execute(text("UPDATE core_failed_facts SET next_try_at = now()")))
    assert retrying.retry_failed() == 1
    assert ear.told == [3]
    assert in_transaction(lambda: db.session.scalars(select(FailedFact)).all()) == []


def test_a_listener_whose_outside_is_away_waits_and_misses_nothing(ear: Hears) -> None:
    ear.away = True
    boil(1, 2, 3)
    drain()
    assert ear.told == []
    assert in_transaction(lambda: db.session.scalars(select(FailedFact)).all()) == []
    ear.away = False
    in_transaction(lambda: db.session.execute(text("UPDATE core_listeners SET leased_until = NULL")))
    drain()
    assert ear.told == [1, 2, 3]


def test_a_new_listener_hears_all_of_history_and_a_reset_one_again(ear: Hears) -> None:
    boil(1, 2)
    drain()
    in_transaction(lambda: db.session.execute(text("UPDATE core_listeners SET era = 0, xid = '0', event_id = 0")))
    drain()
    assert ear.told == [1, 2, 1, 2]


def test_an_open_writer_with_a_lower_id_is_waited_for_and_not_overtaken(app: Flask, ear: Hears) -> None:
    wrote, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with app.app_context():

            def work() -> None:
                emit(KettleBoiled(new_id(), 1))
                db.session.flush()
                wrote.set()
                go_on.wait(5)

            in_transaction(work)

    thread = threading.Thread(target=slow)
    thread.start()
    wrote.wait(5)
    boil(2)
    drain(patience=0)
    assert ear.told == [], "fact 2 committed, but fact 1 is older and still open"
    go_on.set()
    thread.join()
    drain()
    assert ear.told == [1, 2]


def test_many_writers_with_rollbacks_and_a_crashing_listener_lose_nothing(app: Flask, ear: Hears) -> None:
    committed: list[int] = []
    ear.crash_at = 0.2

    def write(base: int) -> None:
        with app.app_context():
            for number in range(base, base + 40):

                def work(number: int = number) -> None:
                    emit(KettleBoiled(new_id(), number))
                    db.session.flush()
                    time.sleep(random.random() / 500)
                    if number % 5 == 0:
                        raise RuntimeError("rolled back")

                try:
                    in_transaction(work)
                    committed.append(number)
                except RuntimeError:
                    pass

    threads = [threading.Thread(target=write, args=(1000 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        drain(patience=0)
    for thread in threads:
        thread.join()
    ear.crash_at = 0.0
    for _ in range(50):
        in_transaction(lambda: db.session.execute(text("UPDATE core_listeners SET leased_until = NULL")))
        in_transaction(lambda: db.session.execute(text("UPDATE core_failed_facts SET next_try_at = now()")))
        if not drain() and not retrying.retry_failed():
            break
    assert set(ear.told) == set(committed)


def test_after_a_restore_into_another_cluster_new_facts_are_heard(ear: Hears) -> None:
    """A restored database's xids begin again from low numbers: without a new era they would lie behind the cursor."""
    in_transaction(eventlog.notice_restore)
    boil(1)
    drain()
    in_transaction(lambda: db.session.execute(text("UPDATE core_listeners SET xid = '99999999999'")))
    in_transaction(lambda: db.session.execute(text("UPDATE core_eras SET cluster = 'the old one'")))
    assert in_transaction(eventlog.notice_restore) == 2
    assert in_transaction(eventlog.notice_restore) == 2, "noticed once"
    boil(2)
    drain()
    assert ear.told == [1, 2]


def test_a_within_listener_that_raises_refuses_the_whole_transaction(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_within", {})

    @events.within(KettleBoiled)
    def refuse(fact: KettleBoiled) -> None:
        raise PermissionError("no tea today")

    with pytest.raises(PermissionError):
        boil(1)
    assert in_transaction(lambda: db.session.scalars(select(EventRow)).all()) == []


def test_within_listeners_run_in_floor_order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_within", {})
    order: list[str] = []
    for module in ("app.operate.moderation.jobs", "app.store.payments.jobs", "app.store.orders.jobs"):

        def hear(fact: KettleBoiled, module: str = module) -> None:
            order.append(module)

        hear.__module__ = module
        events.within(KettleBoiled)(hear)
    boil(1)
    assert order == ["app.store.orders.jobs", "app.store.payments.jobs", "app.operate.moderation.jobs"]


def test_only_one_worker_holds_a_listener(app: Flask, ear: Hears) -> None:
    boil(1)
    until_all_can_be_heard()
    one = events.hearings()[0]
    in_transaction(
        lambda: db.session.add(ListenerRow(name=one.name, holder=new_id(), leased_until=text("now() + interval '9s'")))
    )
    assert hearing.hear(one) == hearing.HELD
    assert ear.told == []
