"""A moderator at work in his browser: the queue, reports, take-downs, what he and the author see."""

from functools import partial
from html import unescape
from uuid import UUID

import pytest
from flask import Flask

from app.community.posts.actions import delete_post, edit_post, hold
from app.core.caller import Caller
from app.core.db import in_transaction
from app.core.worker import drain
from app.operate.moderation.actions import take_down
from tests import make
from tests.client import Client
from tests.make.person import Made
from tests.pages import Browser, with_second_factor

QUEUE = "/admin/queue"


def test_a_moderator_sees_all_that_he_needs_and_approves(app: Flask, desk: Browser) -> None:
    author, product = make.person(nickname="阿棠"), make.product()
    post = make.post(author, [product], title="蜜桃色腮红", body="粉很细", uploads=[make.upload(author)])
    drain()
    shown = desk.open(QUEUE).text
    links = (f"/admin/people/{author.id}", f"/l/{post.codes[0]}", '<img src="/media/')
    for word in ("蜜桃色腮红", "粉很细", "阿棠", *links):
        assert word in shown, word
    assert "&amp;s=" not in shown, "its picture is public, and needs no signed address"
    desk.send("/approval").follow()
    assert "蜜桃色腮红" not in desk.text
    assert "没有待处理的内容" in desk.text


def test_the_reason_of_a_takedown_reaches_its_author_and_the_pictures_stay_to_be_seen_at_the_desk(
    app: Flask, client: Client, desk: Browser
) -> None:
    author = make.person()
    post = make.post(author, title="加微信领券", uploads=[make.upload(author)])
    drain()
    desk.open(QUEUE).send("/takedown", reason="广告或引流").follow()
    assert "加微信领券" not in desk.text
    mine = client.as_(author.token).get(f"/posts/{post.id}").json
    assert mine["takedown"]["reason"] == "广告或引流"
    assert client.get(f"/posts/{post.id}").status_code == 404
    shown = unescape(desk.open(f"{QUEUE}/takedowns").text)
    assert "加微信领券" in shown and "广告或引流" in shown and "审核小王" in shown
    [picture] = [one.partition('"')[0] for one in shown.split('<img src="')[1:]]
    assert "&s=" in picture
    assert desk.client.get(picture).status_code == 200
    assert desk.client.get(picture.partition("?")[0]).status_code == 404
    desk.send("/restoration").follow()
    assert client.get(f"/posts/{post.id}").status_code == 200
    assert "没有待处理的内容" in desk.text


@pytest.mark.parametrize("kind", ["comment", "product"])
def test_comments_and_goods_are_taken_down_and_restored_from_their_page(desk: Browser, kind: str) -> None:
    subject = make.comment(make.post(), body="骗子") if kind == "comment" else make.product(title="假货").id
    word = {"comment": "骗子", "product": "假货"}[kind]
    assert word in desk.open(f"{QUEUE}/{kind}/{subject}").text
    assert "已下架" in desk.send("/takedown", reason="违规").follow().text
    assert word in desk.open(f"{QUEUE}/takedowns").text
    assert word not in desk.send("/restoration").follow().text
    decided = desk.open(f"{QUEUE}/{kind}/{subject}").text
    assert decided.index("恢复") < decided.rindex("下架")


def test_reports_stand_together_with_their_words_and_are_dismissed_at_once(app: Flask, desk: Browser) -> None:
    post, _ = make.post(title="可疑的茶"), make.post(title="安静的")
    for number in range(7):
        make.report(post.id, reason=f"理由{number}", note="看第二张图" if number == 6 else "")
    shown = desk.open(f"{QUEUE}/reports").text
    assert "安静的" not in shown
    assert "理由6: 看第二张图" in shown and "理由1" not in shown, "the latest five in full"
    assert "更早的还有 2" in shown
    desk.send("/dismissal").follow()
    assert "可疑的茶" not in desk.text
    drain()
    assert "可疑的茶" in desk.open(QUEUE).text, "nobody has looked through it as a new post yet"


def test_an_approval_closes_the_reports_that_were_seen(desk: Browser) -> None:
    post = make.post(title="没有问题的")
    make.report(post.id)
    drain()
    assert "通过并驳回举报" in desk.open(QUEUE).text
    desk.send("/approval").follow()
    assert "没有问题的" not in desk.open(f"{QUEUE}/reports").text


def test_who_comes_second_is_told(app: Flask, desk: Browser) -> None:
    make.post(title="只能处理一次")
    drain()
    other = with_second_factor(app, make.person(roles=("moderator",)))[0].open(QUEUE)
    late = with_second_factor(app, make.person(roles=("admin",)))[0].open(QUEUE)
    desk.open(QUEUE).send("/approval")
    for browser, button, more in ((other, "/approval", {}), (late, "/takedown", {"reason": "广告"})):
        told = browser.send(button, **more)
        assert told.status == 409
        assert "同事刚刚处理过" in told.text
        assert f'href="{QUEUE}"' in told.text


def test_a_post_that_was_edited_meanwhile_must_be_looked_at_again(desk: Browser) -> None:
    post = make.post(title="先正常")
    drain()
    desk.open(QUEUE)
    in_transaction(lambda: edit_post(Caller(person_id=post.author.id), post.id, {"title": "再作怪"}))
    drain()
    assert desk.send("/approval").status == 409
    shown = desk.open(QUEUE).text
    assert "再作怪" in shown and "编辑过" in shown


def test_all_of_a_page_is_approved_at_once(desk: Browser) -> None:
    for number in range(22):
        make.post(title=f"第{number}篇")
    drain()
    shown = desk.open(QUEUE).text
    assert "第19篇" in shown and "第20篇" not in shown
    desk.send("/approvals").follow()
    assert "第19篇" not in desk.text and "第20篇" in desk.text and "第21篇" in desk.text


def test_pages_go_on_where_the_last_one_ended(desk: Browser) -> None:
    for number in range(25):
        make.report(make.post(title=f"第{number}篇").id)
    drain()
    for path in (QUEUE, f"{QUEUE}/reports"):
        first = desk.open(path).text
        following = unescape(first.split('rel="next" href="')[1].partition('"')[0])
        second = desk.open(path + following).text
        assert "第19篇" in first and "第20篇" not in first
        assert "第19篇" not in second and "第20篇" in second and "第24篇" in second
        assert desk.open(path + "?cursor=forged").status == 400


def test_a_takedown_without_a_reason_comes_back_with_the_fault_beside_the_field(desk: Browser) -> None:
    post = make.post()
    answer = desk.open(f"{QUEUE}/post/{post.id}").send("/takedown", reason="  ")
    assert answer.status == 422
    assert 'aria-invalid="true"' in answer.text and "不能为空" in answer.text
    long = desk.send("/takedown", reason="长" * 501)
    assert long.status == 422 and "长" * 501 in long.text


def test_posts_of_a_person_are_shown_but_for_drafts_and_what_he_deleted(desk: Browser, moderator: Made) -> None:
    author = make.person()
    me, by = Caller(person_id=author.id), Caller(person_id=moderator.id)
    titles = ("公开的", "收回的", "删掉的", "被举报后删掉的", "下架后删掉的")
    made = {title: make.post(author, title=title).id for title in titles}
    for title in ("私密的", "待审的草稿"):
        made[title] = make.post(author, title=title, visibility="private").id
    make.post(title="别人的")
    in_transaction(lambda: edit_post(me, made["收回的"], {"visibility": "private"}))
    in_transaction(lambda: take_down(by, "post", made["下架后删掉的"], "广告"))
    make.report(made["被举报后删掉的"])
    for title in ("删掉的", "被举报后删掉的", "下架后删掉的"):
        in_transaction(lambda id_=made[title]: delete_post(me, id_))
    in_transaction(lambda: hold(made["待审的草稿"], "试试"))
    shown = desk.open(f"{QUEUE}/of/{author.id}").text
    hidden = {"私密的", "删掉的"}
    assert {title for title in made if f">{title}</a>" in shown} == made.keys() - hidden
    assert "别人的" not in shown
    for title, id_ in made.items():
        assert desk.open(f"{QUEUE}/post/{id_}").status == (404 if title in hidden else 200), title


def test_goods_that_never_were_on_sale_are_nobodys_business(desk: Browser, moderator: Made) -> None:
    draft, off = make.product(state="draft"), make.product(state="off")
    assert desk.open(f"{QUEUE}/product/{off.id}").status == 200
    assert desk.open(f"{QUEUE}/product/{draft.id}").status == 404
    in_transaction(lambda: take_down(Caller(person_id=moderator.id), "product", draft.id, "假货"))
    assert desk.open(f"{QUEUE}/product/{draft.id}").status == 200


def test_what_never_was_is_not_found(desk: Browser) -> None:
    for path in (f"post/{UUID(int=1)}", f"person/{UUID(int=1)}"):
        assert desk.open(f"{QUEUE}/{path}").status == 404


def test_a_page_costs_the_same_however_much_is_on_it(desk: Browser, moderator: Made, statements: list[str]) -> None:
    author, product = make.person(), make.product()

    def asked(path: str) -> int:
        statements.clear()
        assert desk.open(path).status == 200
        return len(statements)

    def fill(number: int) -> None:
        for _ in range(number):
            post = make.post(author, [product], uploads=[make.upload(author)])
            make.report(post.id)
            for kind, one in (("comment", make.comment(post)), ("product", make.product(product.shop).id)):
                in_transaction(partial(take_down, Caller(person_id=moderator.id), kind, one, "广告"))
        drain()

    paths = (QUEUE, f"{QUEUE}/reports", f"{QUEUE}/takedowns", f"{QUEUE}/of/{author.id}")
    fill(1)
    few = [asked(path) for path in paths]
    fill(14)
    many = [asked(path) for path in paths]
    assert many == few
    assert max(many) < 25


def test_a_full_page_is_approved_at_once_in_few_statements(desk: Browser, statements: list[str]) -> None:
    for _ in range(20):
        make.post()
    drain()
    desk.open(QUEUE)
    statements.clear()
    desk.send("/approvals")
    assert len(statements) < 25
    assert "没有待处理的内容" in desk.follow().text
