"""The feed of somebody who follows more than a thousand people."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.db import db, in_transaction
from app.core.paging import values_of
from app.core.plain import rows
from app.discover.feed.queries import _FOLLOWING, _FOLLOWING_ON, AMONG, Place
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
    _in_sql(_SILENT, count=1000, like=made.id, reader=made.id)
    return made


def _place(cursor: str | None) -> Place | None:
    values = values_of("feed.following", cursor)
    return (datetime.fromisoformat(values[0]), UUID(values[1])) if values else None


def _way(reader: Made, limit: int, cursor: str | None) -> str:
    """In which way the one statement of a page finds its posts: author by author, or among the newest of all."""
    after = _place(cursor)
    asked = _FOLLOWING_ON if after else _FOLLOWING
    place = {"time": after[0], "id": after[1]} if after else {}
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.sql}"
    values = {**asked._values, "viewer": reader.id, "most": limit + 1, **place}
    [[plans]] = in_transaction(lambda: rows(explain, values))
    by_author = [
        node["Actual Loops"]
        for node in _nodes(plans[0]["Plan"])
        if node.get("Relation Name") == "posts_posts"
        and "followed_id" in f"{node.get('Index Cond')}{node.get('Filter')}"
    ]
    assert len(by_author) == 1, plans
    return "by author" if by_author[0] else "among all"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)


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
        assert len(statements) == 1
        ways.append(_way(reader, 2, cursor))
        shown += ids(found)
        cursor = found["next"]
    wanted = [*(post for post in reversed(new) if post is not new[3]), *reversed(old)]
    assert shown == [str(post.id) for post in wanted]
    assert ways[:4] == ["among all", "among all", "by author", "by author"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_who_follows_few_sees_all_their_posts_once_in_whichever_way_they_are_found(client: Client, limit: int) -> None:
    reader, authors = make.person(), [make.person() for _ in range(5)]
    for one in authors[:3]:
        in_transaction(lambda one=one: follow(reader.id, one.id))
    posts = [make.post(author=authors[turn * turn % 5]) for turn in range(24)]
    in_pairs = "UPDATE posts_posts SET published_at = '2026-01-01Z'::timestamptz + make_interval(mins => %(pair)s)"
    for number, post in enumerate(posts):  # two of a moment: the larger id comes first
        _in_sql(f"{in_pairs} WHERE id = %(id)s RETURNING 1", pair=number // 2, id=post.id)
    client.as_(authors[0].token).delete(f"/posts/{posts[20].id}")
    client.as_(authors[1].token).patch(f"/posts/{posts[21].id}", {"visibility": "private"})
    seen = [post for post in reversed(posts) if post.author in authors[:3] and post not in posts[20:22]]

    me, shown, cursor, ways = client.as_(reader.token), [], None, set()
    while cursor is not None or not shown:
        ways.add(_way(reader, limit, cursor))
        found = page(me, "/feed/following", limit=limit, cursor=cursor)
        shown += ids(found)
        cursor = found["next"]
    assert shown == [str(post.id) for post in seen]
    assert ways == ({"among all", "by author"} if limit < 7 else {"by author"})


def test_who_follows_nobody_sees_nothing(client: Client) -> None:
    make.post()
    assert page(client.as_(make.person().token), "/feed/following") == {"items": [], "next": None}
