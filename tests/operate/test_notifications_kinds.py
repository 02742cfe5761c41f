"""Each kind of notice: who is told of it, where it leads, and how it reads in both languages."""

from uuid import uuid4

from flask import Flask
from sqlalchemy import select

from app.community.posts import actions as posts
from app.core import worker
from app.core.caller import Caller, Ref
from app.core.db import db, in_transaction
from app.operate.notifications.kinds import KINDS
from app.operate.notifications.kinds.base import Seen
from app.operate.notifications.models import MEDIA, TABS, Notice
from app.plays.coupons.actions import give_coupons
from app.store.reviews.actions import reply
from app.store.shops.models import PACKER, READER
from tests import make
from tests.client import Client
from tests.make import order as selling
from tests.operate.inbox import inbox, unread, words
from tests.store.test_aftersales import BACK, Bought
from tests.store.test_reviews_more import Bought as Reviewing


def test_every_kind_is_named_and_reads_in_both_languages() -> None:
    for name, kind in KINDS.items():
        assert name == kind.name and kind.tab in TABS and kind.media <= set(MEDIA)
        assert all(kind.called[language] for language in ("zh", "en")), name
        assert kind.facts or name == "friend_shared", name
        seen = Seen(Ref("thing", uuid4()), "茶", {"zh": "好", "en": "good"})
        for language in ("zh", "en"):
            said = kind.words(["甲", "乙"], 4, seen, language)
            assert said and "{" not in said, name


def test_a_buyer_reads_of_his_order_at_each_step(app: Flask, client: Client) -> None:
    order = Bought(client)
    assert words(app, order.person) == ["「手工陶瓷杯」已付款，等待商家发货"]
    order.received()
    assert words(app, order.person, language="en")[:2] == [
        "“手工陶瓷杯” is received: say how you like it",
        "“手工陶瓷杯” is on its way",
    ]
    assert {one["target"]["id"] for one in inbox(app, order.person)} == {str(order.id)}
    case = order.ask()
    order.do(order.staff, case, "approval")
    order.do(order.buyer, case, "parcel", **BACK)
    order.do(order.staff, case, "arrival", is_sellable=True)
    assert sorted(words(app, order.person)[:2]) == [
        "「手工陶瓷杯」的售后已退款",
        "「手工陶瓷杯」的退款已同意，将原路退回",
    ]
    assert unread(app, order.person) == {"orders": 5}


def test_two_parcels_of_a_day_are_one_line(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=2)
    for _ in range(2):
        order.sent(1)
    shipped = [one for one in inbox(app, order.person) if one["kind"] == "order_shipped"]
    assert [one["count"] for one in shipped] == [2]


def test_those_of_a_shop_who_send_or_serve_read_what_is_new(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    packer, reader = (make.worker(order.shop, role) for role in (PACKER, READER))
    order.ask()
    name = order.shop.name
    assert sorted(words(app, order.shop.owner)) == sorted(
        [f"店铺「{name}」有 1 个新订单", f"店铺「{name}」有 1 个新的售后申请"]
    )
    assert words(app, packer) == [f"店铺「{name}」有 1 个新订单"]
    assert inbox(app, reader) == []


def test_a_guest_who_buys_has_no_inbox(app: Flask) -> None:
    selling.paid(selling.purchase())
    worker.drain()
    assert db.session.scalars(select(Notice)).all() == []


def test_an_author_reads_what_moderators_do_to_his_post(app: Flask) -> None:
    author, moderator = make.person(), make.person(roles=("moderator",))
    post = make.post(author, title="茶")
    in_transaction(lambda: posts.take_down(post.id, "广告", moderator.id))
    assert words(app, author, "system") == ["你的笔记「茶」已被下架：广告"]
    in_transaction(lambda: posts.restore(post.id))
    assert words(app, author, "system") == ["你的笔记「茶」已恢复展示"]
    in_transaction(lambda: posts.hold(post.id, "再看看"))
    assert words(app, author, "system", "en") == [
        "Your post “茶” is looked at before it is shown",
        "Your post “茶” is shown again",
    ]
    in_transaction(lambda: posts.approve(post.id))
    assert words(app, author, "system") == ["你的笔记「茶」已恢复展示"]
    in_transaction(lambda: posts.delete_post(Caller(person_id=author.id), post.id))
    assert inbox(app, author) == []


def test_who_is_given_a_coupon_reads_of_it_and_who_takes_one_does_not(app: Flask) -> None:
    one, other = make.person(), make.person()
    batch = make.coupons(name="新人券")
    make.coupon(batch, other.id)
    in_transaction(lambda: give_coupons(None, batch, [one.id]))
    assert words(app, one) == ["你收到一张优惠券「新人券」"] and inbox(app, other) == []


def test_who_reviewed_reads_the_answer_of_the_shop(app: Flask, client: Client) -> None:
    one = Reviewing(client, make.product(title="茶杯"))
    review = one.said(5, "好")
    in_transaction(lambda: reply(make.as_staff(one.product.shop), review, "谢谢喜欢"))
    [line] = inbox(app, one.person, "comments")
    assert line["words"] == "商家回复了你对「茶杯」的评价：谢谢喜欢" and line["target"]["id"] == str(review)
