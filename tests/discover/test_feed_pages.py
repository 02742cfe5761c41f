"""Pages of explore fit together, though only few orders are kept: what was published since is looked up again."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask

from app.core import clock
from app.core.cache import cache
from app.core.db import db, in_transaction
from app.core.worker import drain
from app.discover.feed import actions, queries
from app.discover.feed.models import FeedSnapshot
from tests import make
from tests.client import Client
from tests.discover.test_feed import ids, page


def _kept() -> int:
    db.session.rollback()
    found: int = db.session.scalar(db.select(db.func.count()).select_from(FeedSnapshot))
    return found


def _published(post_id: UUID, seconds_ago: float) -> None:
    """As if the post had been written then, by somebody who commits only now."""
    moved = db.text("UPDATE posts_posts SET published_at = now() - make_interval(secs => :ago) WHERE id = :id")
    in_transaction(lambda: db.session.execute(moved, {"ago": seconds_ago, "id": post_id}))


@pytest.fixture
def one_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the test falls into the time of one snapshot."""
    monkeypatch.setattr(actions, "SNAPSHOT_SECONDS", 10_000_000)


def test_pages_of_what_is_new_fit_together_on_whatever_machine(client: Client, one_snapshot: None) -> None:
    author = make.person()
    old = [make.post(author=author) for _ in range(6)]
    page(client, "/feed/explore")
    new = [make.post(author=author) for _ in range(12)]
    actions.memory.clear()
    shown: list[str] = []
    cursor, gone = None, set()
    while True:
        found = page(client, "/feed/explore", limit=2, cursor=cursor)
        assert not gone & set(ids(found))
        shown += ids(found)
        cursor = found["next"]
        if cursor is None:
            break
        actions.memory.clear()
        cache.flush()
        make.post(author=author)
        if len(shown) in {4, 14}:
            vanishing = (new if len(shown) == 4 else old)[0]
            assert client.as_(author.token).delete(f"/posts/{vanishing.id}").status_code == 204
            gone.add(str(vanishing.id))
    assert shown == [str(post.id) for post in [*new[:0:-1], *old[:0:-1]]]


def test_a_post_that_is_committed_late_moves_no_other_into_sight_twice(client: Client, one_snapshot: None) -> None:
    page(client, "/feed/explore")
    late, *new = [make.post() for _ in range(7)]
    for ago, post in enumerate(reversed(new)):
        _published(post.id, 10 + ago)
    _published(late.id, 3600)
    actions.memory.clear()
    first = page(client, "/feed/explore", limit=3)
    assert ids(first) == [str(post.id) for post in new[:2:-1]]
    _published(late.id, 5)
    second = page(client, "/feed/explore", limit=5, cursor=first["next"])
    assert ids(second) == [str(post.id) for post in new[2::-1]]


def test_a_new_post_that_the_snapshot_has_too_is_shown_once(client: Client) -> None:
    posts = {str(make.post().id) for _ in range(5)}
    found = ids(page(client, "/feed/explore"))
    assert len(found) == len(posts) and set(found) == posts


def test_a_post_older_than_a_minute_that_the_index_does_not_show_is_not_put_first(
    client: Client, one_snapshot: None
) -> None:
    page(client, "/feed/explore")
    old, young = make.post(), make.post()
    _published(old.id, 70)
    actions.memory.clear()
    assert ids(page(client, "/feed/explore")) == [str(young.id)]


def test_an_hour_of_readers_keeps_a_few_hundred_orders(client: Client) -> None:
    make.post()
    for second in range(0, 120, 2):
        with clock.moved(seconds=second):
            page(client, "/feed/explore")
            actions.memory.clear()
    assert _kept() <= 120 / actions.SNAPSHOT_SECONDS + 1
    assert 3600 / actions.SNAPSHOT_SECONDS * actions.LUCKS <= 500


def test_two_machines_that_make_a_snapshot_at_once_keep_one_and_show_it(app: Flask) -> None:
    make.post()
    one = in_transaction(lambda: actions._make(7))
    make.post()
    other = in_transaction(lambda: actions._make(7))
    assert (other.id, list(other.ids)) == (one.id, list(one.ids))
    assert _kept() == 1


def test_a_cursor_says_where_to_go_on_among_new_posts_and_in_the_snapshot() -> None:
    a, b, c, snapshot = (UUID(int=number) for number in range(4))
    time = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    order = queries.Order(snapshot, [(time, a), (time, b)], [a, b, c])
    assert queries.place_in(order, 1) == [str(snapshot), 0, "2026-01-02T03:04:05.678901Z", str(a)]
    assert queries.place_in(order, 2) == [str(snapshot), 0]
    assert queries.place_in(order, 3) == [str(snapshot), 1]


def test_each_post_leads_in_its_first_minute_whoever_else_is_liked(client: Client, one_snapshot: None) -> None:
    loved = [make.post() for _ in range(3)]
    for post in loved:
        _published(post.id, 3600)
        for _ in range(3):
            assert client.as_(make.person().token).put(f"/posts/{post.id}/like").status_code == 204
    fresh = make.post()
    drain()
    cursor, shown = None, []
    for _ in range(2):
        found = page(client, "/feed/explore", limit=2, cursor=cursor)
        shown += ids(found)
        cursor = found["next"]
    assert shown[0] == str(fresh.id)
    assert sorted(shown) == sorted(str(post.id) for post in [fresh, *loved])
    assert cursor is None
