"""What took something off an order has a name: the one that it had when the buyer bought."""

from typing import Any

from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.store.freight.actions import make_template
from app.store.freight.models import FreightRule, TemplateWanted
from tests import make
from tests.client import Client
from tests.pages import signed_in
from tests.plays.buying import bought, with_offers
from tests.portal import at_portal


def test_an_order_tells_its_buyer_and_its_shop_what_its_offers_were_called(app: Flask, client: Client) -> None:
    shop, buyer = make.shop(), make.person()
    goods = make.product(shop, price=10_000)
    wanted = TemplateWanted("全国", "piece", [FreightRule(first_price=800)])
    in_transaction(lambda: make_template(shop.owner.id, shop.id, wanted))
    make.promotion("percentage", {"off": 1_000}, shop=shop, name="开学季九折")
    make.promotion("free_shipping", {"above": 0, "most": None}, shop=shop, name="本周包邮")
    code = make.coupon(make.coupons(shop, name="新客立减"), buyer.id)
    made = make.checkout(buyer=buyer, product=goods)
    with_offers(made, [code])
    placed = bought(made)
    in_transaction(lambda: db.session.execute(text("UPDATE promotions_promotions SET name = '改名了'")))
    order_id = placed.orders[0].id
    order: Any = client.as_(buyer.token).get(f"/orders/{order_id}").json
    assert [one["name"] for one in order["lines"][0]["adjustments"]] == ["开学季九折", "新客立减"]
    assert [one["name"] for one in order["freight_adjustments"]] == ["本周包邮"]
    assert {one["name"] for one in order["adjustments"]} == {"开学季九折", "新客立减", "本周包邮"}
    at_shop = at_portal(app, shop.owner, f"/portal/orders/{order_id}")
    at_home = signed_in(app, buyer, f"/orders/{order_id}").follow()
    waiting = signed_in(app, buyer, f"/purchases/{placed.id}").follow()
    for page in (at_shop, at_home, waiting):
        assert all(name in page.text for name in ("开学季九折", "新客立减", "本周包邮"))
        assert "coupon:" not in page.text
        assert "改名了" not in page.text
