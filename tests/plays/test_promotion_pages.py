"""Merchants and admins make promotions and coupons, and shops their freight, by forms alone."""

from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.core.ids import new_id
from app.plays.coupons.models import CouponBatch
from app.plays.promotions.models import Promotion
from app.store.freight.models import FreightTemplate
from app.store.freight.queries import products_of, rule_of
from app.store.invoices.models import InvoiceRequest
from tests import make
from tests.client import Client
from tests.make import ADDRESS
from tests.pages import with_second_factor
from tests.plays.buying import bought, total_of, with_offers
from tests.portal import at_portal
from tests.statements import statements

WINDOW = {"starts_at": "2026-01-01T00:00", "ends_at": "2096-01-01T00:00"}


@pytest.mark.parametrize(
    ("kind", "fields", "terms"),
    [
        ("percentage", {"off": "15"}, {"off": 1_500}),
        ("fixed_price", {"price": "9.90"}, {"price": 990, "prices": {}}),
        ("buy_x_get_y", {"buy": "1", "get": "1", "off": "50"}, {"buy": 1, "get": 1, "off": 5_000}),
        ("free_shipping", {"above": "99", "most": ""}, {"above": 9_900, "most": None}),
        (
            "shop_reduction",
            {"above_1": "100", "off_1": "10", "above_2": "200", "off_2": "30"},
            {"tiers": [{"above": 10_000, "off": 1_000}, {"above": 20_000, "off": 3_000}], "every": False},
        ),
    ],
)
def test_each_kind_has_a_form_that_makes_it(
    app: Flask, kind: str, fields: Mapping[str, str], terms: Mapping[str, object]
) -> None:
    shop = make.shop()
    product = make.product(shop)
    base = f"/portal/shops/{shop.id}/promotions"
    browser = at_portal(app, shop.owner, f"{base}/new?kind={kind}")
    typed = {"name": "双十一", **WINDOW, "products": f"http://x/goods/{product.id}", "budget": "500", **fields}
    sent = {**browser.forms[0].fields, **typed}
    for _ in range(2):  # pressed twice it is made once
        assert browser.post(base, **sent).status == 303
    made = db.session.scalars(select(Promotion)).one()
    assert (made.kind, made.terms, made.budget, made.state) == (kind, terms, 50_000, "draft")
    assert made.scope == {"products": [str(product.id)]}
    browser.follow().send("/state", state="running")
    assert db.session.scalars(select(Promotion.state).execution_options(populate_existing=True)).all() == ["running"]
    assert "进行中" in browser.follow().text


def test_what_is_wrong_in_the_form_stands_beside_its_field(app: Flask) -> None:
    shop = make.shop()
    base = f"/portal/shops/{shop.id}/promotions"
    browser = at_portal(app, shop.owner, f"{base}/new?kind=shop_reduction")
    typed = {**browser.forms[0].fields, "name": "大促", **WINDOW, "above_1": "10", "off_1": "20"}
    browser.post(base, **typed)
    assert (browser.status, "减免不能超过门槛" in browser.text, 'value="大促"' in browser.text) == (422, True, True)
    browser.post(base, **{**typed, "off_1": "x", "starts_at": "soon", "cap": "-1"})
    assert browser.text.count("invalid-feedback") == 3
    assert db.session.scalar(select(Promotion.id)) is None


def test_a_batch_of_coupons_is_made_claimed_and_its_figures_shown(app: Flask, client: Client) -> None:
    shop, buyer = make.shop(), make.person()
    base = f"/portal/shops/{shop.id}/coupons"
    browser = at_portal(app, shop.owner, f"{base}/new?kind=shop_reduction")
    typed = {"name": "新客券", **WINDOW, "above_1": "50", "off_1": "10", "quantity": "5", "valid_days": "7"}
    browser.post(base, **{**browser.forms[0].fields, **typed, "code": "HELLO"}).follow()
    browser.send("/state", state="running").follow()
    batch = db.session.scalars(select(CouponBatch)).one()
    assert (batch.quantity, batch.valid_days, batch.code_key, batch.is_claimable) == (5, 7, "HELLO", True)
    listed = client.get(f"/coupons?shop_id={shop.id}").json["items"]
    assert [(one["id"], one["left"]) for one in listed] == [(str(batch.id), 5)]
    code = client.as_(buyer.token).post(f"/coupons/{batch.id}/claim").json["code"]
    made = make.checkout(buyer=buyer, product=make.product(shop, price=10_000))
    assert with_offers(made, [code]) == 9_000
    bought(made)
    browser.open(base)
    assert ("已领 1 / 5" in browser.text, "¥10.00" in browser.text) == (True, True)


def test_an_admin_makes_what_the_platform_and_named_shops_bear(app: Flask) -> None:
    shop = make.shop()
    browser, _ = with_second_factor(app, make.person(roles=("admin",)))
    browser.open("/admin/promotions/new?kind=platform_reduction")
    typed = {**browser.forms[0].fields, "name": "跨店满减", **WINDOW, "above_1": "300", "off_1": "50"}
    browser.post("/admin/promotions", **{**typed, "platform_percent": "60"})
    assert (browser.status, "须写明参加的店铺" in browser.text) == (422, True)
    browser.post("/admin/promotions", **{**typed, "platform_percent": "60", "shops": str(shop.id)}).follow()
    browser.send("/state", state="running")
    made = make.checkout(product=make.product(shop, price=30_000))
    assert total_of(made) == 25_000
    assert db.session.scalars(select(Promotion.platform_share)).one() == 6_000


def test_a_shop_writes_its_freight_in_a_form_and_finds_it_there_again(app: Flask) -> None:
    shop = make.shop()
    product = make.product(shop)
    base = f"/portal/shops/{shop.id}/freight"
    browser = at_portal(app, shop.owner, f"{base}/new")
    typed = {
        **{"name": "全国", "unit": "piece", "first_price-0": "8", "free_amount-0": "99"},
        **{"regions-1": "新疆维吾尔自治区、西藏", "first-1": "2", "first_price-1": "20.50", "further_price-1": "15.25"},
        **{"regions-2": "香港", "refused-2": "1", "products": f"http://x/goods/{product.id}"},
    }
    browser.post(base, **{**browser.forms[0].fields, **typed}).follow()
    assert all(words in browser.text for words in ("新疆、西藏", "不配送", "满额包邮"))
    template = db.session.scalars(select(FreightTemplate)).one()
    rules = [rule_of(one) for one in template.rules]
    assert products_of([template.id]) == {template.id: [product.id]}
    assert (rules[0].free_amount, rules[1].regions, rules[2].delivered) == (9_900, ("新疆", "西藏"), False)
    filled = browser.open(f"{base}/{template.id}").forms[0].fields
    assert {name: filled[name] for name in ("first_price-0", "regions-1", "further_price-1", "refused-2")} == {
        "first_price-0": "8.00",
        "regions-1": "新疆 西藏",
        "further_price-1": "15.25",
        "refused-2": "1",
    }
    browser.post(f"{base}/{template.id}", **{**filled, "regions-1": "火星"})
    assert (browser.status, "没有这个地区" in browser.text) == (422, True)
    assert browser.post(f"{base}/{template.id}", **{**filled, "first_price-0": "9"}).status == 303


def test_a_shop_issues_the_invoices_that_it_is_asked_for(app: Flask, client: Client) -> None:
    shop = make.shop()
    by = client.as_(make.person().token)
    invoice = {"kind": "personal", "title": "林小满", "email": "lin@example.com"}
    body = {"address": ADDRESS, "invoice": invoice}
    placed = by.post(f"/skus/{make.product(shop).sku_id}/purchase", body, key="k").json
    by.post(f"/sandbox/payments/{placed['payment']['id']}/outcome", {"outcome": "paid"})
    browser = at_portal(app, shop.owner, f"/portal/shops/{shop.id}/invoices")
    assert "林小满" in browser.text
    browser.send("/invoice", number="044001").follow()
    assert "没有待开的发票" in browser.text
    assert db.session.scalars(select(InvoiceRequest.number)).one() == "044001"


def test_lists_ask_few_questions_whatever_their_length(app: Flask) -> None:
    shop = make.shop()
    base = f"/portal/shops/{shop.id}"
    browser = at_portal(app, shop.owner, f"{base}/promotions")
    numbers = []
    for _ in range(2):
        for turn in range(3):
            make.promotion("percentage", {"off": 100}, shop=shop, name=f"活动 {new_id()} {turn}")
            make.coupons(shop=shop)
        found = []
        for path in ("promotions", "coupons", "freight", "invoices"):
            with statements() as asked:
                browser.open(f"{base}/{path}")
            found.append(len(asked))
        numbers.append(found)
    assert numbers[0] == numbers[1]
    assert max(numbers[0]) < 10


def test_a_freight_form_that_is_refused_leaves_nothing_behind(app: Flask) -> None:
    shop, foreign = make.shop(), make.product()
    base = f"/portal/shops/{shop.id}/freight"
    browser = at_portal(app, shop.owner, f"{base}/new")
    typed = {"name": "全国", "first_price-0": "8", "products": str(foreign.id)}
    assert browser.post(base, **{**browser.forms[0].fields, **typed}).status == 422
    assert db.session.scalars(select(FreightTemplate)).all() == []
