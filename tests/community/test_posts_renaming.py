"""New names on many cards: bounded transactions, and none forgotten that was written in between."""

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.community.posts import actions, jobs
from app.community.posts.models import Post
from app.community.tags import actions as tags
from app.community.tags.models import Tag
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.worker import drain, sweep_once
from app.people.accounts.actions import change_person
from app.store.catalogue.actions import change_product, take_down
from tests import make
from tests.community.conftest import Asked
from tests.make.post import MadePost


def without_card() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Post.card.is_(None))) or 0


def card_kept(post: MadePost) -> bytes:
    db.session.rollback()
    return db.session.scalar(select(Post.card).where(Post.id == post.id)) or b""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """At most 2 posts a transaction."""
    monkeypatch.setattr(jobs, "MOST", 2)
    return 2


def test_a_new_nickname_is_put_on_many_cards_a_few_a_transaction(app: Flask, few: int, asked: Asked) -> None:
    authors = [make.person(), make.person()]
    posts = [make.post(author) for author in authors for _ in range(5)]
    drain()
    for author in authors:
        in_transaction(partial(change_person, author.id, nickname="新名"))
    with asked() as statements:
        drain()
    marking = [one for one in statements if "SET card" in one]
    assert len(marking) >= len(posts) / few
    assert without_card() == len(posts)
    sweep_once()
    assert all("新名".encode() in card_kept(post) for post in posts)


def test_a_new_title_is_put_on_many_tags_a_few_a_transaction(app: Flask, few: int) -> None:
    goods, other = make.product(title="旧杯"), make.product(title="旧茶")
    posts = [make.post(tags=[goods, other]) for _ in range(5)]
    drain()
    for one in (goods, other):
        in_transaction(partial(change_product, make.as_staff(one.shop), one.id, title="新的"))
    drain()
    assert without_card() == len(posts)
    sweep_once()
    assert all("旧".encode() not in card_kept(post) for post in posts)
    assert set(db.session.scalars(select(Tag.title))) == {"新的"}


def test_more_posts_than_a_statement_has_parameters_are_marked(app: Flask) -> None:
    post = make.post()
    ids = [post.id, *db.session.scalars(_MANY_IDS)]
    assert len(ids) > 65_535
    assert in_transaction(lambda: actions.forget_cards(ids)) == 1


_MANY_IDS = text("SELECT gen_random_uuid() FROM generate_series(1, 70000)")


def in_between(
    app: Flask, monkeypatch: pytest.MonkeyPatch, module: Any, question: str, change: Callable[[], object]
) -> None:
    """Let `change` happen, and be heard, after a post's writer has asked this question and before he writes."""
    ask = getattr(module, question)

    def elsewhere() -> None:
        with app.app_context():
            in_transaction(change)
            drain()

    def slowly(ids: Any) -> Any:
        found = ask(ids)
        monkeypatch.setattr(module, question, ask)
        other = Thread(target=elsewhere)
        other.start()
        other.join()
        return found

    monkeypatch.setattr(module, question, slowly)


def test_a_card_written_while_its_goods_get_another_title_is_put_right(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods, author = make.product(title="旧杯"), make.person()
    rename = partial(change_product, make.as_staff(goods.shop), goods.id, title="新杯")
    in_between(app, monkeypatch, tags, "product_briefs", rename)
    post = make.post(author, [goods])
    assert "旧杯".encode() in card_kept(post)
    drain()
    sweep_once()
    assert "新杯".encode() in card_kept(post)


def test_a_card_written_while_its_goods_are_taken_down_is_put_right(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = make.product(title="旧杯")
    in_between(app, monkeypatch, tags, "product_briefs", partial(take_down, goods.id, "假货", None))
    post = make.post(tags=[goods])
    assert "旧杯".encode() in card_kept(post)
    drain()
    sweep_once()
    assert "旧杯".encode() not in card_kept(post)


def test_a_card_written_while_its_author_gets_another_name_is_put_right(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = make.person(nickname="旧名")
    in_between(app, monkeypatch, actions, "author_cards", partial(change_person, author.id, nickname="新名"))
    post = make.post(author)
    assert "旧名".encode() in card_kept(post)
    drain()
    sweep_once()
    assert "新名".encode() in card_kept(post)


def test_a_card_that_is_right_is_not_made_anew(app: Flask) -> None:
    author = make.person()
    post = make.post(author, [make.product(), make.product()], uploads=[make.upload(author)], topics=["露营"])
    drain()
    assert without_card() == 0
    in_transaction(lambda: actions.edit_post(Caller(person_id=author.id), post.id, {"title": "新", "tags": []}))
    drain()
    assert without_card() == 0
