"""The machine's page: what failed, told on real rows, and told again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, events, hearing, retrying, sweeplog
from app.core.audit import acts
from app.core.db import db, in_transaction
from app.core.events import Hearing, emit
from app.people.accounts.events import PersonChanged
from tests import make
from tests.facts import until_all_can_be_heard
from tests.pages import Browser, with_second_factor

NAME = "kitchen.count_people"


class Kitchen:
    """A listener that cannot take a fact until it is mended."""

    def __init__(self) -> None:
        self.is_broken = True
        self.told: list[PersonChanged] = []
        facts = frozenset({"PersonChanged"})
        self.hearing = Hearing(NAME, facts, self.hear, outside=False, batch=50, when=lambda: True)

    def hear(self, facts: list[PersonChanged]) -> None:
        if self.is_broken:
            raise LookupError("no such cup\nDETAIL: the guest's secret")
        self.told += facts

    def fail(self, number: int) -> list[PersonChanged]:
        """So many facts that it cannot take."""
        made = [PersonChanged(make.person().id) for _ in range(number)]
        in_transaction(lambda: events.emit_all(made))
        until_all_can_be_heard()
        hearing.hear(self.hearing)
        return made


@pytest.fixture
def kitchen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kitchen]:
    made = Kitchen()
    monkeypatch.setitem(events._hearings, NAME, made.hearing)
    yield made


@pytest.fixture
def desk(app: Flask) -> Browser:
    return with_second_factor(app, make.person(roles=("admin",)))[0]


def test_a_failed_fact_is_shown_by_its_ids_alone_and_told_again_when_an_admin_says_so(
    desk: Browser, kitchen: Kitchen
) -> None:
    [fact] = kitchen.fail(1)
    shown = desk.open("/admin/jobs").text
    assert NAME in shown and "PersonChanged" in shown and str(fact.person_id) in shown
    assert "LookupError: no such cup" in shown and "secret" not in shown
    assert retrying.retry_failed([kitchen.hearing]) == 0, "its time has not come"
    kitchen.is_broken = False
    path = next(one.action for one in desk.forms if "/facts/" in one.action)
    desk.send(path).follow()
    assert retrying.retry_failed([kitchen.hearing]) == 1
    assert kitchen.told == [fact]
    assert str(fact.person_id) not in desk.open("/admin/jobs").text
    gone = desk.post(path, form_token=desk.forms[-1].fields["form_token"])
    assert gone.status == 409 and "已经成功处理" in gone.text
    [row] = acts(5, subject_id=NAME)
    assert (row.what, row.subject_kind) == ("facts_retried", "listener")


def test_all_facts_of_one_listener_are_told_again_and_those_of_no_other(desk: Browser, kitchen: Kitchen) -> None:
    made = kitchen.fail(3)
    other = text(
        "INSERT INTO core_failed_facts (listener, event_id, error, next_try_at)"
        " SELECT 'another.listener', event_id, 'x', now() + interval '1 hour' FROM core_failed_facts LIMIT 1"
    )
    in_transaction(lambda: db.session.execute(other))
    kitchen.is_broken = False
    desk.open(f"/admin/jobs?listener={NAME}")
    assert "another.listener" in desk.text, "in the list of listeners, as one that is not in use"
    assert desk.text.count("LookupError") == 3
    desk.post(f"/admin/jobs/listeners/{NAME}/retry", form_token=desk.forms[-1].fields["form_token"]).follow()
    assert [retrying.retry_failed() for _ in range(4)] == [1, 1, 1, 0]
    assert sorted(str(one.person_id) for one in kitchen.told) == sorted(str(one.person_id) for one in made)
    db.session.rollback()
    assert retrying.kept_aside_counts() == {"another.listener": 1}


def test_a_fact_that_fails_again_waits_longer_each_time(desk: Browser, kitchen: Kitchen) -> None:
    kitchen.fail(1)
    for tries in (2, 3):
        desk.open("/admin/jobs").send("/retry")
        assert retrying.retry_failed([kitchen.hearing]) == 1
        assert f"已试 {tries}" in desk.open("/admin/jobs").text


def test_a_listener_that_lags_and_a_sweep_that_fails_are_seen(app: Flask, desk: Browser, kitchen: Kitchen) -> None:
    kitchen.is_broken = False
    in_transaction(lambda: emit(PersonChanged(make.person().id)))
    until_all_can_be_heard()
    hearing.hear(kitchen.hearing)
    hearing.rewind(NAME, None)
    old = "UPDATE core_events SET at = at - interval '3 hours'"
    in_transaction(lambda: db.session.execute(text(old)))
    in_transaction(lambda: sweeplog.note("core.cli.fold_counts", 12, 7))
    in_transaction(lambda: sweeplog.note("core.cli.measure_log", 3, 0, "TimeoutError: too slow"))
    shown = desk.open("/admin/jobs").text
    assert "3 小时" in shown
    assert "累计处理 7" in shown and "TimeoutError: too slow" in shown
    assert "没有 worker 在运行" not in shown
    in_transaction(lambda: db.session.execute(text("UPDATE core_sweeps SET ran_at = now() - interval '5 minutes'")))
    assert "没有 worker 在运行" in desk.open("/admin/jobs").text


def test_parts_have_names_for_people_and_listeners_say_what_they_do(desk: Browser) -> None:
    shown = desk.open("/admin/jobs").text
    for name, called in {"database": "数据库", "redis": "缓存", "search": "搜索"}.items():
        assert f'{called} <code class="quiet">{name}</code>' in shown
    for told in ("What a moderator is to look at; told by the worker", "Purchases whose time to pay is over."):
        assert f'lang="en">{told}' in shown


def test_a_machine_whose_clock_is_off_is_seen(desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes off it refuses what payment providers tell it."""
    assert "相差" not in desk.open("/admin/jobs").text
    monkeypatch.setattr(clock, "_moved", timedelta(minutes=-10))
    monkeypatch.setattr(clock, "ahead", timedelta)
    assert "与数据库相差 600 秒" in desk.open("/admin/jobs").text


def test_the_page_costs_the_same_for_many_failed_facts_and_goes_on(
    desk: Browser, kitchen: Kitchen, statements: list[str]
) -> None:
    def asked() -> int:
        statements.clear()
        assert desk.open("/admin/jobs").status == 200
        return len(statements)

    kitchen.fail(1)
    few = asked()
    many = text(
        "INSERT INTO core_failed_facts (listener, event_id, error, next_try_at)"
        " SELECT 'listener.' || n, n, 'error ' || n, now() FROM generate_series(1000, 1060) n"
    )
    in_transaction(lambda: db.session.execute(many))
    assert asked() == few < 25
    assert "error 1048" in desk.text and "error 1050" not in desk.text
    following = desk.text.split('rel="next" href="')[1].partition('"')[0].replace("&amp;", "&")
    assert "error 1060" in desk.open(f"/admin/jobs{following.partition('#')[0]}").text
