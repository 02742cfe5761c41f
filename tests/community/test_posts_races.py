"""Whoever changes a post at the same moment: it is shown and hidden exactly once."""

import random
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.buying.links.queries import link_or_missing
from app.community.comments import actions as comments
from app.community.posts import actions, queries
from app.core import counters
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.eventlog import EventRow
from app.core.ids import new_id
from app.people.uploads.queries import is_open as is_open_upload
from tests import make
from tests.store.racing import together


def tried(verbs: list[Callable[[], object]]) -> Callable[[], None]:
    """Do all of these; a refusal is an answer too."""

    def run() -> None:
        for verb in verbs:
            try:
                in_transaction(verb)
            except Refused as refused:
                assert refused.status in {404, 409}, refused
            db.session.remove()

    return run


@pytest.mark.parametrize("seed", range(6))
def test_all_that_follows_from_being_open_is_so_in_the_end(app: Flask, seed: int) -> None:
    luck, author = random.Random(seed), make.person()
    picture, other = make.upload(author), make.upload(author)
    post = make.post(author, [make.product()], uploads=[picture])
    edit = partial(actions.edit_post, Caller(person_id=author.id), post.id)
    verbs: list[Callable[[], object]] = [
        partial(edit, {"visibility": "private"}),
        partial(edit, {"visibility": "public"}),
        partial(edit, {"title": "新", "uploads": [other]}),
        partial(actions.take_down, post.id, "广告", new_id()),
        partial(actions.restore, post.id),
        partial(actions.hold, post.id, "疑似"),
        partial(actions.approve, post.id),
    ]
    together(app, *[tried([luck.choice(verbs) for _ in range(5)]) for _ in range(8)])
    db.session.rollback()
    is_open = queries.is_open(post.id)
    shown = [is_open_upload(one) for one in queries.post_for(author.id, post.id).pictures]
    assert shown == [is_open]
    assert counters.of([author.id])[author.id].get("posts", 0) == int(is_open)
    assert (link_or_missing(post.codes[0]).shown_post_id is not None) == is_open
    told = {
        name: db.session.scalar(select(func.count()).select_from(EventRow).where(EventRow.name == name)) or 0
        for name in ("PostPublished", "PostShown", "PostHidden")
    }
    assert told["PostPublished"] == 1
    assert told["PostPublished"] + told["PostShown"] - told["PostHidden"] == int(is_open)


def test_a_comment_hidden_twice_at_once_counts_once(app: Flask) -> None:
    post, writer = make.post(), make.person()
    ids = [make.comment(post, writer) for _ in range(4)]
    work: list[Callable[[], None]] = []
    for one in ids:
        delete = partial(comments.delete_comment, Caller(person_id=writer.id), one)
        hide, show = partial(comments.take_down, one, "广告", new_id()), partial(comments.restore, one)
        work += [tried([delete]), tried([hide, show]), tried([hide]), tried([show, delete])]
    together(app, *work)
    db.session.rollback()
    assert counters.of([post.id])[post.id].get("comments", 0) == 0
