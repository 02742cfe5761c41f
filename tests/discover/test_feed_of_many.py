"""The feed of somebody who follows more than a thousand people."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.db import db, in_transaction
from app.core.plain import rows
from app.discover.feed.queries import AMONG, FEW
from app.people.social.actions import follow
from tests import make
from tests.client import Client
from tests.discover.test_feed import ids, page
from tests.make.person import Made

_SILENT = """
    WITH made AS (INSERT INTO accounts_people SELECT (jsonb_populate_record(p, jsonb_build_object(
        'id', uuidv7(), 'username', 'silent' || n, 'username_key', 'silent' || n))).*
      FROM accounts_people p, generate_series(1, %(count)s) n WHERE p.id = %(like)s RETURNING id)
    INSERT INTO social_follows (follower_id, followed_id) SELECT %(reader)s, id FROM made RETURNING 1"""
_MORE_POSTS = """
    INSERT INTO posts_posts SELECT (jsonb_populate_record(p, jsonb_build_object(
        'id', uuidv7(), 'published_at', now() - n * interval '1 second'))).*
      FROM posts_posts p, generate_series(1, %(count)s) n WHERE p.id = %(like)s RETURNING 1"""


def _in_sql(sql: str, **values: Any) -> None:
    in_transaction(lambda: rows(sql, values))


@pytest.fixture
def reader(app: Flask) -> Made:
    """Follows a thousand people who write nothing."""
    made = make.person()
    _in_sql(_SILENT, count=FEW, like=made.id, reader=made.id)
    return made


def _published(post_id: UUID, minutes_ago: int) -> None:
    moved = db.text("UPDATE posts_posts SET published_at = now() - make_interval(mins => :ago) WHERE id = :id")
    in_transaction(lambda: db.session.execute(moved, {"ago": minutes_ago, "id": post_id}))


def test_all_posts_are_there_in_order_the_newest_and_those_that_are_long_past(
    client: Client, reader: Made, statements: list[str]
) -> None:
    author, stranger = make.person(), make.person()
    in_transaction(lambda: follow(reader.id, author.id))
    new = [make.post(author=author) for _ in range(7)]
    make.post(author=author, visibility="private")
    client.as_(author.token).delete(f"/posts/{new[3].id}")
    old = [make.post(author=author) for _ in range(7)]
    for number, post in enumerate(old):
        _published(post.id, 10_000 - number)
    _in_sql(_MORE_POSTS, count=AMONG, like=make.post(author=stranger).id)

    me, shown, cursor, ways = client.as_(reader.token), [], None, []
    while cursor is not None or not shown:
        statements.clear()
        found = page(me, "/feed/following", limit=2, cursor=cursor)
        ways.append("among all" if not any("LATERAL" in one for one in statements) else "by author")
        shown += ids(found)
        cursor = found["next"]
    wanted = [*(post for post in reversed(new) if post is not new[3]), *reversed(old)]
    assert shown == [str(post.id) for post in wanted]
    assert ways[:4] == ["among all", "among all", "by author", "by author"]


def test_who_follows_few_is_asked_for_nothing_else(client: Client, statements: list[str]) -> None:
    post, reader = make.post(), make.person()
    in_transaction(lambda: follow(reader.id, post.author.id))
    me = client.as_(reader.token)
    page(me, "/feed/following")
    statements.clear()
    assert ids(page(me, "/feed/following")) == [str(post.id)]
    assert not any(f"LIMIT {AMONG}" in one for one in statements)
    assert any("LATERAL" in one for one in statements)
