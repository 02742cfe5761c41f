"""Cards: ready bytes, that say the same as the schema, in a constant number of queries."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from flask import Flask
from sqlalchemy import select

from app.community.cards import queries as reading
from app.community.cards.schemas import PostCardOut, PostOut
from app.community.posts import actions
from app.community.posts.models import Post
from app.community.reactions import actions as reactions
from app.community.tags.models import Tag, TagWanted
from app.core import clock
from app.core.caller import Caller
from app.core.db import begin_reading, db, in_transaction
from app.core.worker import drain, sweep_once
from app.people.accounts.actions import change_person
from app.people.social.actions import follow
from app.store.catalogue.actions import change_product, restore, take_down
from tests import make
from tests.make.post import MadePost

Asked = Callable[[], AbstractContextManager[list[str]]]


def cards(viewer: UUID | None, *posts: MadePost) -> list[dict[str, Any]]:
    db.session.rollback()
    return [orjson.loads(card) for card in reading.card_pages(viewer, [post.id for post in posts])]


def card_kept(post: MadePost) -> bytes | None:
    db.session.rollback()
    return db.session.scalar(select(Post.card).where(Post.id == post.id))


def rich_post() -> MadePost:
    """A post with all that a card can have."""
    author = make.person(roles=("kol",))
    face, picture = make.upload(author), make.upload(author, 90, 40)
    in_transaction(lambda: change_person(author.id, avatar=face))
    cup, tea = make.product(title="杯"), make.product(title="茶")
    tags = [TagWanted(cup.id, cup.sku_id, 0, 0.25, 0.75), TagWanted(tea.id)]
    return make.post(author, tags, uploads=[picture], topics=["露营"], body="正文", title='"引号" & <b>')


@pytest.mark.parametrize("schema", [PostCardOut, PostOut])
def test_the_ready_bytes_are_what_the_schema_would_write(app: Flask, schema: type[PostCardOut]) -> None:
    post, reader = rich_post(), make.person()
    in_transaction(lambda: follow(reader.id, post.author.id))
    in_transaction(lambda: reactions.like(Caller(person_id=reader.id), post.id))
    page = reading.post_page(reader.id, post.id)
    ready = page if schema is PostOut else reading.card_pages(reader.id, [post.id])[0]
    loaded = orjson.loads(ready)
    values = {**loaded, "published_at": _moment(loaded["published_at"])}
    assert orjson.loads(orjson.dumps(schema().dump(values))) == loaded
    assert set(loaded) == set(schema().fields)
    assert not schema().validate(_without_dates(loaded))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _without_dates(loaded: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in loaded.items() if name != "published_at"} | {
        "published_at": "2026-01-01T00:00:00Z"
    }


def test_a_card_says_what_is_so(app: Flask) -> None:
    post, reader = rich_post(), make.person()
    in_transaction(lambda: follow(reader.id, post.author.id))
    in_transaction(lambda: reactions.collect(Caller(person_id=reader.id), post.id))
    make.comment(post)
    mine = cards(reader.id, post)[0]
    assert mine["title"] == '"引号" & <b>'
    assert mine["counts"] == {"likes": 0, "collects": 1, "comments": 1, "views": 0}
    assert mine["viewer"] == {"liked": False, "collected": True, "following": True}
    assert mine["author"]["badges"] == ["kol"]
    assert mine["author"]["avatar"]["url"].endswith("thumb.jpg")
    assert (mine["cover"]["width"], mine["cover"]["height"]) == (90, 40)
    assert [tag["product"]["title"] for tag in mine["tags"]] == ["杯", "茶"]
    assert mine["tags"][0]["link"] == {"code": post.codes[0], "url": f"/l/{post.codes[0]}"}
    assert (mine["tags"][0]["image"], mine["tags"][0]["x"], mine["tags"][0]["y"]) == (0, 0.25, 0.75)
    assert abs(_moment(mine["published_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    stranger = cards(None, post)[0]
    assert stranger["viewer"] == {"liked": False, "collected": False, "following": False}
    assert {**stranger, "viewer": None} == {**mine, "viewer": None}


def test_cards_come_in_the_order_asked_for_without_those_that_are_gone(app: Flask) -> None:
    one, two, three = make.post(), make.post(), make.post()
    in_transaction(lambda: actions.delete_post(Caller(person_id=two.author.id), two.id))
    assert [card["id"] for card in cards(None, three, two, one)] == [str(three.id), str(one.id)]


@pytest.mark.parametrize("how_many", [1, 20])
def test_any_number_of_cards_costs_the_same_queries(app: Flask, asked: Asked, how_many: int) -> None:
    author, reader = make.person(), make.person()
    goods, picture = make.product(), make.upload(author)
    ids = [make.post(author, [goods], uploads=[picture]).id for _ in range(how_many)]
    begin_reading()
    for viewer in (None, reader.id):
        with asked() as statements:
            assert len(reading.card_pages(viewer, ids)) == how_many
            assert len(reading.open_cards(viewer, ids)) == how_many
        assert len(statements) == 2, statements


def test_hidden_and_missing_cards_cost_a_constant_number_of_queries(app: Flask, asked: Asked) -> None:
    author = make.person()
    goods, picture = make.product(), make.upload(author)
    ids = [make.post(author, [goods], uploads=[picture], visibility="private").id for _ in range(10)]
    begin_reading()
    counts = []
    for some in (ids[:1], ids):
        db.session.rollback()
        with asked() as statements:
            assert len(reading.card_pages(author.id, some)) == len(some)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


def test_open_cards_leave_out_even_the_viewers_own_hidden_ones(app: Flask) -> None:
    post = make.post(visibility="private")
    assert len(reading.card_pages(post.author.id, [post.id])) == 1
    assert reading.open_cards(post.author.id, [post.id]) == {}


def test_no_cards_cost_no_query(app: Flask, asked: Asked) -> None:
    with asked() as statements:
        assert reading.card_pages(None, []) == []
    assert statements == []


def test_a_new_nickname_is_on_the_authors_cards(app: Flask) -> None:
    author = make.person(nickname="旧名")
    post, other = make.post(author), make.post()
    in_transaction(lambda: change_person(author.id, nickname="新名"))
    untouched = card_kept(other)
    drain()
    assert card_kept(post) is None
    assert cards(None, post)[0]["author"]["nickname"] == "新名"
    sweep_once()
    assert "新名".encode() in (card_kept(post) or b"")
    assert card_kept(other) == untouched
    assert cards(None, post)[0]["author"]["nickname"] == "新名"


def test_a_new_title_of_the_goods_is_on_the_cards_that_tag_them(app: Flask) -> None:
    goods = make.product(title="旧杯")
    post = make.post(tags=[goods])
    staff = make.as_staff(goods.shop)
    in_transaction(lambda: change_product(staff, goods.id, title="新杯"))
    drain()
    assert cards(None, post)[0]["tags"][0]["product"]["title"] == "新杯"
    sweep_once()
    assert cards(None, post)[0]["tags"][0]["product"]["title"] == "新杯"


def test_a_change_of_the_goods_that_no_card_shows_rewrites_none(app: Flask) -> None:
    goods = make.product()
    post = make.post(tags=[goods])
    in_transaction(lambda: change_product(make.as_staff(goods.shop), goods.id, description="别的"))
    drain()
    assert card_kept(post) is not None


def test_goods_taken_down_are_on_no_card_until_they_are_back(app: Flask) -> None:
    goods, other = make.product(title="违规货"), make.product()
    post = make.post(tags=[goods, other])
    in_transaction(lambda: take_down(goods.id, "假货", post.author.id))
    drain()
    assert [tag["product"]["id"] for tag in cards(None, post)[0]["tags"]] == [str(other.id)]
    assert "违规货" not in reading.post_page(None, post.id).decode()
    in_transaction(lambda: restore(goods.id))
    drain()
    sweep_once()
    assert [tag["link"]["code"] for tag in cards(None, post)[0]["tags"]] == list(post.codes)


def test_an_edit_is_on_the_card_at_once(app: Flask) -> None:
    post = make.post(title="旧")
    in_transaction(lambda: actions.edit_post(Caller(person_id=post.author.id), post.id, {"title": "新"}))
    assert cards(None, post)[0]["title"] == "新"
    assert card_kept(post) is not None


def test_the_pictures_of_a_hidden_card_are_signed_and_only_then(app: Flask) -> None:
    author = make.person()
    post = make.post(author, uploads=[make.upload(author)], visibility="private")
    signed = cards(author.id, post)[0]["cover"]["url"]
    assert "?e=" in signed
    in_transaction(lambda: actions.edit_post(Caller(person_id=author.id), post.id, {"visibility": "public"}))
    assert cards(author.id, post)[0]["cover"]["url"] == signed.partition("?")[0]


def test_posts_of_one_moment_are_paged_without_loss(app: Flask) -> None:
    author, goods = make.person(), make.product()
    made = {make.post(author, [goods, goods]).id for _ in range(7)}
    in_transaction(lambda: db.session.execute(Post.__table__.update().values(created_at=clock.db_now())))
    in_transaction(lambda: db.session.execute(Tag.__table__.update().values(posted_at=clock.db_now())))
    for asked_for in (
        lambda cursor: reading.person_posts(None, author.id, 3, cursor),
        lambda cursor: reading.product_posts(None, goods.id, 3, cursor),
    ):
        found: list[str] = []
        cursor: str | None = None
        for _ in range(3):
            page, cursor = asked_for(cursor)
            found += [orjson.loads(card)["id"] for card in page]
        assert cursor is None
        assert len(found) == 7
        assert {UUID(one) for one in found} == made
