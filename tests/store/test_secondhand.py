"""Second-hand: what a person may list, who gets it, what becomes of it when it is sold, comes back or is prohibited."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.buying.baskets.models import LineWanted
from app.buying.checkout.actions import open_checkout
from app.buying.checkout.models import opener
from app.buying.placing.actions import purchase
from app.core import clock
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.guests import new_guest_token
from app.core.ids import new_id
from app.core.worker import drain
from app.store.catalogue.actions import change_product, change_sku
from app.store.catalogue.models import Product
from app.store.delivery.actions import hand_over
from app.store.ledger.queries import balance, shop_account
from app.store.refunds.actions import cancel_order
from app.store.reviews.queries import reviewable_line
from app.store.scores.kinds.base import orders_of
from app.store.secondhand import actions
from app.store.secondhand.models import (
    MEET,
    MOST_DAILY,
    MOST_OPEN,
    MOST_PRICE,
    OFF,
    OPEN,
    PARCEL,
    SOLD,
    Article,
    ArticleLog,
    ArticleWanted,
    Place,
)
from app.store.secondhand.queries import Sought, articles, prohibited_in, require_permitted
from app.store.shops.models import ARTICLES, Shop
from app.store.shops.models import OPEN as SELLS
from app.store.shops.queries import state_of
from tests import make
from tests.client import Client
from tests.make import MadePerson
from tests.statements import statements
from tests.store.racing import refusals, together

HANGZHOU = Place("浙江", "杭州市", "西湖")


def wanted(title: str = "旧自行车", **said: Any) -> ArticleWanted:
    told = {"description": "骑了两年", "condition": "good", "way": MEET, "price": 20_000, "place": HANGZHOU, **said}
    return ArticleWanted(title, **told)


def listed(seller: MadePerson, title: str = "旧自行车", **said: Any) -> UUID:
    return in_transaction(lambda: actions.list_article(Caller(person_id=seller.id), wanted(title, **said)).id)


def article(article_id: UUID) -> Article:
    found = db.session.get(Article, article_id, populate_existing=True)
    assert found is not None
    return found


def places(buyer: Client, article_id: UUID, **more: Any) -> Any:
    """Opens a checkout of it and orders."""
    sku = str(article(article_id).sku_id)
    opened = buyer.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]})
    if opened.status_code != 201:
        return opened
    if more:
        buyer.patch(f"/checkouts/{opened.json['id']}", more)
    return buyer.post(f"/checkouts/{opened.json['id']}/purchase", {}, key=uuid4().hex)


def pays(buyer: Client, placed: Any) -> UUID:
    """Pays what was placed; answers its order."""
    begun = buyer.post(f"/purchases/{placed.json['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex)
    assert buyer.post(f"/sandbox/payments/{begun.json['id']}/outcome", {"outcome": "paid"}).status_code == 200
    return UUID(placed.json["orders"][0]["id"])


def code_of(buyer: Client, order: UUID) -> str:
    return str(buyer.get(f"/orders/{order}/packages").json["pick_up_code"])


def goods_state(article_id: UUID) -> str:
    return db.session.get_one(Product, article_id, populate_existing=True).state


def test_an_article_is_met_for_paid_and_handed_over_by_a_code(app: Flask, client: Client) -> None:
    seller, who = make.person(), make.person()
    one, buyer = listed(seller), client.as_(who.token)
    order = pays(buyer, places(buyer, one))
    assert (article(one).state, buyer.get(f"/orders/{order}").json["method"]) == (SOLD, "pick_up")
    code = buyer.get(f"/orders/{order}/packages").json["pick_up_code"]
    assert balance(shop_account(article(one).shop_id)) == -20_000, "held for its seller"
    in_transaction(lambda: hand_over(Caller(person_id=seller.id), article(one).shop_id, code))
    assert buyer.get(f"/orders/{order}").json["fulfilment"] == "received"
    drain()
    assert goods_state(one) == "off"
    assert articles(Sought(), 20, None)["items"] == []


def test_who_places_first_has_it_and_the_other_is_told(app: Flask, client: Client) -> None:
    one = listed(make.person())
    buyers = [client.as_(make.person().token) for _ in range(2)]
    first = places(buyers[0], one)
    assert first.status_code == 201
    assert places(buyers[1], one).json["code"] == "sold_out"
    assert buyers[0].post(f"/purchases/{first.json['id']}/cancellation").status_code == 201
    assert (article(one).state, article(one).purchase_id) == (OPEN, None)
    assert places(buyers[1], one).status_code == 201


def test_more_stock_than_one_sells_it_no_second_time(app: Flask, client: Client) -> None:
    """A merchant's door refuses it, and what still comes about changes nothing."""
    seller = make.person()
    one = listed(seller)
    assert places(client.as_(make.person().token), one).status_code == 201
    raised = client.as_(seller.token).patch(f"/skus/{article(one).sku_id}", {"stock": 5})
    assert (raised.status_code, raised.json["code"]) == (403, "no_right")
    in_transaction(lambda: change_sku(Caller(person_id=seller.id), article(one).sku_id, ARTICLES, stock=5))
    refused = places(client.as_(make.person().token), one)
    assert (refused.status_code, refused.json["code"]) == (409, "article_gone")


def test_an_article_needs_no_papers_where_shops_do(app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "shop_review", True)
    one = listed(make.person())
    assert state_of(article(one).shop_id) == SELLS
    assert places(client.as_(make.person().token), one).status_code == 201
    papers = client.as_(make.person().token).post("/shops", {"name": "小店"})
    assert papers.json["state"] == "pending"


def test_nobody_buys_from_himself(app: Flask, client: Client) -> None:
    seller = make.person()
    assert places(client.as_(seller.token), listed(seller)).json["code"] == "article_gone"


def test_who_buys_his_own_as_a_guest_gains_nothing_by_it(app: Flask, client: Client) -> None:
    """A guest is not known to be the seller until he says so himself: then the money waits as any buyer's, and what he
    bought of himself is no review and no sale of his."""
    seller, token = make.person(), new_guest_token()
    one, guest, by = listed(seller), client.as_(token), client.as_(seller.token)
    order = pays(guest, places(guest, one))
    in_transaction(lambda: hand_over(Caller(person_id=seller.id), article(one).shop_id, code_of(guest, order)))
    assert orders_of([article(one).shop_id]) == {article(one).shop_id: 1}
    assert by.post("/me/guest", {"guest_token": token}).status_code == 204
    assert balance(shop_account(article(one).shop_id)) == -20_000, "held, as every buyer's"
    line = by.get(f"/orders/{order}").json["lines"][0]["id"]
    review = {"line_id": line, "rating": 5, "text": "很好"}
    refused = by.post(f"/orders/{order}/reviews", review, key=uuid4().hex)
    assert (refused.status_code, refused.json["code"]) == (409, "own_goods")
    assert reviewable_line(seller.id, one) is None
    assert orders_of([article(one).shop_id]) == {}


def test_a_guest_who_has_become_the_seller_places_no_more(app: Flask, client: Client) -> None:
    seller, token = make.person(), new_guest_token()
    one = listed(seller)
    opened = client.as_(token).post("/checkouts", {"lines": [{"sku_id": str(article(one).sku_id), "quantity": 1}]})
    by = client.as_(seller.token)
    assert by.post("/me/guest", {"guest_token": token}).status_code == 204
    placed = by.post(f"/checkouts/{opened.json['id']}/purchase", {}, key=uuid4().hex)
    assert placed.json["code"] == "article_gone"


def test_of_two_who_place_at_once_one_has_it(app: Flask, client: Client) -> None:
    seller = make.person()
    one = listed(seller)
    in_transaction(lambda: change_sku(Caller(person_id=seller.id), article(one).sku_id, ARTICLES, stock=2))
    buyers = [Caller(person_id=make.person().id) for _ in range(2)]
    goods = [LineWanted(article(one).sku_id, 1)]
    opened = [in_transaction(lambda each=each: open_checkout(opener(each), goods)[0].id) for each in buyers]

    def place(at: int) -> UUID:
        return in_transaction(lambda: purchase(buyers[at], opened[at]).id)

    answers = together(app, lambda: place(0), lambda: place(1))
    assert refusals(answers) == ["article_gone"]
    assert article(one).purchase_id in answers


def test_what_is_cancelled_is_for_sale_again_and_what_came_back_waits_for_its_seller(
    app: Flask, client: Client
) -> None:
    seller, who = make.person(), make.person()
    one, buyer = listed(seller, way=PARCEL), client.as_(who.token)
    order = pays(buyer, places(buyer, one, address=make.ADDRESS))
    drain()
    in_transaction(lambda: cancel_order(Caller(person_id=who.id), order, "不要了"))
    drain()
    assert (article(one).state, goods_state(one)) == (OPEN, "on_sale")
    order = pays(buyer, places(buyer, one, address=make.ADDRESS))
    staff = client.as_(seller.token)
    assert staff.post(f"/orders/{order}/packages", {"carrier": "sandbox", "number": "SB1"}).status_code == 201
    line = buyer.get(f"/orders/{order}").json["lines"][0]["id"]
    asked = {"kind": "refund", "reason": "damaged", "lines": [{"line_id": line, "units": 1}]}
    case = buyer.post(f"/orders/{order}/aftersales", asked, key=uuid4().hex).json["id"]
    assert staff.post(f"/aftersales/{case}/approval", {}, key=uuid4().hex).status_code == 201
    assert article(one).state == OFF
    in_transaction(lambda: actions.put_up_again(Caller(person_id=seller.id), one))
    drain()
    assert (article(one).state, goods_state(one)) == (OPEN, "on_sale")
    assert places(client.as_(make.person().token), one, address=make.ADDRESS).status_code == 201


def test_a_seller_sees_which_shop_his_article_stands_in_and_others_do_not(app: Flask, client: Client) -> None:
    seller = make.person()
    one = listed(seller)
    whole = client.as_(seller.token).get(f"/second-hand/{one}").json
    [mine] = client.as_(seller.token).get("/me/second-hand").json["items"]
    assert whole["shop_id"] == mine["shop_id"] == str(article(one).shop_id)
    for other in (client, client.as_(make.person().token)):
        assert other.get(f"/second-hand/{one}").json["shop_id"] is None


def test_goods_that_are_sent_and_goods_that_are_met_for_go_two_ways(app: Flask, client: Client) -> None:
    seller = make.person()
    ids = [listed(seller, "书", way=PARCEL), listed(seller, "桌子", way=MEET)]
    lines = [{"sku_id": str(article(one).sku_id), "quantity": 1} for one in ids]
    buyer = client.as_(make.person().token)
    opened = buyer.post("/checkouts", {"lines": lines}).json["id"]
    buyer.patch(f"/checkouts/{opened}", {"address": make.ADDRESS})
    assert buyer.post(f"/checkouts/{opened}/purchase", {}, key="k").json["code"] == "mixed_ways"


def test_a_person_has_so_many_open_and_lists_so_many_a_day(app: Flask) -> None:
    seller = make.person()
    ids = [listed(seller, f"第 {one} 件") for one in range(MOST_DAILY)]
    with pytest.raises(Refused) as refused:
        listed(seller)
    assert (refused.value.code, "每天" in refused.value.zh) == ("too_many", True)
    with clock.moved(seconds=86_400):
        more = [listed(seller, f"另 {one} 件") for one in range(MOST_OPEN - MOST_DAILY)]
    with clock.moved(seconds=2 * 86_400), pytest.raises(Refused) as refused:
        listed(seller)
    assert (refused.value.code, "同时" in refused.value.zh) == ("too_many", True)
    in_transaction(lambda: actions.take_off(Caller(person_id=seller.id), ids[0]))
    with clock.moved(seconds=2 * 86_400):
        assert listed(seller)
    assert len(more) == MOST_OPEN - MOST_DAILY


def test_one_form_lists_one_article_and_a_seller_has_one_shop_outside_the_mall(app: Flask) -> None:
    seller, made = make.person("小满"), new_id()
    caller = Caller(person_id=seller.id)
    for _ in range(2):
        in_transaction(lambda: actions.list_article(caller, wanted(), article_id=made).id)
    listed(seller, "旧书")
    shops = db.session.scalars(select(Shop).where(Shop.owner_id == seller.id)).all()
    assert [(one.in_mall, "闲置" in one.name) for one in shops] == [(False, True)]
    assert len(db.session.scalars(select(Article)).all()) == 2
    with pytest.raises(Refused, match="made_already"):
        in_transaction(lambda: actions.list_article(Caller(person_id=make.person().id), wanted(), article_id=made))


@pytest.mark.parametrize("title", ["仿真枪一把", "仿 真-枪", "ＦＡ票 發票", "出售象牙手镯", "便宜的電子煙"])
def test_what_may_not_be_sold_is_refused_however_it_is_written(app: Flask, title: str) -> None:
    with pytest.raises(Refused, match="prohibited"):
        listed(make.person(), title)
    with pytest.raises(Refused, match="prohibited"):
        require_permitted("好东西", f"附送{title}")


def test_words_are_found_in_texts_and_not_in_others(app: Flask) -> None:
    assert prohibited_in(["卖水枪玩具", "卖气枪"], ["气枪", "子弹"]) == [[], ["气枪"]]


def test_a_new_word_takes_off_what_is_for_sale_and_what_is_being_bought_stays(app: Flask, client: Client) -> None:
    seller, moderator = make.person(), make.person(roles=("moderator",))
    bad, good, taken = listed(seller, "二手安全座椅"), listed(seller, "书桌"), listed(seller, "儿童安全座椅")
    assert places(client.as_(make.person().token), taken).status_code == 201
    drain()
    desk = client.as_(moderator.token)
    assert desk.post("/desk/prohibited-words", {"word": "安全 座椅"}).status_code == 201
    assert desk.post("/desk/prohibited-words", {"word": "安全座椅"}).status_code == 409
    drain()
    assert [article(one).state for one in (bad, good, taken)] == [OFF, OPEN, OPEN]
    assert "安全" in article(bad).why
    assert goods_state(bad) == "off"
    with pytest.raises(Refused, match="prohibited"):
        in_transaction(lambda: actions.put_up_again(Caller(person_id=seller.id), bad))
    [word] = desk.get("/desk/prohibited-words").json["items"]
    assert desk.delete(f"/desk/prohibited-words/{word['id']}").status_code == 204
    assert in_transaction(lambda: actions.put_up_again(Caller(person_id=seller.id), bad).state) == OPEN


def test_words_that_its_goods_have_from_elsewhere_are_looked_at_too(app: Flask) -> None:
    seller = make.person()
    one = listed(seller)
    drain()
    in_transaction(lambda: change_product(Caller(person_id=seller.id), one, title="气枪", right=ARTICLES))
    drain()
    assert (article(one).title, article(one).state, goods_state(one)) == ("气枪", OFF, "off")


def test_articles_are_found_by_place_words_condition_way_and_price(app: Flask) -> None:
    seller = make.person()
    bike = listed(seller, "捷安特山地自行车", condition="worn")
    book = listed(seller, "红楼梦", way=PARCEL, price=1_500, place=Place("上海", "上海"))
    desk = listed(seller, "书桌", place=Place("浙江", "杭州", "滨江"))

    def found(**sought: Any) -> list[UUID]:
        return [one["id"] for one in articles(Sought(**sought), 20, None)["items"]]

    assert found() == [desk, book, bike]
    assert found(city="杭州") == found(city="杭州市") == [desk, bike]
    assert found(city="杭州", district="西湖") == [bike]
    assert found(q="自行车") == found(q="山地 自行車") == [bike]
    assert found(q="自行车", city="上海") == []
    assert (found(condition="worn"), found(way=PARCEL), found(most=2_000)) == ([bike], [book], [book])


def test_lists_ask_as_little_for_many_as_for_one_and_hold_each_once(app: Flask, client: Client) -> None:
    seller = make.person()
    listed(seller)

    def asked() -> int:
        with statements() as found:
            client.get("/second-hand?limit=50")
        return len(found)

    few = asked()
    ids = [article.id for article in db.session.scalars(select(Article))]
    for day in (0, 1):
        with clock.moved(seconds=day * 86_400):
            ids += [listed(seller, f"{day} {one}") for one in range(MOST_DAILY - 1)]
    assert asked() == few <= 4
    first = client.get("/second-hand?limit=10").json
    rest = client.get(f"/second-hand?limit=50&cursor={first['next']}").json
    assert [one["id"] for one in (*first["items"], *rest["items"])] == [str(one) for one in reversed(ids)]


def test_an_article_is_changed_until_somebody_has_it(app: Flask, client: Client) -> None:
    seller = make.person()
    one = listed(seller)
    caller = Caller(person_id=seller.id)
    in_transaction(lambda: actions.change_article(caller, one, wanted("公路车", price=18_800)).id)
    seen = client.get(f"/second-hand/{one}").json
    assert (seen["title"], seen["price"]) == ("公路车", 18_800)
    assert client.get(f"/products/{one}").json["price"] == 18_800
    placed = places(client.as_(make.person().token), one)
    assert placed.json["total"] == 18_800
    for step in (lambda: actions.change_article(caller, one, wanted()), lambda: actions.take_off(caller, one)):
        with pytest.raises(Refused, match="reserved"):
            in_transaction(step)


def test_each_change_of_state_leaves_a_row(app: Flask) -> None:
    seller = make.person()
    one, caller = listed(seller), Caller(person_id=seller.id)
    for step in (actions.take_off, actions.take_off, actions.put_up_again, actions.put_up_again):
        in_transaction(lambda step=step: step(caller, one).id)
    log = db.session.execute(select(ArticleLog.before, ArticleLog.after).order_by(ArticleLog.id)).all()
    assert [tuple(row) for row in log] == [(None, OPEN), (OPEN, OFF), (OFF, OPEN)]


def test_it_may_not_go_back_without_a_reason(app: Flask, client: Client) -> None:
    seller, who = make.person(), make.person()
    one, buyer = listed(seller), client.as_(who.token)
    order = pays(buyer, places(buyer, one))
    code = buyer.get(f"/orders/{order}/packages").json["pick_up_code"]
    in_transaction(lambda: hand_over(Caller(person_id=seller.id), article(one).shop_id, code))
    line = buyer.get(f"/orders/{order}").json["lines"][0]["id"]
    asked = {"kind": "return", "reason": "no_reason", "lines": [{"line_id": line, "units": 1}]}
    refused = buyer.post(f"/orders/{order}/aftersales", asked, key="1")
    assert (refused.status_code, refused.json["code"]) == (422, "not_returnable")
    asked["reason"] = "different"
    assert buyer.post(f"/orders/{order}/aftersales", asked, key="2").status_code == 201


def test_a_price_that_its_goods_have_from_elsewhere_is_the_articles_and_stays_within_its_limit(app: Flask) -> None:
    seller = make.person()
    one = listed(seller)
    drain()
    caller, sku_id = Caller(person_id=seller.id), article(one).sku_id
    for price, state in ((30_000, OPEN), (MOST_PRICE + 1, OFF)):
        in_transaction(lambda price=price: change_sku(caller, sku_id, ARTICLES, price=price))
        drain()
        assert (article(one).price, article(one).state) == (price, state)
    with pytest.raises(Refused, match="price_out_of_range"):
        in_transaction(lambda: actions.put_up_again(Caller(person_id=seller.id), one))
