"""Likes and unlikes by the thousand, and any order of anything: an inbox always says what is so."""

import random
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from app.community.posts.models import Post
from app.community.reactions import actions as reactions
from app.community.reactions.models import Reaction
from app.core import counters, hearing, retrying, worker
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.operate.notifications import actions
from app.operate.notifications.kinds import KINDS
from app.operate.notifications.models import Notice, NoticePart
from tests import make
from tests.facts import until_all_can_be_heard
from tests.make.person import Made
from tests.make.post import MadePost
from tests.operate.inbox import inbox, unread
from tests.store.racing import together

PEOPLE, PRESSES, THREADS = 200, 5000, 8


def people(number: int) -> list[Made]:
    """So many people, in one statement: to sign each of them up would take most of the test."""
    one = make.person("甲")
    in_transaction(
        lambda: db.session.execute(
            text(
                "INSERT INTO accounts_people (id, username, username_key, nickname, password_hash)"
                " SELECT uuidv7(), 'fan' || n, 'fan' || n, '粉丝' || n, 'none' FROM generate_series(1, :most) n"
            ),
            {"most": number - 1},
        )
    )
    rows = db.session.execute(text("SELECT id, username, nickname FROM accounts_people WHERE username LIKE 'fan%'"))
    return [one, *(Made(row.id, row.username, row.nickname, "", "", "") for row in rows)]


def press(one: Made, post: MadePost, is_like: bool) -> None:
    verb: Callable[[Caller, object], None] = reactions.like if is_like else reactions.unlike
    in_transaction(lambda: verb(Caller(person_id=one.id), post.id))


def rows_of(post: MadePost) -> int:
    db.session.rollback()
    wanted = select(func.count()).select_from(Reaction).where(Reaction.subject_id == post.id)
    return db.session.scalar(wanted) or 0


@pytest.mark.timeout(400)
def test_two_hundred_people_like_and_unlike_five_thousand_times(app: Flask) -> None:
    author, fans = make.person("作者"), people(PEOPLE)
    post = make.post(author)
    dice = random.Random(21)
    presses = [(dice.choice(fans), dice.random() < 0.6) for _ in range(PRESSES)]

    def some(mine: list[tuple[Made, bool]]) -> None:
        for one, is_like in mine:
            press(one, post, is_like)

    together(app, *(partial(some, presses[begin::THREADS]) for begin in range(THREADS)))
    likes = rows_of(post)
    assert likes > 0
    assert counters.of([post.id])[post.id]["likes"] == likes
    [line] = inbox(app, author)
    assert (line["kind"], line["count"], len(line["actors"])) == ("like", likes, 3)
    assert f"等 {likes} 人赞了你的笔记" in line["words"]
    assert unread(app, author) == {"reactions": 1}

    def take_back(mine: list[Made]) -> None:
        for one in mine:
            press(one, post, False)

    together(app, *(partial(take_back, fans[begin::THREADS]) for begin in range(THREADS)))
    assert rows_of(post) == 0
    assert inbox(app, author) == [] and unread(app, author) == {}


def test_a_batch_takes_the_same_number_of_statements_however_large_it_is(app: Flask, statements: list[str]) -> None:
    author, fans = make.person(), people(60)

    def heard(some: list[Made]) -> int:
        posts = [make.post(author) for _ in range(3)]
        worker.drain()
        for one in some:
            for post in posts:
                press(one, post, True)
        until_all_can_be_heard()
        statements.clear()
        assert hearing.hear(next(one for one in worker.hearings() if one.name == "notifications.note_happenings")) > 0
        return len(statements)

    assert heard(fans[:2]) == heard(fans[2:50])


def test_a_fact_that_could_not_be_taken_is_taken_later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    author, fans = make.person(), people(5)
    post = make.post(author)
    for one in fans:
        press(one, post, True)
    worker.drain()
    really = actions.put
    bad = fans[2].id

    def sometimes(kind: object, happenings: list[object]) -> object:
        if any(getattr(one, "source_id", None) == bad for one in happenings):
            raise RuntimeError("not today")
        return really(kind, happenings)  # type: ignore[arg-type]

    second = make.post(author)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "put", sometimes)
        for one in fans:
            press(one, second, True)
        worker.drain()
    assert sorted(one["count"] for one in inbox(app, author)) == [4, 5]
    in_transaction(lambda: db.session.execute(text("UPDATE core_failed_facts SET next_try_at = now()")))
    while retrying.retry_failed():
        pass
    assert [one["count"] for one in inbox(app, author)] == [5, 5]


class Model:
    """A simple one: who likes which post now."""

    def __init__(self) -> None:
        self.likes: dict[object, set[object]] = {}

    def press(self, one: Made, post: MadePost, is_like: bool) -> None:
        mine = self.likes.setdefault(post.id, set())
        (mine.add if is_like else mine.discard)(one.id)

    def lines(self) -> dict[object, set[object]]:
        return {post: people for post, people in self.likes.items() if people}


PRESS = st.tuples(st.integers(0, 3), st.integers(0, 1), st.sampled_from(["like", "unlike", "hear", "again"]))


def test_whatever_is_pressed_and_heard_in_whatever_order_the_inbox_agrees(app: Flask) -> None:
    author, fans = make.person(), people(4)
    posts = [make.post(author), make.post(author)]
    listener = next(one for one in worker.hearings() if one.name == "notifications.note_happenings")

    @settings(max_examples=25)
    @given(st.lists(PRESS, max_size=12))
    def plays(acts: list[tuple[int, int, str]]) -> None:
        in_transaction(_nothing_yet)
        model = Model()
        for who, which, act in acts:
            if act == "hear":
                hearing.hear(listener)
            elif act == "again":
                hearing.rewind(listener.name, None)
            else:
                press(fans[who], posts[which], act == "like")
                model.press(fans[who], posts[which], act == "like")
        until_all_can_be_heard()
        while hearing.hear(listener):
            pass
        assert in_transaction(_lines) == model.lines()

    plays()


def _nothing_yet() -> None:
    for table in ("reactions_reactions", "core_events", "notifications_notices"):
        db.session.execute(text(f"DELETE FROM {table}"))
    db.session.execute(text("DELETE FROM core_listeners"))


def _lines() -> dict[object, set[object]]:
    """What stands in the tables: of each post its people; and each count must be theirs."""
    found: dict[object, set[object]] = {}
    for notice in db.session.scalars(select(Notice).where(Notice.count > 0)):
        parts = set(db.session.scalars(select(NoticePart.source_id).where(NoticePart.notice_id == notice.id)))
        assert notice.count == len(parts) and notice.kind in KINDS
        found[notice.target_id] = parts
    assert set(found) <= set(db.session.scalars(select(Post.id)))
    return found
