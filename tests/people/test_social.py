"""Following, by its verbs."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import counters
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.eventlog import EventRow
from app.people.accounts.models import Person
from app.people.social import actions, queries
from tests import make


def _counts(person_id: UUID) -> dict[str, int]:
    return counters.of([person_id]).get(person_id, {})


def _facts() -> list[str]:
    return list(db.session.scalars(select(EventRow.name).where(EventRow.name.ilike("Person%follow%"))))


def _do(verb: Callable[[UUID, UUID], None], one: UUID, other: UUID) -> None:
    in_transaction(lambda: verb(one, other))


def test_following_counts_once_however_often_it_is_asked_for(app: Flask) -> None:
    a, b = make.person(), make.person()
    for _ in range(3):
        _do(actions.follow, a.id, b.id)
    assert (_counts(b.id), _counts(a.id)) == ({"followers": 1}, {"following": 1})
    for _ in range(3):
        _do(actions.unfollow, a.id, b.id)
    assert (_counts(b.id), _counts(a.id)) == ({"followers": 0}, {"following": 0})
    assert len(_facts()) == 2


def test_following_at_once_from_many_threads_counts_exactly(app: Flask) -> None:
    star, fans = make.person(), [make.person() for _ in range(4)]

    def storm(number: int) -> None:
        with app.app_context():
            verb = actions.unfollow if number % 5 == 0 else actions.follow
            _do(verb, fans[number % 4].id, star.id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(storm, range(80)))
    follows = sum(star.id in queries.followed_among(fan.id, [star.id]) for fan in fans)
    assert _counts(star.id).get("followers", 0) == follows
    assert sum(_counts(fan.id).get("following", 0) for fan in fans) == follows


def test_who_is_followed_among_some_is_one_question(app: Flask) -> None:
    a, b, c = make.person(), make.person(), make.person()
    _do(actions.follow, a.id, b.id)
    _do(actions.follow, c.id, a.id)
    assert queries.followed_among(a.id, [a.id, b.id, c.id, uuid4()]) == {b.id}
    assert queries.followed_among(None, [b.id]) == set()
    assert queries.followed_among(a.id, []) == set()
    people = db.session.scalars(select(Person.id).where(Person.id.in_(queries.followed_ids_query(a.id)))).all()
    assert people == [b.id]


@pytest.mark.parametrize(("whom", "status"), [("oneself", 422), ("nobody", 404)])
def test_nobody_follows_oneself_or_nobody(app: Flask, whom: str, status: int) -> None:
    a = make.person()
    with pytest.raises(Refused) as caught:
        _do(actions.follow, a.id, a.id if whom == "oneself" else uuid4())
    assert caught.value.status == status
    assert _facts() == []


def test_who_follows_as_many_as_one_may_follows_nobody_else(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_FOLLOWED", 3)
    fan, stars = make.person(), [make.person() for _ in range(4)]
    for star in stars[:3]:
        _do(actions.follow, fan.id, star.id)
    with pytest.raises(Refused) as caught:
        _do(actions.follow, fan.id, stars[3].id)
    assert (caught.value.status, caught.value.code) == (409, "too_many_followed")
    assert "3" in caught.value.zh and "3" in caught.value.en
    _do(actions.follow, fan.id, stars[0].id)
    assert (_counts(fan.id), _counts(stars[3].id), len(_facts())) == ({"following": 3}, {}, 3)
    _do(actions.unfollow, fan.id, stars[0].id)
    _do(actions.follow, fan.id, stars[3].id)
    assert queries.followed_among(fan.id, [one.id for one in stars]) == {one.id for one in stars[1:]}


def test_two_who_follow_at_once_in_one_name_never_pass_the_most(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_FOLLOWED", 2)
    fan, stars = make.person(), [make.person() for _ in range(3)]
    _do(actions.follow, fan.id, stars[0].id)
    followed, go_on = threading.Event(), threading.Event()

    def follow(star: UUID, waits: bool) -> None:
        with app.app_context():

            def work() -> None:
                actions.follow(fan.id, star)
                followed.set()
                assert not waits or go_on.wait(10)

            in_transaction(work)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(follow, stars[1].id, True)
        assert followed.wait(10)
        second = pool.submit(follow, stars[2].id, False)
        time.sleep(0.2)
        go_on.set()
        first.result()
        with pytest.raises(Refused) as caught:
            second.result()
    assert caught.value.status == 409
    assert _counts(fan.id) == {"following": 2}
    assert queries.followed_among(fan.id, [one.id for one in stars]) == {stars[0].id, stars[1].id}
