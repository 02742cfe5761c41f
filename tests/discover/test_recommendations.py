"""Impressions: which count as views, and which do not."""

from functools import partial
from threading import Barrier, Thread

from flask import Flask
from sqlalchemy import func, select

from app.core import clock, counters
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.discover.recommendations import actions
from app.discover.recommendations.models import Impression, LastView
from tests import make
from tests.client import Client


def views(post_id: object) -> int:
    return counters.of([post_id]).get(post_id, {}).get("views", 0)


def tell(client: Client, *items: object, headers: dict[str, str] | None = None) -> int:
    answer = client.post("/impressions", {"items": list(items)}, headers=headers or {})
    assert answer.status_code == 202, answer.text
    return answer.json["accepted"]


def test_a_post_that_was_shown_has_a_view(client: Client) -> None:
    post, reader = make.post(), make.person()
    assert tell(client.as_(reader.token), make.shown(post.id)) == 1
    assert views(post.id) == 1
    assert client.get(f"/posts/{post.id}").json["counts"]["views"] == 1


def test_a_repeated_item_counts_once(client: Client) -> None:
    post, reader = make.post(), client.as_(make.person().token)
    item = make.shown(post.id)
    assert tell(reader, item, item) == 1
    with clock.moved(hours=2):
        assert tell(reader, item) == 0
    assert views(post.id) == 1


def test_a_second_view_within_an_hour_is_kept_but_not_counted(client: Client) -> None:
    post, reader = make.post(), client.as_(make.person().token)
    assert tell(reader, make.shown(post.id)) == 1
    with clock.moved(minutes=59):
        assert tell(reader, make.shown(post.id)) == 1
    assert views(post.id) == 1
    with clock.moved(minutes=61):
        assert tell(reader, make.shown(post.id)) == 1
    assert views(post.id) == 2


def test_two_people_are_two_views_and_strangers_of_one_address_one(client: Client) -> None:
    post = make.post()
    for _ in range(2):
        tell(client.as_(make.person().token), make.shown(post.id))
    for number in range(3):
        headers = {"Device-Id": f"phone-{number}", "User-Agent": f"browser/{number}"}
        tell(client, make.shown(post.id), headers=headers)
    assert views(post.id) == 3


def test_strangers_of_two_addresses_are_two_views(app: Flask) -> None:
    post = make.post()
    for address in ("203.0.113.7", "203.0.113.8", "203.0.113.7"):
        one = actions.Shown(post.id, "explore", 0, 10, clock.now())
        in_transaction(partial(actions.take_in, Caller(ip=address), [one]))
    assert views(post.id) == 2


def test_the_times_that_a_client_tells_do_not_make_more_views(client: Client) -> None:
    post, reader = make.post(), client.as_(make.person().token)
    items = [make.shown(post.id, at=f"2026-05-01T{hour:02}:00:00Z") for hour in range(24)]
    assert tell(reader, *items) == 24
    assert views(post.id) == 1


def test_ones_own_views_do_not_count(client: Client) -> None:
    author = make.person()
    post = make.post(author=author)
    assert tell(client.as_(author.token), make.shown(post.id)) == 0
    assert views(post.id) == 0


def test_hidden_posts_and_unknown_ids_are_passed_over(client: Client) -> None:
    private, deleted = make.post(visibility="private"), make.post()
    client.as_(deleted.author.token).delete(f"/posts/{deleted.id}")
    nobody = make.person().id
    shown = [make.shown(one) for one in (private.id, deleted.id, nobody)]
    assert tell(client.as_(make.person().token), *shown) == 0
    assert [views(one) for one in (private.id, deleted.id, nobody)] == [0, 0, 0]


def test_a_hundred_items_are_taken_in_and_a_hundred_and_one_are_not(client: Client) -> None:
    posts = [make.post() for _ in range(3)]
    reader = client.as_(make.person().token)
    items = [make.shown(posts[number % 3].id) for number in range(101)]
    answer = reader.post("/impressions", {"items": items})
    assert answer.status_code == 422
    assert "items" in answer.json["errors"]
    assert tell(reader, *items[:100]) == 100
    assert [views(post.id) for post in posts] == [1, 1, 1]
    assert tell(reader) == 0


def test_what_is_not_an_impression_is_refused(client: Client) -> None:
    post = make.post()
    for name, value in [("id", "x"), ("position", -1), ("position", 1.5), ("dwell_ms", -1), ("at", "yesterday")]:
        answer = client.post("/impressions", {"items": [make.shown(post.id, **{name: value})]})
        assert answer.status_code == 422, (name, value, answer.text)
    assert client.post("/impressions", {}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Impression)) == 0


def test_two_requests_at_once_count_one_view(app: Flask) -> None:
    post, reader = make.post(), make.person()
    start = Barrier(8)

    def show(item: dict[str, object]) -> None:
        with app.app_context():
            one = actions.Shown(post.id, "explore", item["position"], 10, clock.now())
            start.wait()
            in_transaction(lambda: actions.take_in(Caller(person_id=reader.id), [one]))

    crowd = [Thread(target=show, args=(make.shown(post.id),)) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert views(post.id) == 1
    assert db.session.scalar(select(func.count()).select_from(Impression)) == 8


def test_taking_in_is_a_handful_of_statements(client: Client, statements: list[str]) -> None:
    reader = client.as_(make.person().token)
    tell(reader, make.shown(make.post().id))
    few, many = [[make.shown(make.post().id) for _ in range(size)] for size in (2, 30)]
    counts = []
    for items in (few, many):
        statements.clear()
        assert tell(reader, *items) == len(items)
        counts.append(len(statements))
    assert counts[0] == counts[1] == 5, "\n".join(statements)


def test_old_views_and_impressions_are_forgotten_and_recent_ones_not(app: Flask) -> None:
    old, recent = make.post(), make.post()
    make.impression(old.id)
    db.session.execute(db.text("UPDATE recommendations_impressions SET seen_at = now() - interval '91 days'"))
    db.session.execute(db.text("UPDATE recommendations_last_views SET counted_at = now() - interval '2 hours'"))
    db.session.commit()
    make.impression(recent.id)
    assert in_transaction(actions.forget_old) == 2
    assert in_transaction(actions.forget_old) == 0
    assert list(db.session.scalars(select(Impression.post_id))) == [recent.id]
    assert list(db.session.scalars(select(LastView.post_id))) == [recent.id]
