"""Filling an engine beside other workers and under a killed process, and suggestions while an engine lags behind."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import hearing, worker
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.events import Hearing, hearings
from app.core.ids import new_id
from app.discover.finder import actions, queries
from app.people.accounts.actions import suspend_person
from search.engine import Engine
from search.questions import FindPeople, FindPosts
from tests import make
from tests.client import Client
from tests.facts import until_all_can_be_heard

Heard = Callable[[], None]
WORDS = "山川湖海"


@pytest.fixture
def engine(app: Flask, heard: Heard) -> Iterator[Engine]:
    """The embedded engine with one post."""
    make.post(title=WORDS)
    heard()
    yield actions.engine_named("postgres")
    actions.forget_engines()


@pytest.fixture
def listener(engine: Engine) -> Hearing:
    return next(one for one in hearings() if one.name == actions.LISTENERS[engine.name])


class Killed(BaseException):
    """What nobody catches."""


def killed(*_: object, **__: object) -> None:
    raise Killed


def found(engine: Engine) -> set[UUID]:
    return set(engine.find(FindPosts(WORDS, 50)).ids)


def expire_lease() -> None:
    in_transaction(lambda: db.session.execute(text("UPDATE core_listeners SET leased_until = now() - interval '1 s'")))


def meanwhile(monkeypatch: pytest.MonkeyPatch, engine: Engine, work: Callable[[], None]) -> None:
    """Has `work` done by "another worker" when all posts of the next fill are read, before they are put in place."""
    real = engine.rebuild

    def slow(kind: str, documents: Any) -> None:
        def and_then() -> Iterator[Any]:
            yield from documents
            if kind == "post":
                actions._seen[os.getpid(), engine.name, settings.database_url] = float("inf")
                expire_lease()
                work()

        real(kind, and_then())

    monkeypatch.setattr(engine, "rebuild", slow)


def test_what_another_worker_heard_during_a_fill_is_not_lost(
    engine: Engine, listener: Hearing, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts: list[UUID] = []

    def work() -> None:
        posts.append(make.post(title=WORDS).id)
        worker.drain()

    meanwhile(monkeypatch, engine, work)
    lose_posts(engine)
    make.post(title="别的")
    until_all_can_be_heard()
    hearing.hear(listener)
    heard()
    assert len(posts) == 1
    assert len(found(engine)) == 2
    assert engine.health().outdated == ()


def test_a_worker_amid_a_batch_when_a_fill_ends_does_not_move_past_it(
    engine: Engine, listener: Hearing, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, batches = new_id(), []

    def work() -> None:
        make.post(title=WORDS)
        until_all_can_be_heard()
        batch = in_transaction(lambda: hearing._lease(listener, holder))
        assert batch
        hearing._tell(listener, batch)
        batches.append(batch)

    meanwhile(monkeypatch, engine, work)
    lose_posts(engine)
    make.post(title="别的")
    until_all_can_be_heard()
    hearing.hear(listener)
    in_transaction(lambda: hearing._move(listener, batches[0], holder))
    heard()
    assert len(found(engine)) == 2


def test_a_process_killed_right_after_a_swap_loses_nothing(
    engine: Engine, listener: Hearing, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work() -> None:
        make.post(title=WORDS)
        worker.drain()

    meanwhile(monkeypatch, engine, work)
    monkeypatch.setattr(hearing, "rewind", killed)
    lose_posts(engine)
    make.post(title="别的")
    until_all_can_be_heard()
    with pytest.raises(Killed):
        hearing.hear(listener)
    monkeypatch.undo()
    assert (len(found(engine)), engine.health().outdated) == (1, ("post",))
    expire_lease()
    actions.forget_engines()
    make.post(title="又一件")
    heard()
    again = actions.engine_named("postgres")
    assert (len(found(again)), again.health().outdated) == (2, ())


def test_a_rebuild_killed_between_two_kinds_loses_nothing(
    engine: Engine, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work() -> None:
        make.post(title=WORDS)
        worker.drain()

    meanwhile(monkeypatch, engine, work)
    monkeypatch.setattr(actions.KINDS["product"], "all_ids", killed)
    with pytest.raises(Killed):
        actions.rebuild(engine)
    monkeypatch.undo()
    heard()
    assert len(found(engine)) == 2
    assert actions.problems_of(engine) == []


def lose_posts(engine: Engine) -> None:
    """The posts of the index are gone, and this process looks at it as one that has just begun."""
    in_transaction(lambda: db.session.execute(text("DELETE FROM search.post")))
    actions._seen.clear()


def test_whoever_asks_while_an_engine_is_made_ready_is_never_refused(app: Flask, heard: Heard) -> None:
    """Of 30 such moments 17 had a refusal, when the tables came between the question and the look at what is amiss."""
    person = make.person(nickname="后来的人").id
    heard()
    engine, ready, asked = actions.engine_named("postgres"), threading.Event(), []

    def ask() -> None:
        with app.app_context():
            while not ready.is_set():
                asked.append(queries.find(FindPeople("后来的人", 10)).ids)

    for _ in range(10):
        in_transaction(lambda: db.session.execute(text("DROP SCHEMA search CASCADE")))
        ready.clear()
        with ThreadPoolExecutor(1) as asker:
            asking = asker.submit(ask)
            try:
                engine.prepare()
                actions.rebuild(engine)
            finally:
                ready.set()
            asking.result()
        assert queries.find(FindPeople("后来的人", 10)).ids == (person,)
    assert set(asked) == {(), (person,)}


def test_tables_of_an_older_shape_answer_nothing_until_they_are_filled_anew(app: Flask, heard: Heard) -> None:
    person = make.person(nickname="后来的人").id
    heard()
    in_transaction(lambda: db.session.execute(text("ALTER TABLE search.person DROP COLUMN words")))
    in_transaction(lambda: db.session.execute(text("COMMENT ON TABLE search.person IS 'of an older release'")))
    actions.forget_engines()
    assert queries.find(FindPeople("后来的人", 10)).ids == ()
    make.person()
    heard()
    assert queries.find(FindPeople("后来的人", 10)).ids == (person,)


def test_an_engine_is_looked_at_without_counting_it(
    engine: Engine, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "count", killed)
    actions._seen.clear()
    make.post(title=WORDS)
    heard()
    assert len(found(engine)) == 2


def suggested(client: Client, words: str) -> list[str]:
    return sorted(item["text"] for item in client.get(f"/search/suggest?q={quote(words)}").json["items"])


def test_nothing_hidden_is_suggested_before_the_index_knows(client: Client, engine_name: str, heard: Heard) -> None:
    post = make.post(title="雪山日出", topics=["雪山徒步"])
    make.post(title="雪山日落", topics=["雪山摄影"])
    sold, person = make.product(title="雪山登山杖"), make.person(nickname="雪山来客")
    heard()
    texts = ["雪山徒步", "雪山摄影", "雪山日出", "雪山日落", "雪山来客", "雪山登山杖"]
    assert suggested(client, "雪山") == sorted(texts)
    desk = client.as_(make.person(roles=("moderator",)).token)
    for kind, id in (("post", post.id), ("product", sold.id)):
        assert desk.post("/desk/takedowns", {"kind": kind, "id": str(id), "reason": "广告"}).status_code == 201
    in_transaction(lambda: suspend_person(person.id, None, "广告"))
    assert suggested(client, "雪山") == sorted(["雪山摄影", "雪山日落"])


def test_the_texts_that_are_left_fill_the_list(client: Client, engine_name: str, heard: Heard) -> None:
    first, second = make.post(title="雪山日出"), make.post(title="雪山日落")
    client.as_(make.person().token).put(f"/posts/{first.id}/like")
    heard()
    client.as_(first.author.token).delete(f"/posts/{first.id}")
    answer = client.get(f"/search/suggest?q={quote('雪山')}&limit=1")
    assert [item["text"] for item in answer.json["items"]] == [second.title]
