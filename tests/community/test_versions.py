"""What a post said before it was edited: kept once others have seen it, and for its author alone."""

from flask import Flask

from app.community.posts import actions
from app.community.versions.schemas import PostVersionOut
from app.core.caller import Caller
from app.core.db import in_transaction
from tests import make
from tests.client import Client
from tests.store.racing import together


def test_each_edit_keeps_what_was_said_before(client: Client) -> None:
    author = make.person()
    post = make.post(author, uploads=[make.upload(author)], title="第一版", body="一", topics=["露营"])
    mine = client.as_(author.token)
    mine.patch(f"/posts/{post.id}", {"title": "第二版"})
    mine.patch(f"/posts/{post.id}", {"body": "二", "topics": ["徒步"], "uploads": []})
    mine.patch(f"/posts/{post.id}", {"comments_off": True})
    found = mine.get(f"/posts/{post.id}/versions").json["items"]
    assert [(one["number"], one["title"], one["body"], one["topics"], one["pictures"]) for one in found] == [
        (2, "第二版", "一", ["露营"], 1),
        (1, "第一版", "一", ["露营"], 1),
    ]
    assert set(found[0]) == set(PostVersionOut().fields)
    page = mine.get(f"/posts/{post.id}/versions?limit=1").json
    further = mine.get(f"/posts/{post.id}/versions?limit=1&cursor={page['next']}").json
    assert [one["number"] for one in further["items"]] == [1] and further["next"] is None


def test_what_nobody_else_has_seen_leaves_no_version(client: Client) -> None:
    author = make.person()
    post = make.post(author, visibility="private")
    mine = client.as_(author.token)
    mine.patch(f"/posts/{post.id}", {"title": "改过"})
    assert mine.get(f"/posts/{post.id}/versions").json["items"] == []
    mine.patch(f"/posts/{post.id}", {"visibility": "friends"})
    mine.patch(f"/posts/{post.id}", {"title": "再改"})
    assert [one["title"] for one in mine.get(f"/posts/{post.id}/versions").json["items"]] == ["改过"]


def test_what_was_taken_out_of_a_post_nobody_else_reads(client: Client) -> None:
    post = make.post(body="我的电话是一二三")
    client.as_(post.author.token).patch(f"/posts/{post.id}", {"body": ""})
    path = f"/posts/{post.id}/versions"
    assert client.get(path).status_code == 401
    assert client.as_(make.person().token).get(path).status_code == 403
    client.as_(post.author.token).patch(f"/posts/{post.id}", {"visibility": "private"})
    assert client.as_(make.person().token).get(path).status_code == 404


def test_edits_at_once_leave_numbers_without_a_gap(app: Flask, client: Client) -> None:
    post = make.post()
    caller = Caller(person_id=post.author.id)
    edits = [
        lambda number=number: in_transaction(lambda: actions.edit_post(caller, post.id, {"title": f"第{number}版"}))
        for number in range(6)
    ]
    together(app, *edits)
    found = client.as_(post.author.token).get(f"/posts/{post.id}/versions").json["items"]
    assert [one["number"] for one in found] == [6, 5, 4, 3, 2, 1]
    assert len({one["title"] for one in found}) == 6
