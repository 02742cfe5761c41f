"""The moderators' desk over HTTP: who may, and what is gone from where."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.ids import new_id
from app.core.worker import drain
from app.discover.feed import actions as feed
from app.operate.moderation.schemas import ReportPageOut, TakedownOut, TakedownPageOut
from tests import make
from tests.client import Client


@pytest.fixture
def desk(client: Client) -> Client:
    return client.as_(make.person(roles=("moderator",)).token)


def take_down(desk: Client, subject_id: object, kind: str = "post", reason: str = "虚假宣传") -> TestResponse:
    return desk.post("/desk/takedowns", {"kind": kind, "id": str(subject_id), "reason": reason})


def ids(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


@pytest.mark.parametrize(
    ("roles", "status"), [(None, 401), ((), 403), (("kol",), 403), (("moderator",), 201), (("admin",), 201)]
)
def test_only_moderators_and_admins_take_down_and_restore(client: Client, roles: Any, status: int) -> None:
    post, product = make.post(), make.product()
    asker = client if roles is None else client.as_(make.person(roles=roles).token)
    subjects = {"post": post.id, "product": product.id, "comment": make.comment(post)}
    desk = client.as_(make.person(roles=("moderator",)).token)
    for kind, subject_id in subjects.items():
        answer = take_down(asker, subject_id, kind)
        assert answer.status_code == status, answer.text
        made = answer if status == 201 else take_down(desk, subject_id, kind)
        wanted = 204 if status == 201 else status
        assert asker.delete(f"/desk/takedowns/{made.json['id']}").status_code == wanted
    for path in ("/desk/takedowns", "/desk/reports"):
        assert asker.get(path).status_code == (200 if status == 201 else status)
    dismissal = asker.post(f"/desk/reports/{make.report(make.post().id)}/dismissal", {})
    assert dismissal.status_code == (204 if status == 201 else status)


def test_a_takedown_says_what_was_decided_about_what(desk: Client) -> None:
    post = make.post()
    answer = take_down(desk, post.id)
    assert answer.status_code == 201
    assert TakedownOut().validate(answer.json) == {}
    assert answer.json["kind"] == "takedown"
    assert answer.json["subject"] == {"kind": "post", "id": str(post.id)}
    assert (answer.json["reason"], answer.json["ended_at"]) == ("虚假宣传", None)
    assert take_down(desk, post.id).status_code == 409


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"kind": "person"}, 422, "kind"),
        ({"reason": ""}, 422, "reason"),
        ({"reason": "长" * 501}, 422, "reason"),
        ({"id": "x"}, 422, "id"),
        ({"id": str(new_id())}, 404, None),
    ],
)
def test_what_cannot_be_taken_down_is_refused(desk: Client, changes: dict[str, str], status: int, field: str) -> None:
    body = {"kind": "post", "id": str(make.post().id), "reason": "广告", **changes}
    answer = desk.post("/desk/takedowns", body)
    assert answer.status_code == status
    if field:
        assert field in answer.json["errors"]


def test_a_taken_down_post_is_gone_at_once_from_every_door_and_comes_back(client: Client, desk: Client) -> None:
    reader, product = make.person(), make.product()
    post = make.post(title="雪山围巾", tags=[product])
    me = client.as_(reader.token)
    assert me.put(f"/people/{post.author.id}/follow").status_code == 204
    drain()
    lists = ["/feed/explore", "/feed/following", "/search/posts?q=雪山围巾", f"/products/{product.id}/posts"]
    lists.append(f"/people/{post.author.id}/posts")
    assert [ids(me.get(path)) for path in lists] == [[str(post.id)]] * len(lists)
    assert "雪山围巾" in client.get(f"//l/{post.codes[0]}").text

    decision = take_down(desk, post.id).json["id"]
    assert me.get(f"/posts/{post.id}").status_code == 404
    assert [ids(me.get(path)) for path in lists] == [[]] * len(lists)
    assert client.get(f"/links/{post.codes[0]}").json["post"] is None
    link_page = client.get(f"//l/{post.codes[0]}")
    assert link_page.status_code == 200, "the link still sells"
    assert "雪山围巾" not in link_page.text
    assert me.put(f"/posts/{post.id}/like").status_code == 404

    assert desk.delete(f"/desk/takedowns/{decision}").status_code == 204
    drain()
    feed.memory.clear()  # explore looks for what is new twice a second
    assert me.get(f"/posts/{post.id}").status_code == 200
    assert [ids(me.get(path)) for path in lists] == [[str(post.id)]] * len(lists)
    assert client.get(f"/links/{post.codes[0]}").json["post"] == {"id": str(post.id)}


def test_the_author_still_sees_the_post_and_the_reason(client: Client, desk: Client) -> None:
    post = make.post()
    take_down(desk, post.id, reason="图片侵权")
    mine = client.as_(post.author.token).get(f"/posts/{post.id}")
    assert mine.status_code == 200
    assert mine.json["takedown"]["reason"] == "图片侵权"
    assert client.get(f"/posts/{post.id}").status_code == 404


def test_taken_down_goods_are_gone_and_their_links_too(client: Client, desk: Client) -> None:
    product = make.product(title="假冒香水")
    post = make.post(tags=[product])
    drain()
    assert ids(client.get("/search/products?q=假冒香水")) == [str(product.id)]
    assert take_down(desk, product.id, "product").status_code == 201
    assert client.get(f"/products/{product.id}").status_code == 404
    assert client.get(f"/links/{post.codes[0]}").status_code == 404
    assert ids(client.get("/search/products?q=假冒香水")) == []


def test_a_person_reports_a_post_and_gets_the_same_report_again(client: Client) -> None:
    post, me = make.post(), client.as_(make.person().token)
    first = me.post(f"/posts/{post.id}/reports", {"reason": "广告"})
    again = me.post(f"/posts/{post.id}/reports", {"reason": "广告", "note": "第二次"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json


def test_what_nobody_sees_cannot_be_reported(client: Client) -> None:
    private = make.post(visibility="private")
    me = client.as_(make.person().token)
    for post_id in (private.id, new_id()):
        assert me.post(f"/posts/{post_id}/reports", {"reason": "广告"}).status_code == 404
    assert client.post(f"/posts/{make.post().id}/reports", {"reason": "广告"}).status_code == 401
    bad = me.post(f"/posts/{make.post().id}/reports", {"note": "没有理由"})
    assert (bad.status_code, list(bad.json["errors"])) == (422, ["reason"])


def test_the_desk_lists_open_reports_oldest_first_and_takedowns_latest_first(app: Flask, desk: Client) -> None:
    posts = [make.post() for _ in range(5)]
    reports = [str(make.report(post.id)) for post in posts]
    decisions = [take_down(desk, post.id).json["id"] for post in posts[:2]]
    assert _walked(desk, "/desk/reports", ReportPageOut().validate) == reports[2:]
    assert _walked(desk, "/desk/takedowns", TakedownPageOut().validate) == decisions[::-1]
    desk.delete(f"/desk/takedowns/{decisions[0]}")
    ended = desk.get("/desk/takedowns").json["items"][1]
    assert datetime.fromisoformat(ended["ended_at"]) >= datetime.fromisoformat(ended["at"])
    assert desk.get("/desk/takedowns?cursor=x").status_code == 400


def test_a_dismissed_report_leaves_the_desk(desk: Client) -> None:
    report = make.report(make.post().id)
    assert desk.post(f"/desk/reports/{report}/dismissal", {"reason": "正常"}).status_code == 204
    assert ids(desk.get("/desk/reports")) == []
    assert desk.post(f"/desk/reports/{report}/dismissal", {}).status_code == 404
    assert desk.delete(f"/desk/takedowns/{new_id()}").status_code == 404


def test_a_list_of_the_desk_is_one_statement(desk: Client, statements: list[str]) -> None:
    for post in [make.post() for _ in range(4)]:
        make.report(post.id)
        take_down(desk, make.post().id)
    for path in ("/desk/reports", "/desk/takedowns"):
        desk.get(path)
        statements.clear()
        assert len(ids(desk.get(path))) == 4
        assert len(statements) == 1, statements


def _walked(desk: Client, path: str, problems: Callable[[Any], Any]) -> list[str]:
    """All ids of a list, two a page."""
    seen: list[str] = []
    cursor = ""
    while True:
        answer = desk.get(f"{path}?limit=2&cursor={cursor}")
        assert problems(answer.json) == {}
        seen += ids(answer)
        if answer.json["next"] is None:
            return seen
        cursor = answer.json["next"]
