"""Verbs of posts."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.buying.links.queries import link_or_missing
from app.community.posts import actions, queries
from app.community.posts.models import HELD, PUBLISHED, Post, PostLog
from app.community.reactions import actions as reactions
from app.community.topics.queries import topics_of
from app.core import counters
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.eventlog import EventRow
from app.core.ids import new_id
from app.people.uploads.queries import is_open as is_open_upload
from tests import make
from tests.make.post import MadePost


def facts() -> list[str]:
    """Names of the facts about posts so far."""
    db.session.rollback()
    names = db.session.scalars(select(EventRow.name).order_by(EventRow.id))
    return [name for name in names if name.startswith("Post")]


def code_of(work: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        in_transaction(work)
    return refused.value.status, refused.value.code


def changes(post: MadePost, **named: object) -> None:
    in_transaction(lambda: actions.edit_post(Caller(person_id=post.author.id), post.id, named))


def state(post: MadePost) -> Post:
    db.session.rollback()
    found = db.session.scalar(select(Post).where(Post.id == post.id).execution_options(populate_existing=True))
    assert found is not None
    return found


def posts_count(of: UUID) -> int:
    db.session.rollback()
    return counters.of([of])[of].get("posts", 0)


def take_down(post: MadePost, reason: str = "广告") -> None:
    in_transaction(lambda: actions.take_down(post.id, reason, new_id()))


def test_a_public_post_is_open_at_once(app: Flask) -> None:
    author = make.person()
    picture = make.upload(author)
    post = make.post(author, uploads=[picture])
    assert queries.is_open(post.id)
    assert state(post).published_at is not None
    assert is_open_upload(picture)
    assert posts_count(author.id) == 1
    assert facts() == ["PostSubmitted", "PostPublished"]


def test_a_private_post_is_published_but_not_open(app: Flask) -> None:
    author = make.person()
    picture = make.upload(author)
    goods = make.product()
    post = make.post(author, visibility="private", uploads=[picture], tags=[goods])
    assert state(post).state == PUBLISHED
    assert state(post).published_at is None
    assert not queries.is_open(post.id)
    assert not is_open_upload(picture)
    assert posts_count(author.id) == 0
    assert link_or_missing(post.codes[0]).shown_post_id is None
    assert facts() == ["PostSubmitted"]


def test_a_private_post_made_public_is_published_then(app: Flask) -> None:
    author = make.person()
    picture = make.upload(author)
    post = make.post(author, visibility="private", uploads=[picture], tags=[make.product()])
    changes(post, visibility="public")
    assert queries.is_open(post.id)
    assert is_open_upload(picture)
    assert link_or_missing(post.codes[0]).shown_post_id == post.id
    assert facts() == ["PostSubmitted", "PostPublished"]
    published_at = state(post).published_at
    changes(post, visibility="private")
    assert not is_open_upload(picture)
    assert posts_count(author.id) == 0
    assert facts()[-1] == "PostHidden"
    changes(post, visibility="public")
    assert facts()[-1] == "PostShown"
    assert state(post).published_at == published_at
    assert posts_count(author.id) == 1


def test_a_post_taken_down_comes_back_once(app: Flask) -> None:
    author = make.person()
    picture = make.upload(author)
    post = make.post(author, uploads=[picture], tags=[make.product()])
    take_down(post)
    assert not queries.is_open(post.id)
    assert not is_open_upload(picture)
    assert link_or_missing(post.codes[0]).shown_post_id is None
    assert code_of(lambda: actions.take_down(post.id, "又", new_id())) == (409, "taken_down")
    for _ in range(2):
        in_transaction(lambda: actions.restore(post.id))
    assert queries.is_open(post.id)
    assert is_open_upload(picture)
    assert posts_count(author.id) == 1
    assert facts()[2:] == ["PostHidden", "PostShown"]


def test_a_private_post_taken_down_stays_private_when_restored(app: Flask) -> None:
    post = make.post(visibility="private")
    take_down(post)
    in_transaction(lambda: actions.restore(post.id))
    assert not queries.is_open(post.id)
    assert facts() == ["PostSubmitted"]


def test_a_taken_down_post_made_public_stays_hidden(app: Flask) -> None:
    post = make.post()
    take_down(post)
    changes(post, visibility="private")
    changes(post, visibility="public", title="换个标题")
    assert not queries.is_open(post.id)
    assert facts()[-1] == "PostEdited"


def test_a_deleted_post_is_gone_for_good(app: Flask) -> None:
    post = make.post()
    caller = Caller(person_id=post.author.id)
    in_transaction(lambda: actions.delete_post(caller, post.id))
    gone = (404, "not_found")
    assert code_of(lambda: actions.delete_post(caller, post.id)) == gone
    assert code_of(lambda: actions.edit_post(caller, post.id, {"title": "回来"})) == gone
    assert code_of(lambda: actions.take_down(post.id, "广告", new_id())) == gone
    assert posts_count(post.author.id) == 0
    assert facts()[-1] == "PostHidden"


def test_a_deleted_post_does_not_come_back_by_a_restore(app: Flask) -> None:
    post = make.post()
    take_down(post)
    in_transaction(lambda: actions.delete_post(Caller(person_id=post.author.id), post.id))
    in_transaction(lambda: actions.restore(post.id))
    assert not queries.is_open(post.id)
    assert "PostShown" not in facts()


def test_a_post_is_held_and_approved_again(app: Flask) -> None:
    post = make.post(tags=[make.product()])
    in_transaction(lambda: actions.hold(post.id, "疑似广告"))
    assert not queries.is_open(post.id)
    assert link_or_missing(post.codes[0]).shown_post_id is None
    assert code_of(lambda: actions.hold(post.id, "又")) == (409, "held")
    in_transaction(lambda: actions.approve(post.id))
    assert queries.is_open(post.id)
    assert link_or_missing(post.codes[0]).shown_post_id == post.id
    assert code_of(lambda: actions.approve(post.id)) == (409, "published")
    assert facts()[2:] == ["PostHidden", "PostShown"]
    moves = db.session.execute(select(PostLog.before, PostLog.after, PostLog.why).order_by(PostLog.id)).all()
    assert [tuple(move) for move in moves] == [
        ("submitted", PUBLISHED, ""),
        (PUBLISHED, HELD, "疑似广告"),
        (HELD, PUBLISHED, ""),
    ]


def test_an_unknown_post_is_missing_for_every_verb(app: Flask) -> None:
    nothing, caller = new_id(), Caller(person_id=make.person().id)
    for work in (
        lambda: actions.approve(nothing),
        lambda: actions.hold(nothing, ""),
        lambda: actions.take_down(nothing, "", nothing),
        lambda: actions.delete_post(caller, nothing),
        lambda: reactions.like(caller, nothing),
    ):
        assert code_of(work) == (404, "not_found")
    in_transaction(lambda: actions.restore(nothing))


def test_an_edit_shows_the_pictures_that_it_names_and_no_others(app: Flask) -> None:
    author = make.person()
    old, new = make.upload(author), make.upload(author)
    post = make.post(author, uploads=[old])
    changes(post, uploads=[new])
    assert is_open_upload(new)
    assert not is_open_upload(old)


def test_only_what_is_named_changes(app: Flask) -> None:
    post = make.post(title="旧", body="旧文", topics=["茶"])
    changes(post, body="新文")
    found = state(post)
    assert (found.title, found.body) == ("旧", "新文")
    assert topics_of([post.id]) == [(post.id, "茶")]
    assert found.edited_at is not None


def test_a_visibility_alone_is_no_edit_of_the_words(app: Flask) -> None:
    post = make.post()
    changes(post, visibility="private")
    assert state(post).edited_at is None


def test_all_is_rolled_back_where_moderation_refuses(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise Refused(422, "no", "不行", "No.")

    monkeypatch.setattr(actions, "emit", refuse)
    assert code_of(lambda: actions.publish_post(Caller(person_id=make.person().id), kind="note", title="一"))[1] == "no"
    assert db.session.scalar(select(func.count()).select_from(Post)) == 0
