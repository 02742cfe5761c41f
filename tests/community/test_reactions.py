"""Likes and collects: exact, however many press at once."""

import random
from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.community.reactions import actions as reactions
from app.community.reactions.models import Reaction
from app.core import counters
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.eventlog import EventRow
from app.core.ids import new_id
from tests import make
from tests.client import Client
from tests.make.post import MadePost
from tests.store.racing import together


def likes_of(post: MadePost) -> int:
    db.session.rollback()
    return counters.of([post.id])[post.id].get("likes", 0)


def facts(name: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(EventRow).where(EventRow.name == name)) or 0


def test_a_like_counts_once_however_often_it_is_sent(client: Client) -> None:
    post, fan = make.post(), client.as_(make.person().token)
    for _ in range(3):
        assert fan.put(f"/posts/{post.id}/like").status_code == 204
    seen = fan.get(f"/posts/{post.id}").json
    assert (seen["counts"]["likes"], seen["viewer"]["liked"]) == (1, True)
    assert facts("PostLiked") == 1
    for _ in range(3):
        assert fan.delete(f"/posts/{post.id}/like").status_code == 204
    seen = fan.get(f"/posts/{post.id}").json
    assert (seen["counts"]["likes"], seen["viewer"]["liked"]) == (0, False)
    assert facts("PostUnliked") == 1


def test_a_collect_is_not_a_like(client: Client) -> None:
    post, fan = make.post(), client.as_(make.person().token)
    fan.put(f"/posts/{post.id}/collect")
    seen = fan.get(f"/posts/{post.id}").json
    assert (seen["counts"]["likes"], seen["counts"]["collects"]) == (0, 1)
    assert seen["viewer"] == {"liked": False, "collected": True, "following": False}
    fan.delete(f"/posts/{post.id}/collect")
    assert fan.get(f"/posts/{post.id}").json["counts"]["collects"] == 0
    assert (facts("PostCollected"), facts("PostUncollected")) == (1, 1)


def test_fifty_at_once_are_fifty(app: Flask) -> None:
    post = make.post()
    fans = [new_id() for _ in range(50)]
    together(app, *[reacting(post, fan, [reactions.like]) for fan in fans])
    assert likes_of(post) == 50


def test_likes_and_unlikes_at_once_end_exact(app: Flask) -> None:
    post = make.post()
    fans = [new_id() for _ in range(10)]
    luck = random.Random(7)
    verbs = [[luck.choice([reactions.like, reactions.unlike]) for _ in range(4)] for _ in range(50)]
    together(app, *[reacting(post, fans[place % 10], some) for place, some in enumerate(verbs)])
    db.session.rollback()
    rows = db.session.scalar(select(func.count()).select_from(Reaction).where(Reaction.subject_id == post.id))
    assert likes_of(post) == rows
    assert facts("PostLiked") - facts("PostUnliked") == rows
    in_transaction(lambda: counters.fold())
    assert likes_of(post) == rows


def reacting(post: MadePost, fan: UUID, verbs: list[Callable[..., None]]) -> Callable[[], None]:
    def run() -> None:
        for verb in verbs:
            in_transaction(partial(verb, Caller(person_id=fan), post.id))
            db.session.remove()

    return run
