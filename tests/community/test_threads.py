"""Threads of comments: replies, likes and heat, what is put on top, goods, and a count that is always exact."""

import random
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.buying.links.queries import link_or_missing
from app.community.comments import actions
from app.community.comments.schemas import CommentOut, CommentReplyOut
from app.core import counters, worker
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from tests import make
from tests.client import Client
from tests.make.post import MadePost
from tests.store.racing import together


def threads(client: Client, post: MadePost, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/posts/{post.id}/comments{query}").json["items"]
    return found


def count_on(post: MadePost) -> int:
    db.session.rollback()
    return counters.of([post.id])[post.id].get("comments", 0)


def seen_by_all(client: Client, post: MadePost) -> int:
    """How many comments a stranger finds by turning all pages."""
    found = 0
    for thread in threads(client, post, "?limit=50"):
        found += 1 + len(client.get(f"/comments/{thread['id']}/replies?limit=50").json["items"])
    return found


def test_a_reply_stands_in_its_thread_and_says_whom_it_answers(client: Client) -> None:
    post, a, b = make.post(), make.person(nickname="阿宁"), client.as_(make.person(nickname="小鱼").token)
    root = make.comment(post, a, "好看")
    reply = b.post(f"/posts/{post.id}/comments", {"body": "哪里买的", "parent_id": str(root)}).json
    assert (reply["root_id"], reply["parent_id"], reply["answers"]) == (str(root), str(root), None)
    further = client.as_(a.token).post(f"/posts/{post.id}/comments", {"body": "看链接", "parent_id": reply["id"]}).json
    assert (further["root_id"], further["parent_id"]) == (str(root), reply["id"])
    assert further["answers"]["nickname"] == "小鱼"
    [thread] = threads(client, post)
    assert set(thread) == set(CommentOut().fields) and set(thread["replies"][0]) == set(CommentReplyOut().fields)
    assert CommentOut().validate(thread) == {}
    assert [one["body"] for one in thread["replies"]] == ["哪里买的", "看链接"]
    assert thread["counts"] == {"likes": 0, "replies": 2} and count_on(post) == 3


def test_a_list_shows_two_replies_and_a_thread_pages_through_all(client: Client) -> None:
    post = make.post()
    root = make.comment(post)
    made = [make.comment(post, body=f"第{number}条", parent=root) for number in range(5)]
    [thread] = threads(client, post)
    assert [one["id"] for one in thread["replies"]] == [str(one) for one in made[:2]]
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/comments/{root}/replies?limit=2&cursor={cursor}").json
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert found == [str(one) for one in made]


def test_what_is_answered_must_be_under_the_same_post_and_be_seen(client: Client) -> None:
    post, other = make.post(), make.post()
    root, writer = make.comment(other), client.as_(make.person().token)
    path = f"/posts/{post.id}/comments"
    assert writer.post(path, {"body": "?", "parent_id": str(root)}).status_code == 404
    assert writer.post(path, {"body": "?", "parent_id": str(new_id())}).status_code == 404
    gone = make.comment(post)
    in_transaction(lambda: actions.take_down(gone, "广告", new_id()))
    assert writer.post(path, {"body": "?", "parent_id": str(gone)}).status_code == 404
    reply = make.comment(post, parent=(root := make.comment(post)))
    in_transaction(lambda: actions.take_down(root, "广告", new_id()))
    assert writer.post(path, {"body": "?", "parent_id": str(reply)}).status_code == 404, "its thread is hidden"
    assert writer.get(f"/comments/{root}/replies").status_code == 404
    assert writer.put(f"/comments/{reply}/like").status_code == 404


def test_who_is_blocked_cannot_answer(client: Client) -> None:
    post, a, b = make.post(), make.person(), make.person()
    root = make.comment(post, a)
    client.as_(a.token).put(f"/people/{b.id}/block")
    answer = client.as_(b.token).post(f"/posts/{post.id}/comments", {"body": "!", "parent_id": str(root)})
    assert answer.status_code == 404


def test_goods_in_a_comment_sell_for_who_wrote_it(client: Client) -> None:
    goods, post, writer = make.product(title="露营灯"), make.post(), make.person()
    body = {"body": "用这个", "products": [{"product_id": str(goods.id)}]}
    made = client.as_(writer.token).post(f"/posts/{post.id}/comments", body).json
    [shown] = made["products"]
    assert shown["product"]["title"] == "露营灯" and shown["product"]["price"] == 9900
    assert client.get(f"/links/{shown['link']['code']}").json["product"]["id"] == str(goods.id)
    assert client.get(f"/{shown['link']['url']}").status_code == 200
    assert in_transaction(lambda: link_or_missing(shown["link"]["code"])).promoter_id == writer.id


@pytest.mark.parametrize("wrong", ["gone", "draft", "too many"])
def test_goods_that_people_may_not_see_are_refused(client: Client, wrong: str) -> None:
    ids = {
        "gone": [new_id()],
        "draft": [make.product(state="draft").id],
        "too many": [make.product().id for _ in range(4)],
    }
    post, writer = make.post(), client.as_(make.person().token)
    body = {"body": "看看", "products": [{"product_id": str(one)} for one in ids[wrong]]}
    assert writer.post(f"/posts/{post.id}/comments", body).status_code == 422
    assert count_on(post) == 0


def test_the_author_of_a_post_and_who_sells_its_goods_have_badges(client: Client) -> None:
    goods = make.product()
    post = make.post(tags=[goods])
    make.comment(post, post.author, "我写的")
    make.comment(post, goods.shop.owner, "我卖的")
    make.comment(post, None, "路过")
    badges = {one["body"]: one["badges"] for one in threads(client, post)}
    assert badges == {"我写的": ["author"], "我卖的": ["merchant"], "路过": []}


def test_the_hottest_comes_first_and_the_newest_where_that_is_asked(client: Client) -> None:
    post = make.post()
    first, second, third = (make.comment(post, body=word) for word in "一二三")
    for _ in range(3):
        in_transaction(partial(actions.like, Caller(person_id=make.person().id), first))
    make.comment(post, parent=second)
    worker.drain()
    assert [one["body"] for one in threads(client, post, "?sort=hot")] == ["一", "二", "三"]
    assert [one["body"] for one in threads(client, post, "?sort=new")] == ["三", "二", "一"]
    assert [one["body"] for one in threads(client, post)] == ["三", "二", "一"]
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/posts/{post.id}/comments?sort=hot&limit=1&cursor={cursor}").json
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert found == [str(one) for one in (first, second, third)]


def test_likes_of_a_comment_count_once_and_go_again(client: Client) -> None:
    post, fan = make.post(), client.as_(make.person().token)
    comment = make.comment(post)
    for _ in range(2):
        assert fan.put(f"/comments/{comment}/like").status_code == 204
    [shown] = threads(fan, post)
    assert shown["counts"]["likes"] == 1 and shown["viewer"]["liked"] is True
    assert threads(client, post)[0]["viewer"]["liked"] is False
    for _ in range(2):
        assert fan.delete(f"/comments/{comment}/like").status_code == 204
    assert threads(fan, post)[0]["counts"]["likes"] == 0
    worker.drain()


def test_one_comment_is_on_top_and_only_the_posts_author_puts_it_there(client: Client) -> None:
    post = make.post()
    first, second = make.comment(post, body="一"), make.comment(post, body="二")
    reply = make.comment(post, parent=first)
    author, other = client.as_(post.author.token), client.as_(make.person().token)
    assert other.put(f"/comments/{first}/pin").status_code == 403
    assert author.put(f"/comments/{reply}/pin").status_code == 422
    assert author.put(f"/comments/{first}/pin").status_code == 204
    shown = threads(client, post)
    assert [(one["body"], one["pinned"]) for one in shown] == [("一", True), ("二", False)]
    assert [one["body"] for one in threads(client, post, "?limit=1")] == ["一"]
    page = client.get(f"/posts/{post.id}/comments?limit=1").json
    following = client.get(f"/posts/{post.id}/comments?limit=1&cursor={page['next']}").json
    assert [one["body"] for one in following["items"]] == ["二"] and following["next"] is None
    author.put(f"/comments/{second}/pin")
    assert [one["body"] for one in threads(client, post)] == ["二", "一"]
    author.delete(f"/comments/{second}/pin")
    assert not any(one["pinned"] for one in threads(client, post))
    author.put(f"/comments/{first}/pin")
    author.delete(f"/comments/{first}")
    assert [one["body"] for one in threads(client, post)] == ["二"]


def test_a_comment_that_is_held_is_seen_by_its_author_alone_until_it_is_approved(client: Client) -> None:
    post, writer = make.post(), make.person()
    comment = make.comment(post, writer, "加我")
    in_transaction(lambda: actions.hold(comment, "疑似广告"))
    assert threads(client, post) == [] and count_on(post) == 0
    assert threads(client.as_(writer.token), post)[0]["held"] is True
    in_transaction(lambda: actions.approve(comment))
    assert threads(client, post)[0]["held"] is False and count_on(post) == 1


def test_where_the_author_wants_no_comments_only_he_writes_some(client: Client) -> None:
    post, writer = make.post(), client.as_(make.person().token)
    make.comment(post, body="早")
    author = client.as_(post.author.token)
    assert author.patch(f"/posts/{post.id}", {"comments_off": True}).json["comments_off"] is True
    assert writer.post(f"/posts/{post.id}/comments", {"body": "?"}).json["code"] == "comments_off"
    assert author.post(f"/posts/{post.id}/comments", {"body": "谢谢大家"}).status_code == 201
    assert len(threads(client, post)) == 2
    author.patch(f"/posts/{post.id}", {"comments_off": False})
    assert writer.post(f"/posts/{post.id}/comments", {"body": "?"}).status_code == 201


def test_what_hides_a_comment_hides_its_replies_and_the_count_follows(client: Client) -> None:
    post = make.post()
    root = make.comment(post)
    replies = [make.comment(post, parent=root) for _ in range(3)]
    in_transaction(lambda: actions.take_down(replies[0], "广告", new_id()))
    assert count_on(post) == 3
    in_transaction(lambda: actions.take_down(root, "广告", new_id()))
    assert count_on(post) == 0 and threads(client, post) == []
    in_transaction(lambda: actions.restore(replies[0]))
    assert count_on(post) == 0
    in_transaction(lambda: actions.restore(root))
    assert count_on(post) == 4 == seen_by_all(client, post)
    in_transaction(lambda: actions.delete_comment(Caller(person_id=post.author.id), root))
    assert count_on(post) == 0


def test_whatever_many_do_at_once_the_count_is_of_those_that_everybody_sees(app: Flask, client: Client) -> None:
    luck = random.Random(3)
    people = [make.person() for _ in range(4)]
    post = make.post(people[0])
    roots = [make.comment(post, luck.choice(people)) for _ in range(3)]
    some = [*roots, *(make.comment(post, luck.choice(people), parent=luck.choice(roots)) for _ in range(6))]

    def act(number: int) -> None:
        mine = random.Random(number)
        who, which = Caller(person_id=mine.choice(people).id), mine.choice(some)
        verbs = [
            lambda: actions.write_comment(who, post.id, "又一条", mine.choice([None, which])),
            lambda: actions.delete_comment(who, which),
            lambda: actions.take_down(which, "广告", new_id()),
            lambda: actions.restore(which),
            lambda: actions.hold(which, "疑似"),
            lambda: actions.approve(which),
            lambda: actions.pin(who, which),
            lambda: actions.like(who, which),
        ]
        try:
            in_transaction(mine.choice(verbs))
        except Refused:
            db.session.rollback()

    for start in range(0, 60, 6):
        together(app, *(partial(act, number) for number in range(start, start + 6)))
    worker.drain()
    assert count_on(post) == seen_by_all(client, post)


def test_blocks_that_come_and_go_leave_the_count_right(client: Client) -> None:
    a, b, c = (make.person() for _ in range(3))
    post = make.post(b)
    root = make.comment(post, c)
    make.comment(post, a, parent=root)
    own: UUID = make.comment(post, a)
    make.comment(post, c, parent=own)
    client.as_(b.token).put(f"/people/{a.id}/block")
    worker.drain()
    assert count_on(post) == 1 == seen_by_all(client, post)
    client.as_(b.token).delete(f"/people/{a.id}/block")
    worker.drain()
    assert count_on(post) == 4 == seen_by_all(client, post)
