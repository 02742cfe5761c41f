"""The feeds: pages that fit together while posts come and go."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db, in_transaction
from app.discover.feed import actions
from app.discover.feed.models import FeedSnapshot
from app.discover.feed.schemas import FeedOut
from app.people.social.actions import follow
from tests import make
from tests.client import Client


@pytest.fixture
def moment() -> Callable[[], None]:
    """Call it to let the half-second pass in which everybody sees the same."""
    return lambda: time.sleep(actions.SHARED_SECONDS + 0.05)


def page(client: Client, path: str, **asked: object) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def ids(found: dict[str, Any]) -> list[str]:
    return [item["id"] for item in found["items"]]


def test_a_guest_explores_and_sees_cards_with_the_reason(client: Client, heard: Callable[[], None]) -> None:
    post = make.post(title="山里的露营")
    heard()
    found = page(client, "/feed/explore")
    assert ids(found) == [str(post.id)]
    item = found["items"][0]
    assert (item["post"]["id"], item["post"]["title"]) == (str(post.id), "山里的露营")
    assert item["reason"]["code"] == "explore"
    assert item["reason"]["because"]
    assert (item["kind"], item["paid"], found["next"]) == ("feed_item", False, None)
    assert FeedOut().validate(found) == {}


def test_a_post_is_in_explore_even_before_the_index_has_it(client: Client) -> None:
    post = make.post()
    assert ids(page(client, "/feed/explore")) == [str(post.id)]


def test_ten_pages_of_explore_while_posts_appear_and_vanish(client: Client, heard: Callable[[], None]) -> None:
    author = make.person()
    posts = [make.post(author=author) for _ in range(40)]
    heard()
    reader = client.as_(make.person().token)
    seen: list[str] = []
    cursor, gone = None, set()
    for turn in range(10):
        found = page(reader, "/feed/explore", limit=3, cursor=cursor)
        assert len(ids(found)) == 3, "a page is full although some of its posts are gone"
        assert not gone & set(ids(found))
        seen += ids(found)
        cursor = found["next"]
        vanishing = next(post for post in reversed(posts) if str(post.id) not in {*seen, *gone})
        client.as_(author.token).delete(f"/posts/{vanishing.id}")
        gone.add(str(vanishing.id))
        make.post(author=author)
        if turn % 3 == 0:
            heard()
    assert len(seen) == len(set(seen)) == 30


def test_the_last_page_has_no_next(client: Client) -> None:
    posts = {str(make.post().id) for _ in range(5)}
    first = page(client, "/feed/explore", limit=3)
    second = page(client, "/feed/explore", limit=3, cursor=first["next"])
    assert {*ids(first), *ids(second)} == posts
    assert second["next"] is None


def test_a_new_post_is_seen_at_once_by_who_begins_anew(client: Client, moment: Callable[[], None]) -> None:
    make.post()
    page(client, "/feed/explore")
    new = make.post()
    moment()
    assert str(new.id) in ids(page(client, "/feed/explore"))


def test_all_who_ask_at_once_share_one_order(client: Client, app: Flask) -> None:
    make.post()
    with clock.moved(seconds=1):
        for _ in range(3):
            page(client, "/feed/explore")
            actions.memory.clear()
    made = db.session.scalar(db.select(db.func.count()).select_from(FeedSnapshot))
    assert made <= 2


@pytest.mark.parametrize("hide", ["private", "deleted", "taken down"])
def test_what_is_hidden_is_not_in_explore_not_even_for_its_author(client: Client, hide: str) -> None:
    post = make.post()
    make.post()
    me = client.as_(post.author.token)
    first = page(me, "/feed/explore", limit=1)
    if hide == "private":
        assert me.patch(f"/posts/{post.id}", {"visibility": "private"}).status_code == 200
    elif hide == "deleted":
        assert me.delete(f"/posts/{post.id}").status_code == 204
    else:
        desk = client.as_(make.person(roles=("moderator",)).token)
        body = {"kind": "post", "id": str(post.id), "reason": "广告"}
        assert desk.post("/desk/takedowns", body).status_code == 201
    rest = page(me, "/feed/explore", limit=5, cursor=first["next"])
    again = page(me, "/feed/explore")
    assert str(post.id) not in [*ids(rest), *ids(again)]


@pytest.mark.parametrize("path", ["/feed/explore", "/feed/following"])
def test_an_altered_cursor_is_refused(client: Client, path: str) -> None:
    author = make.person()
    for _ in range(3):
        make.post(author=author)
    reader = make.person()
    in_transaction(lambda: follow(reader.id, author.id))
    me = client.as_(reader.token)
    cursor = page(me, path, limit=1)["next"]
    for bad in (cursor[:-1], "x" + cursor, "0", cursor.replace(".", "", 1)):
        assert me.get(f"{path}?cursor={bad}").status_code == 400, bad
    other = "/feed/following" if path.endswith("explore") else "/feed/explore"
    assert me.get(f"{other}?cursor={cursor}").status_code == 400
    assert me.get(f"{path}?limit=51").status_code == 422


def test_a_cursor_of_a_forgotten_order_is_refused(client: Client) -> None:
    for _ in range(2):
        make.post()
    cursor = page(client, "/feed/explore", limit=1)["next"]
    db.session.execute(db.text("UPDATE feed_snapshots SET made_at = now() - interval '7 hours'"))
    db.session.commit()
    assert in_transaction(actions.forget_old) == 1
    actions.memory.clear()
    assert client.get(f"/feed/explore?cursor={cursor}").status_code == 400


def test_an_order_whose_pages_are_read_is_kept_for_a_day(client: Client) -> None:
    for _ in range(3):
        make.post()
    first = page(client, "/feed/explore", limit=1)
    page(client, "/feed/explore", limit=1, cursor=first["next"])
    for hours, gone in ((7, 0), (25, 1)):
        aged = db.text("UPDATE feed_snapshots SET made_at = now() - make_interval(hours => :hours)")
        db.session.execute(aged, {"hours": hours})
        db.session.commit()
        assert in_transaction(actions.forget_old) == gone


def test_following_is_exactly_what_they_posted_newest_first(client: Client) -> None:
    reader, first, second, stranger = [make.person() for _ in range(4)]
    for one in (first, second):
        in_transaction(lambda one=one: follow(reader.id, one.id))
    posts = [make.post(author=(first, second)[turn % 2]) for turn in range(6)]
    make.post(author=stranger)
    make.post(author=reader)
    make.post(author=first, visibility="private")
    client.as_(first.token).delete(f"/posts/{posts[2].id}")
    wanted = [str(post.id) for post in reversed(posts) if post is not posts[2]]
    found = page(client.as_(reader.token), "/feed/following")
    assert ids(found) == wanted
    assert found["items"][0]["reason"]["code"] == "following"
    assert found["items"][0]["post"]["viewer"]["following"] is True
    assert FeedOut().validate(found) == {}


def test_following_stays_in_order_while_new_posts_come(client: Client) -> None:
    reader, author = make.person(), make.person()
    in_transaction(lambda: follow(reader.id, author.id))
    old = [str(make.post(author=author).id) for _ in range(7)]
    me, seen, cursor = client.as_(reader.token), [], None
    while True:
        found = page(me, "/feed/following", limit=2, cursor=cursor)
        seen += ids(found)
        cursor = found["next"]
        if cursor is None:
            break
        make.post(author=author)
    assert seen == old[::-1]


def test_following_is_for_people_who_are_signed_in(client: Client) -> None:
    assert client.get("/feed/following").status_code == 401
    assert page(client.as_(make.person().token), "/feed/following") == {"items": [], "next": None}


def test_a_page_of_a_feed_takes_the_same_few_statements_whatever_its_length(
    client: Client, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "SHARED_SECONDS", 1000.0)
    reader = make.person()
    me = client.as_(reader.token)
    for _ in range(12):
        author = make.post().author.id
        in_transaction(lambda author=author: follow(reader.id, author))
    for path, most in (("/feed/explore", 1), ("/feed/following", 1)):
        page(me, path)
        counts = []
        for limit in (2, 12):
            statements.clear()
            assert len(ids(page(me, path, limit=limit))) == limit
            counts.append(len(statements))
        assert counts[0] == counts[1] <= most, (path, statements)
