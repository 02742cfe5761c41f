"""Exchanges: what leaves the house for one is taken from stock, what came back is put there only if it may be sold."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.caller import PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.store.aftersales import actions
from app.store.aftersales.models import Arrival, LineClaimed, Wish
from app.store.delivery.actions import ship
from app.store.fulfilment.models import LineProgress
from app.store.inventory.actions import set_stock
from app.store.inventory.models import Movement
from app.store.inventory.queries import available
from app.store.returns.actions import set_policy
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.merchant import Merchant
from tests.pages import Browser, signed_in
from tests.sound import STOCK
from tests.store.racing import refusals, together
from tests.store.test_aftersales import BACK, Bought
from tests.story import Bought as BoughtInBrowser

OTHERS = {"carrier": "sf", "number": "SF0000000000001"}


def sent_back(client: Client, units: int = 1) -> tuple[Bought, Any]:
    """Two were bought of ten; so many of them are on their way back to be exchanged."""
    order = Bought(client).received()
    case = order.ask("exchange", units, reason="wrong")
    order.do(order.staff, case, "approval")
    order.do(order.buyer, case, "parcel", **BACK)
    return order, case


def left(sku_id: UUID) -> int:
    return in_transaction(lambda: available([sku_id]))[sku_id]


def moved(sku_id: UUID, case: Any) -> list[tuple[str, int]]:
    its = select(Movement.reason, Movement.delta).where(
        Movement.sku_id == sku_id, Movement.subject_id == UUID(case.json["id"])
    )
    return [(row[0], row[1]) for row in db.session.execute(its.order_by(Movement.id))]


def unsound() -> list[str]:
    """The rules of stock (tests/sound.py) that do not hold."""
    return [name for name, query in STOCK.items() if db.session.execute(text(query)).all()]


def test_what_is_sent_in_exchange_leaves_the_stock_and_what_came_back_stays_out_of_it(
    app: Flask, client: Client
) -> None:
    order, case = sent_back(client, 2)
    assert order.do(order.staff, case, "arrival", **OTHERS).json["state"] == "replaced"
    assert (left(order.sku), moved(order.sku, case)) == (6, [("exchanged", -2)])
    assert unsound() == []


def test_what_came_back_as_good_as_new_is_for_sale_again(app: Flask, client: Client) -> None:
    order, case = sent_back(client)
    order.do(order.staff, case, "arrival", **OTHERS, is_sellable=True)
    assert (left(order.sku), moved(order.sku, case)) == (8, [("exchanged", -1), ("returned", 1)])
    assert unsound() == []
    assert order.stands() == ("paid", "received", "none")


@pytest.mark.parametrize("is_sellable", [False, True])
def test_where_none_is_left_a_shop_is_told_what_it_can_do_and_nothing_has_happened(
    app: Flask, client: Client, is_sellable: bool
) -> None:
    """What has just come back is not sent to its buyer again."""
    order, case = sent_back(client)
    in_transaction(lambda: set_stock(order.sku, 0))
    refused = order.do(order.staff, case, "arrival", **OTHERS, is_sellable=is_sellable)
    assert (refused.status_code, refused.json["code"]) == (409, "sold_out")
    assert "改为退款" in refused.json["detail"] and refused.json["errors"] == {"sku_id": [str(order.sku)]}
    assert order.staff.get(f"/aftersales/{case.json['id']}").json["state"] == "sent_back"
    done = order.do(order.staff, case, "arrival", is_refunded=True, is_sellable=is_sellable).json
    assert (done["state"], done["refund"]["amount"], done["new_number"]) == ("granted", 1000, None)
    assert left(order.sku) == int(is_sellable)


def test_a_refusal_in_english_says_the_same(app: Flask, client: Client) -> None:
    order, case = sent_back(client)
    in_transaction(lambda: set_stock(order.sku, 0))
    english = replace(order.staff, language="en")
    assert "give the money back instead, or refuse" in order.do(english, case, "arrival", **OTHERS).json["detail"]
    assert order.do(order.staff, case, "refusal", words="已用过").json["state"] == "refused"


def test_stock_that_does_not_know_of_an_exchange_is_unsound(app: Flask, client: Client) -> None:
    order, case = sent_back(client)
    order.do(order.staff, case, "arrival", **OTHERS, is_sellable=True)
    for forget in ("reason = 'exchanged'", "reason = 'returned'"):
        undo = f"WITH gone AS (DELETE FROM inventory_movements WHERE {forget} RETURNING sku_id, delta)"
        undo += " UPDATE inventory_stock s SET available = s.available - g.delta FROM gone g WHERE g.sku_id = s.sku_id"
        in_transaction(lambda undo=undo: db.session.execute(text(undo)))
        assert unsound() == ["what was sent in exchange is not what was taken for that"]


def test_an_arrival_that_is_told_twice_takes_one(app: Flask, client: Client) -> None:
    order, case = sent_back(client)
    for _ in range(2):
        order.do(order.staff, case, "arrival", **OTHERS)
    assert left(order.sku) == 7


def test_of_two_exchanges_at_once_for_the_last_one_one_happens(app: Flask, client: Client) -> None:
    order, first = sent_back(client)
    second = order.ask("exchange", reason="wrong")
    order.do(order.staff, second, "approval")
    order.do(order.buyer, second, "parcel", **BACK)
    in_transaction(lambda: set_stock(order.sku, 1))
    seller = Caller(person_id=order.shop.owner.id)

    def arrives(case: Any) -> None:
        in_transaction(lambda: actions.confirm_arrival(seller, UUID(case.json["id"]), Arrival(False, *OTHERS.values())))

    assert refusals(together(app, lambda: arrives(first), lambda: arrives(second))) == ["sold_out"]
    assert left(order.sku) == 0


def test_in_exchange_for_resold_goods_the_suppliers_stock_is_taken(app: Flask) -> None:
    shop, supplier, who, own, drawn_on = town.shop(), town.shop(), town.person(), make.sku(5), make.sku(5)
    line = make.line(own, 1000, 1, shop.id, stock_sku_id=drawn_on, supplier_id=supplier.id, supply_price=700)
    order_id = make.paid(make.purchase([line], make.Buyer(who.token, Ref(PERSON, who.id)))).placed.orders[0].id
    buyer, seller = Caller(person_id=who.id), Caller(person_id=shop.owner.id)
    in_transaction(lambda: set_policy(shop.id, "杭州仓", False).shop_id)
    sender = Caller(person_id=supplier.owner.id)
    in_transaction(lambda: ship(sender, order_id, "sandbox", uuid4().hex))
    wish = Wish("exchange", "damaged", [LineClaimed(make.line_ids(order_id)[0], 1)])
    case = in_transaction(lambda: actions.open_case(buyer, order_id, wish).id)
    in_transaction(lambda: actions.approve(seller, case, ""))
    in_transaction(lambda: actions.enter_parcel(buyer, case, "sandbox", "B1", 0))
    before = left(own), left(drawn_on)
    in_transaction(lambda: actions.confirm_arrival(seller, case, Arrival(False, "sandbox", "N1")))
    assert (left(own), left(drawn_on)) == (before[0], before[1] - 1)


def test_at_the_desk_goods_of_an_exchange_go_back_into_stock_as_those_of_a_return(app: Flask) -> None:
    desk = Merchant(app)
    words = []
    for kind in ("return", "exchange"):
        browser = desk.at(f"/portal/aftersales/{desk.case_sent_back(kind)}")
        words.append(re.findall(r'<label class="form-check-label" for="is_sellable">([^<]+)</label>', browser.text))
    assert words[0] == words[1] == ["完好，可以再次销售（回到库存）"]
    browser.send("/arrival", **OTHERS, is_sellable="true").follow()
    assert "已换货" in browser.text
    assert db.session.scalars(select(Movement.reason).order_by(Movement.id.desc()).limit(2)).all() == [
        "returned",
        "exchanged",
    ]


def test_at_the_desk_an_exchange_of_what_is_sold_out_is_refunded_instead(app: Flask) -> None:
    desk = Merchant(app)
    browser = desk.at(f"/portal/aftersales/{desk.case_sent_back('exchange')}")
    sku = db.session.scalars(select(LineProgress.sku_id)).one()
    in_transaction(lambda: set_stock(sku, 0))
    assert browser.send("/arrival", **OTHERS).status == 422
    assert "可以改为退款" in browser.text and "SF0000000000001" in browser.text
    browser.send("/arrival", is_refunded="true").follow()
    assert "已退款" in browser.text and "¥10.00" in browser.text


def exchanged(app: Flask) -> tuple[BoughtInBrowser, UUID, town.MadeShop]:
    bought = BoughtInBrowser(app, town.person()).received()
    wanted = {f"units-{bought.line}": "1", "kind": "exchange", "reason": "damaged"}
    path = bought.browser.open(f"{bought.page}/aftersales/new").send("/aftersales", **wanted).follow().path
    case_id, seller = UUID(path.rpartition("/")[2]), town.as_staff(bought.goods.shop)
    in_transaction(lambda: actions.approve(seller, case_id, ""))
    bought.browser.open(path).send("/parcel", carrier="yto", number="YT1234567890123")
    in_transaction(lambda: actions.confirm_arrival(seller, case_id, Arrival(False, *OTHERS.values())))
    return bought, case_id, bought.goods.shop


def test_the_parcel_of_an_exchange_stands_on_the_page_of_its_order(app: Flask) -> None:
    bought, case_id, _ = exchanged(app)
    shown = bought.browser.open(bought.page).text
    assert "换货包裹：顺丰速运 <code>SF0000000000001</code>" in shown and f'href="/aftersales/{case_id}"' in shown


def test_carriers_of_a_case_are_called_by_their_names_in_both_languages(app: Flask) -> None:
    bought, case_id, shop = exchanged(app)
    seller = {one: signed_in(app, shop.owner, language=one) for one in ("zh-CN", "en")}
    named = {"zh-CN": ("圆通速递", "顺丰速运"), "en": ("YTO Express", "SF Express")}
    for language, (back, new) in named.items():
        own = Browser(app, language)
        own.client = bought.browser.client
        for browser, path in ((own, "/aftersales"), (seller[language], "/portal/aftersales")):
            shown = browser.open(f"{path}/{case_id}").text
            assert browser.status == 200
            assert (shown.count(back), shown.count(new)) == (2, 2), "in what stands there, and in the log"
            assert not re.search(r"\b(yto|sf)\b", re.sub(r"<select.*?</select>", "", shown, flags=re.DOTALL))


def test_the_log_of_an_order_calls_carriers_by_their_names(app: Flask) -> None:
    desk = Merchant(app)
    order_id = desk.sold()
    in_transaction(lambda: ship(desk.owner, order_id, "yto", "YT1234567890123"))
    shown = desk.at(f"/portal/orders/{order_id}").text
    assert shown.count("圆通速递 YT1234567890123") == 1 and "yto YT" not in shown
