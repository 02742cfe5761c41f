"""The worker's rounds: one bad listener stops nobody, rare facts are reached, a cursor set back is noticed."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import eventlog, hearing, worker
from app.core.db import db, in_transaction
from app.core.events import Hearing, emit
from app.core.ids import new_id
from app.core.observability import LISTENER_LAG
from tests.core.test_events import KettleBoiled
from tests.facts import until_all_can_be_heard
from tests.statements import statements


def ear(name: str, told: list[int]) -> Hearing:
    def run(facts: list[KettleBoiled]) -> None:
        told.extend(fact.cups for fact in facts)

    return Hearing(f"kitchen.{name}", frozenset({"KettleBoiled"}), run, outside=False, batch=50, when=lambda: True)


def boil(*cups: int) -> None:
    in_transaction(lambda: [emit(KettleBoiled(new_id(), one)) for one in cups])
    until_all_can_be_heard()


def test_a_listener_that_cannot_even_read_the_log_stops_no_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    bad, good = ear("a", []), ear("b", told)
    hear = hearing.hear

    def hear_or_fail(one: Hearing) -> int:
        if one is bad:
            raise TimeoutError("statement timeout")
        return hear(one)

    monkeypatch.setattr(hearing, "hear", hear_or_fail)
    boil(1, 2)
    worker._Ears([bad, good]).tell()
    assert told == [1, 2]


def test_a_listener_of_rare_facts_is_led_through_a_long_log_window_by_window(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "WINDOW", 10)
    in_transaction(
        lambda: db.session.execute(
            text("INSERT INTO core_events (name, body) SELECT 'KettleWashed', '{}' FROM generate_series(1, 95)")
        )
    )
    boil(7)
    told: list[int] = []
    ears = worker._Ears([ear("rare", told)])
    monkeypatch.setattr(hearing, "WINDOWS", 4)
    monkeypatch.setattr(worker, "ASK_SECONDS", 0.0)
    for _ in range(5):
        ears.tell()
    assert told == [7]


def test_a_cursor_that_was_set_back_is_noticed_though_nothing_new_happens(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    one = ear("again", told)
    ears = worker._Ears([one])
    boil(1)
    ears.tell()
    assert in_transaction(lambda: dict(eventlog.lags()))[one.name] == 0
    in_transaction(lambda: db.session.execute(text("UPDATE core_listeners SET era = 0, xid = '0', event_id = 0")))
    assert in_transaction(lambda: dict(eventlog.lags()))[one.name] > 0
    ears.tell()
    assert told == [1], "asked a moment ago: not yet"
    monkeypatch.setattr(worker, "ASK_SECONDS", 0.0)
    ears.tell()
    assert told == [1, 1]


def test_the_lag_of_each_listener_is_a_metric(app: Flask) -> None:
    boil(1)
    one = ear("measured", [])
    worker._Ears([one]).tell()
    worker.sweep_once(["core.cli.measure_log"])
    assert LISTENER_LAG.labels(one.name)._value.get() == 0


def test_of_what_is_new_only_those_are_told_whom_it_is_for(app: Flask) -> None:
    told: list[int] = []
    others = [replace(ear(f"other{n}", told), facts=frozenset({"KettleWashed"})) for n in range(9)]
    ears = worker._Ears([*others, ear("one", told)])
    boil(1)
    ears.tell()
    boil(2, 3)
    with statements() as asked:
        ears.tell()
    assert told == [1, 2, 3]
    assert len([one for one in asked if "FROM core_listeners" in one]) == 1, "nine have nothing new and are not asked"


def test_a_full_batch_is_followed_by_the_next_at_once_and_a_small_one_by_a_rest(app: Flask) -> None:
    told: list[int] = []
    ears = worker._Ears([ear("one", told)])
    boil(*range(60))
    assert ears.tell() == 50
    assert ears.tell() == 0
    assert told == list(range(60))
