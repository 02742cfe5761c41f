"""Keeping the engines up to date: what happens when one is away, empty, rebuilt, or told twice."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import worker
from app.core.db import db, in_transaction
from app.core.events import hearings
from app.core.hearing import HELD, hear
from app.discover.finder import actions, queries
from app.discover.finder.kinds import KINDS
from search.engine import Engine, EngineUnavailable
from search.questions import FindPosts
from tests import make
from tests.client import Client
from tests.facts import until_all_can_be_heard

Heard = Callable[[], None]


@pytest.fixture
def engine(engine_name: str) -> Engine:
    return actions.engine_named(engine_name)


def found(engine: Engine, words: str) -> list[Any]:
    if engine.name == "elasticsearch":
        engine.refresh()
    return list(engine.find(FindPosts(words, 50)).ids)


def test_an_engine_that_lost_everything_is_filled_again_with_the_next_fact(engine: Engine, heard: Heard) -> None:
    old = make.post(title="旧时光")
    heard()
    for kind in KINDS:
        engine.rebuild(kind, [])
    actions.forget_engines()
    new = make.post(title="新时光")
    heard()
    again = actions.engine_named(engine.name)
    assert set(found(again, "时光")) == {old.id, new.id}


def test_the_embedded_engine_makes_its_tables_again(client: Client, heard: Heard) -> None:
    old = make.post(title="旧时光")
    heard()
    db.session.execute(text("DROP SCHEMA search CASCADE"))
    db.session.commit()
    assert client.get("/search/posts?q=时光").json["items"] == []
    time.sleep(actions.QUIET_SECONDS + 0.1)
    new = make.post(title="新时光")
    heard()
    assert {item["id"] for item in client.get("/search/posts?q=时光").json["items"]} == {str(old.id), str(new.id)}


def test_a_rebuild_holds_what_may_be_found_and_misses_nothing_written_meanwhile(
    engine: Engine, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [make.post(title="山川湖海") for _ in range(5)]
    hidden = make.post(title="山川湖海", visibility="private")
    heard()
    real, meanwhile = engine.rebuild, []

    def slow(kind: str, documents: Any) -> None:
        def and_then() -> Any:
            yield from documents
            if kind == "post":
                meanwhile.append(make.post(title="山川湖海"))
                worker.drain()

        real(kind, and_then())

    monkeypatch.setattr(engine, "rebuild", slow)
    given = actions.rebuild(engine)
    assert given["post"] == 5
    heard()
    assert set(found(engine, "山川湖海")) == {post.id for post in [*posts, *meanwhile]}
    assert hidden.id not in found(engine, "山川湖海")
    assert actions.problems_of(engine) == []


def test_while_an_engine_is_away_its_facts_wait_and_the_others_are_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch, heard: Heard
) -> None:
    heard()
    engine = actions.engine_named("postgres")
    one = next(one for one in hearings() if one.name == actions.LISTENERS["postgres"])

    def away(*_: object) -> None:
        raise EngineUnavailable("unplugged")

    monkeypatch.setattr(engine, "put", away)
    post = make.post(title="停电之夜")
    until_all_can_be_heard()
    assert hear(one) == HELD
    assert in_transaction(lambda: db.session.scalar(text("SELECT count(*) FROM core_failed_facts"))) == 0
    monkeypatch.undo()
    assert hear(one) == HELD, "it is left alone for a while"
    actions.forget_engines()
    heard()
    assert found(actions.engine_named("postgres"), "停电之夜") == [post.id]


def test_hearing_everything_again_changes_nothing(client: Client, engine: Engine, heard: Heard) -> None:
    kept, gone = make.post(title="潮起潮落"), make.post(title="潮起潮落")
    client.as_(gone.author.token).delete(f"/posts/{gone.id}")
    heard()
    db.session.execute(text("UPDATE core_listeners SET era = 0, xid = '0', event_id = 0"))
    db.session.commit()
    heard()
    assert found(engine, "潮起潮落") == [kept.id]


def test_facts_of_a_batch_are_read_in_a_constant_number_of_statements(
    app: Flask, heard: Heard, statements: list[str]
) -> None:
    make.post()
    heard()
    counts = []
    for size in (2, 20):
        shop = make.shop()
        for _ in range(size):
            make.post(tags=[make.product(shop=shop)])
        engine = actions.engine_named("postgres")
        one = next(one for one in hearings() if one.name == actions.LISTENERS[engine.name])
        until_all_can_be_heard()
        statements.clear()
        assert hear(one) > size
        counts.append(len(statements))
    assert counts[0] == counts[1], statements


def test_the_commands_rebuild_and_check(app: Flask, heard: Heard) -> None:
    post = make.post(title="命令行")
    run = app.test_cli_runner().invoke
    rebuilt = run(args=["search", "rebuild", "--engine", "postgres"])
    assert rebuilt.exit_code == 0, rebuilt.output
    assert "postgres: 1 x person, 1 x post, 0 x product" in rebuilt.output
    assert run(args=["search", "check"]).output == "postgres: ok\n"
    actions.engine_named("postgres").remove("post", [(post.id, time.time_ns() // 1000)])
    checked = run(args=["search", "check"])
    assert (checked.exit_code, checked.output) == (1, "postgres: 0 x post instead of 1\n")
    assert run(args=["search", "rebuild", "post"]).exit_code == 0
    assert run(args=["search", "check"]).exit_code == 0


def test_health_tells_how_the_engines_are(client: Client, heard: Heard) -> None:
    make.post()
    heard()
    parts = client.get("//healthz").json["parts"]
    assert parts["search"]["well"] is True
    assert parts["search"]["state"] == "postgres: ok"


def test_engines_are_made_anew_after_a_fork(app: Flask) -> None:
    mine = queries.engines()
    assert queries.engines() is mine
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"other" if queries.engines() is not mine else b"same")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 5) == b"other"
