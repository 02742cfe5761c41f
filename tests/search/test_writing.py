"""What is written stays, unless something newer came; on every engine."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event, Thread
from uuid import uuid4

import pytest

from search.documents import KINDS, ProductDocument
from search.engine import DocumentRefused, Engine
from search.questions import FindProducts
from tests.search.conftest import settle
from tests.search.make import person, post, product


def titles(engine: Engine, words: str) -> int:
    settle(engine)
    return engine.find(FindProducts(words, 10)).total


def test_a_newer_version_takes_the_place_of_an_older_one(engine: Engine) -> None:
    old = product("旧茶壶")
    engine.put([old])
    engine.put([replace(old, version=old.version + 1, title="新水杯")])
    assert (titles(engine, "茶壶"), titles(engine, "水杯")) == (0, 1)


def test_an_older_version_never_takes_the_place_of_a_newer_one(engine: Engine) -> None:
    new = product("新水杯")
    engine.put([new])
    engine.put([replace(new, version=new.version - 1, title="旧茶壶")])
    assert (titles(engine, "茶壶"), titles(engine, "水杯")) == (0, 1)


def test_the_same_version_may_be_written_again(engine: Engine) -> None:
    cup = product("水杯")
    engine.put([cup])
    engine.put([replace(cup, title="茶壶")])
    assert (titles(engine, "茶壶"), titles(engine, "水杯")) == (1, 0)


def test_in_one_batch_the_newest_of_a_document_wins_in_any_order(engine: Engine) -> None:
    new = product("水杯")
    old = replace(new, version=new.version - 5, title="茶壶")
    engine.put([new, old, old])
    assert (titles(engine, "茶壶"), titles(engine, "水杯")) == (0, 1)


def test_what_is_removed_is_gone(engine: Engine) -> None:
    cup = product("水杯")
    engine.put([cup])
    engine.remove("product", [(cup.id, cup.version + 1)])
    assert titles(engine, "水杯") == 0
    assert engine.count("product") == 0


def test_an_older_removal_does_nothing(engine: Engine) -> None:
    cup = product("水杯")
    engine.put([cup])
    engine.remove("product", [(cup.id, cup.version - 1)])
    assert titles(engine, "水杯") == 1


def test_a_late_write_does_not_bring_back_what_was_removed(engine: Engine) -> None:
    cup, never_seen = product("水杯"), product("水杯")
    engine.put([cup])
    engine.remove("product", [(cup.id, cup.version + 1), (never_seen.id, never_seen.version + 1)])
    engine.put([cup, never_seen])
    assert titles(engine, "水杯") == 0


def test_what_was_removed_can_come_back_with_a_newer_version(engine: Engine) -> None:
    cup = product("水杯")
    engine.remove("product", [(cup.id, cup.version)])
    engine.put([replace(cup, version=cup.version + 1)])
    assert titles(engine, "水杯") == 1


def test_removing_what_is_not_there_is_no_error(engine: Engine) -> None:
    engine.remove("product", [(product().id, 1)])
    engine.remove("product", [])
    engine.put([])
    assert engine.count("product") == 0


def test_preparing_again_changes_nothing(engine: Engine) -> None:
    engine.put([product("水杯")])
    assert engine.prepare() == ()
    assert titles(engine, "水杯") == 1
    assert (engine.health().ok, engine.health().outdated) == (True, ())


def test_a_rebuild_leaves_exactly_what_it_was_given(engine: Engine) -> None:
    stays, goes, comes = product("水杯"), product("水杯"), product("水杯")
    bystander = post("水杯")
    engine.put([stays, goes, bystander])
    engine.rebuild("product", iter([stays, comes]))
    settle(engine)
    assert set(engine.find(FindProducts("水杯", 10)).ids) == {stays.id, comes.id}
    assert engine.count("post") == 1


def test_a_rebuild_counts_as_outdated_until_it_is_confirmed(engine: Engine) -> None:
    engine.rebuild("product", [product("水杯")])
    assert (engine.health().ok, engine.health().outdated) == (True, ("product",))
    assert titles(engine, "水杯") == 1
    engine.confirm("product")
    assert engine.health().outdated == ()


def test_an_engine_tells_which_kinds_are_empty(engine: Engine) -> None:
    cup = product("水杯")
    assert engine.is_empty("product")
    engine.put([cup, product("水杯"), product("水杯")])
    settle(engine)
    assert (engine.is_empty("product"), engine.is_empty("post")) == (False, True)
    engine.rebuild("product", [cup])
    assert not engine.is_empty("product")
    engine.remove("product", [(cup.id, cup.version + 1)])
    settle(engine)
    assert engine.is_empty("product")


def test_a_rebuild_that_fails_leaves_everything_as_it_was(engine: Engine) -> None:
    def broken() -> Iterator[ProductDocument]:
        yield product("茶壶")
        raise ZeroDivisionError

    engine.put([product("水杯")])
    with pytest.raises(ZeroDivisionError):
        engine.rebuild("product", broken())
    assert (titles(engine, "水杯"), titles(engine, "茶壶")) == (1, 0)


def test_writes_during_a_rebuild_are_there_after_the_replay_and_older_ones_never_win(engine: Engine) -> None:
    before = [product("水杯") for _ in range(1_200)]
    engine.put(before)
    changed = [replace(one, version=one.version + 10, title="茶壶") for one in before[::3]]
    removed = [(one.id, one.version + 10) for one in before[1::3]]
    began, errors = Event(), list[Exception]()

    def read_slowly() -> Iterator[ProductDocument]:
        for number, one in enumerate(before):
            if number == 600:
                began.set()
            yield one

    def write() -> None:
        try:
            began.wait(20)
            engine.put(changed)
            engine.remove("product", removed)
        except Exception as error:
            errors.append(error)

    writer = Thread(target=write)
    writer.start()
    engine.rebuild("product", read_slowly())
    writer.join()
    assert errors == []
    engine.put(changed)
    engine.remove("product", removed)
    engine.put(before)
    assert (titles(engine, "水杯"), titles(engine, "茶壶")) == (400, 400)


def test_no_write_fails_because_a_rebuild_takes_its_index_away(engine: Engine) -> None:
    goods = [product("水杯") for _ in range(300)]
    stop, errors = Event(), list[Exception]()

    def write() -> None:
        while not stop.is_set():
            try:
                engine.put(goods)
                engine.remove("product", [(uuid4(), 1)])
            except Exception as error:
                errors.append(error)

    writers = [Thread(target=write) for _ in range(3)]
    for one in writers:
        one.start()
    try:
        for _ in range(6):
            engine.rebuild("product", goods)
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert errors == []


def test_questions_are_answered_all_through_a_rebuild(engine: Engine) -> None:
    goods = [product("水杯") for _ in range(20)]
    engine.put(goods)
    settle(engine)
    stop, totals = Event(), set[int]()

    def ask() -> None:
        while not stop.is_set():
            totals.add(engine.find(FindProducts("水杯", 10)).total)

    asker = Thread(target=ask)
    asker.start()
    try:
        for _ in range(3):
            engine.rebuild("product", goods)
    finally:
        stop.set()
        asker.join()
    assert totals == {20}


def test_every_kind_is_kept_with_the_largest_numbers(engine: Engine) -> None:
    most = 2**62
    engine.put([post("水杯", likes=most), product("水杯", sold=most, price=most), person("水杯", followers=most)])
    settle(engine)
    assert [engine.count(kind) for kind in KINDS] == [1, 1, 1]


def test_a_post_as_long_as_a_book_is_taken(engine: Engine) -> None:
    engine.put([post("水杯", body="很长的故事 a1b2 " * 50_000), product("茶" * 5_000, description="x" * 300_000)])
    settle(engine)
    assert (engine.count("post"), engine.count("product")) == (1, 1)


def test_a_document_that_can_never_be_stored_is_named_and_the_others_are_stored(engine: Engine) -> None:
    unfit = product("水杯", sold=2**70)
    goods = [product("水杯") for _ in range(5)]
    with pytest.raises(DocumentRefused) as refusal:
        engine.put([*goods[:2], unfit, *goods[2:], post("水杯")])
    assert refusal.value.id == unfit.id
    settle(engine)
    assert engine.find(FindProducts("水杯", 10)).total == 5
    assert engine.count("post") == 1
