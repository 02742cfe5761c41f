"""Comments: verbs and doors."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.community.comments import actions, queries
from app.community.comments.schemas import CommentOut
from app.core import counters
from app.core.caller import Caller
from app.core.db import begin_reading, db, in_transaction
from app.core.errors import Refused
from app.core.eventlog import EventRow
from app.core.ids import new_id
from tests import make
from tests.client import Client
from tests.make.post import MadePost


def count_on(post: MadePost) -> int:
    db.session.rollback()
    return counters.of([post.id])[post.id].get("comments", 0)


def bodies(client: Client, post: MadePost) -> list[str]:
    return [one["body"] for one in client.get(f"/posts/{post.id}/comments").json["items"]]


def facts() -> list[str]:
    db.session.rollback()
    names = db.session.scalars(select(EventRow.name).order_by(EventRow.id))
    return [name for name in names if name.startswith("Comment")]


def test_a_comment_is_written_and_seen(client: Client) -> None:
    post, writer = make.post(), make.person(nickname="小鱼")
    answer = client.as_(writer.token).post(f"/posts/{post.id}/comments", {"body": "真好看 <b>"})
    assert answer.status_code == 201
    comment = answer.json
    assert set(comment) == set(CommentOut().fields)
    assert (comment["kind"], comment["body"], comment["post_id"]) == ("comment", "真好看 <b>", str(post.id))
    assert comment["author"]["nickname"] == "小鱼"
    assert comment["takedown"] is None
    assert client.get(f"/posts/{post.id}/comments").json == {"items": [comment], "next": None}
    assert client.get(f"/posts/{post.id}").json["counts"]["comments"] == 1
    assert facts() == ["CommentWritten"]


@pytest.mark.parametrize("body", ["", "  ", "长" * 1001, None, 3, "a\x00"])
def test_a_comment_has_words(client: Client, body: Any) -> None:
    post, writer = make.post(), client.as_(make.person().token)
    assert writer.post(f"/posts/{post.id}/comments", {"body": body}).status_code == 422
    assert count_on(post) == 0


def test_a_guest_reads_and_does_not_write(client: Client) -> None:
    post = make.post()
    make.comment(post, body="沙发")
    assert bodies(client, post) == ["沙发"]
    assert client.post(f"/posts/{post.id}/comments", {"body": "在吗"}).status_code == 401


def test_the_newest_comes_first_in_pages(client: Client) -> None:
    post = make.post()
    for number in range(5):
        make.comment(post, body=str(number))
    page = client.get(f"/posts/{post.id}/comments?limit=2").json
    found = [one["body"] for one in page["items"]]
    while page["next"]:
        page = client.get(f"/posts/{post.id}/comments?limit=2&cursor={page['next']}").json
        found += [one["body"] for one in page["items"]]
    assert found == ["4", "3", "2", "1", "0"]
    assert client.get(f"/posts/{post.id}/comments?cursor=x").status_code == 400


def test_the_writer_and_the_author_of_the_post_may_delete(client: Client) -> None:
    post, writer = make.post(), make.person()
    first, second = make.comment(post, writer), make.comment(post, writer)
    assert client.as_(make.person().token).delete(f"/comments/{first}").status_code == 403
    assert client.as_(writer.token).delete(f"/comments/{first}").status_code == 204
    assert client.as_(post.author.token).delete(f"/comments/{second}").status_code == 204
    assert client.as_(writer.token).delete(f"/comments/{first}").status_code == 404
    assert bodies(client.as_(writer.token), post) == []
    assert count_on(post) == 0
    assert facts()[2:] == ["CommentHidden", "CommentHidden"]


def test_a_comment_taken_down_is_seen_by_its_writer_only(client: Client) -> None:
    post, writer = make.post(), make.person()
    comment = make.comment(post, writer, "加微信")
    in_transaction(lambda: actions.take_down(comment, "广告", new_id()))
    assert bodies(client, post) == []
    assert bodies(client.as_(make.person().token), post) == []
    mine = client.as_(writer.token).get(f"/posts/{post.id}/comments").json["items"]
    assert mine[0]["takedown"]["reason"] == "广告"
    assert count_on(post) == 0
    assert client.as_(make.person().token).delete(f"/comments/{comment}").status_code == 404
    for _ in range(2):
        in_transaction(lambda: actions.restore(comment))
    assert bodies(client, post) == ["加微信"]
    assert count_on(post) == 1
    assert facts() == ["CommentWritten", "CommentHidden", "CommentShown"]


def refusal(work: Any) -> int:
    with pytest.raises(Refused) as refused:
        in_transaction(work)
    return refused.value.status


def test_a_comment_is_taken_down_once_and_not_after_its_end(app: Flask) -> None:
    post, writer = make.post(), make.person()
    comment = make.comment(post, writer)
    in_transaction(lambda: actions.take_down(comment, "广告", new_id()))
    assert refusal(lambda: actions.take_down(comment, "广告", new_id())) == 409
    in_transaction(lambda: actions.delete_comment(Caller(person_id=writer.id), comment))
    assert refusal(lambda: actions.take_down(comment, "广告", new_id())) == 404
    in_transaction(lambda: actions.restore(comment))
    assert count_on(post) == 0
    assert refusal(lambda: actions.take_down(new_id(), "广告", new_id())) == 404


def test_comments_on_a_hidden_post_are_deleted_by_their_writer_and_its_author_only(client: Client) -> None:
    post, writer = make.post(), make.person()
    first, second = make.comment(post, writer), make.comment(post, writer)
    client.as_(post.author.token).patch(f"/posts/{post.id}", {"visibility": "private"})
    assert client.as_(make.person().token).delete(f"/comments/{first}").status_code == 404
    assert client.as_(writer.token).delete(f"/comments/{first}").status_code == 204
    assert client.as_(post.author.token).delete(f"/comments/{second}").status_code == 204
    assert count_on(post) == 0


@pytest.mark.parametrize("how_many", [1, 20])
def test_a_page_of_comments_costs_the_same_queries(app: Flask, asked: Any, how_many: int) -> None:
    post = make.post()
    for _ in range(how_many):
        make.comment(post, parent=make.comment(post), goods=[make.product()])
    begin_reading()
    with asked() as statements:
        page, _ = queries.comment_pages(UUID(int=1), post.id, "hot", 20, None)
    assert len(page) == how_many
    assert len(statements) == 9, statements
