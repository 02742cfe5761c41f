"""From a card to a placed order in one call, freight and limits included, and the page that a guest comes back to."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.buying.baskets import queries as baskets
from app.buying.baskets.models import BasketLine, Facts
from app.buying.checkout.models import Changes, Checkout
from app.buying.placing.actions import BuyNow, buy_now
from app.buying.placing.models import order_token, purchase_of_token
from app.buying.placing.schemas import BoughtOut, OpenPurchaseOut
from app.core.caller import Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.guests import new_guest_token
from app.core.ids import new_id
from app.store.inventory.queries import available, holds_of
from app.store.invoices.models import InvoiceRequest
from app.store.orders.models import Adjustment, Order, OrderLine, Purchase
from app.store.orders.queries import PURCHASE
from tests import make
from tests.client import Client
from tests.make import ADDRESS
from tests.pages import Browser
from tests.store.racing import refusals, together

FAR = {**ADDRESS, "province": "新疆维吾尔自治区", "city": "乌鲁木齐市"}
RULES = [
    {"first_price": 800, "further_price": 200, "free_amount": 9_900},
    {"regions": ["新疆", "西藏"], "first_price": 2_050, "further_price": 1_525},
    {"regions": ["香港"], "delivered": False},
]


def charge(client: Client, shop: make.MadeShop, rules: list[dict[str, Any]] = RULES) -> str:
    body = {"name": "全国", "unit": "piece", "rules": rules}
    answer = client.as_(shop.owner.token).post(f"/shops/{shop.id}/freight", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def buy(client: Client, sku_id: UUID, **body: Any) -> Any:
    return client.post(f"/skus/{sku_id}/purchase", body, key=uuid4().hex)


def counts() -> tuple[int, int]:
    """(purchases, checkouts)."""
    one, two = (db.session.scalar(select(func.count()).select_from(table)) for table in (Purchase, Checkout))
    return one or 0, two or 0


def test_a_saved_address_and_way_to_pay_are_enough_for_one_call(client: Client) -> None:
    cup, buyer = make.product(price=9_900, stock=5), make.person()
    by = client.as_(buyer.token)
    assert buy(by, cup.sku_id).status_code == 422  # nowhere to send it yet
    assert by.post("/me/addresses", ADDRESS).status_code == 201
    answer = buy(by, cup.sku_id, quantity=2, expected_total=19_800)
    assert answer.status_code == 201, answer.text
    assert BoughtOut().dump(BoughtOut().load(answer.json)) == answer.json
    assert answer.json["payment"]["pay_url"]
    shown = by.get(f"/purchases/{answer.json['id']}").json
    assert (shown["total"], shown["address"], shown["status"]) == (19_800, ADDRESS, "unpaid")
    assert available([cup.sku_id]) == {cup.sku_id: 3}


def test_all_of_it_happens_or_nothing(client: Client) -> None:
    cup = make.product(price=9_900, stock=5)
    by = client.as_(make.person().token)
    for body in (
        {"address": ADDRESS, "expected_total": 1},
        {"address": ADDRESS, "gateway": "nobody"},
        {"address": ADDRESS, "offers": ["NONE"]},
        {"address_id": str(new_id())},
        {"address": ADDRESS, "quantity": 6},
    ):
        assert buy(by, cup.sku_id, **body).status_code in {409, 422}, body
    assert counts() == (0, 0)
    assert available([cup.sku_id]) == {cup.sku_id: 5}


def test_of_the_last_ten_thirty_get_ten_in_one_call_and_their_rows_are_held(app: Flask) -> None:
    cup = make.product(stock=10)
    guests = [Caller(guest_id=new_id()) for _ in range(30)]
    wanted = BuyNow(cup.sku_id, 1, given=Changes(address=ADDRESS), is_to_pay=False)

    def one_call(guest: Caller) -> UUID:
        return in_transaction(lambda: buy_now(guest, wanted).placed.id)

    found = together(app, *(partial(one_call, one) for one in guests))
    placed = [one for one in found if isinstance(one, UUID)]
    assert (len(placed), set(refusals(found))) == (10, {"sold_out"})
    assert (available([cup.sku_id]), counts()) == ({cup.sku_id: 0}, (10, 0))
    assert all(len(holds_of(Ref(PURCHASE, one))) == 1 for one in placed)


def test_one_call_is_done_once_for_its_key(client: Client) -> None:
    cup, by = make.product(stock=5), client.as_(make.person().token)
    body, path = {"address": ADDRESS}, f"/skus/{cup.sku_id}/purchase"
    first, again = (by.post(path, body, key="one") for _ in range(2))
    assert first.json == again.json
    assert by.post(path, body).status_code == 400
    assert counts()[0] == 1


def test_a_links_one_call_owes_the_purchase_to_the_link(client: Client) -> None:
    cup = make.product(stock=5)
    link = make.link(cup)
    guest = client.as_(new_guest_token())
    answer = guest.post(f"/links/{link.code}/purchase", {"address": ADDRESS, "gateway": "sandbox"}, key=uuid4().hex)
    assert answer.status_code == 201, answer.text
    assert db.session.scalars(select(OrderLine.link_id)).all() == [link.id]


def test_the_way_to_pay_is_kept_and_may_be_said(client: Client) -> None:
    by = client.as_(make.person().token)
    assert by.get("/me/payment-method").json == {"gateway": "sandbox"}  # open in a town of tests
    assert by.put("/me/payment-method", {"gateway": "wallet"}).status_code == 204
    assert by.get("/me/payment-method").json == {"gateway": "wallet"}
    cup = make.product(stock=5)
    assert buy(by, cup.sku_id, address=ADDRESS, gateway="sandbox").status_code == 201
    assert by.get("/me/payment-method").json == {"gateway": "sandbox"}
    assert buy(by, cup.sku_id, address=ADDRESS, pay=False).json["payment"] is None


def test_freight_is_in_the_checkout_the_order_and_what_is_paid(client: Client) -> None:
    shop = make.shop()
    charge(client, shop)
    cup = make.product(shop, price=4_950, stock=9)
    by = client.as_(make.person().token)
    opened = by.post("/checkouts", {"lines": [{"sku_id": str(cup.sku_id), "quantity": 2}]}).json
    assert (opened["freight"], opened["freight_known"], opened["total"]) == ([], False, 9_900)
    path = f"/checkouts/{opened['id']}"
    near = by.patch(path, {"address": ADDRESS}).json
    assert (near["freight"], near["total"]) == ([{"shop_id": str(shop.id), "amount": 0, "left": 0}], 9_900)
    far = by.patch(path, {"address": FAR}).json
    assert (far["freight"][0]["amount"], far["total"]) == (3_575, 13_475)
    make.promotion("free_shipping", {"most": 1_000})
    shown = by.get(path).json
    assert (shown["freight"][0], shown["total"]) == (
        {"shop_id": str(shop.id), "amount": 3_575, "left": 2_575},
        12_475,
    )
    assert shown["steps"] == [
        {
            "step": "free_shipping",
            "offer": shown["steps"][0]["offer"],
            "name": "free_shipping",
            "line_id": None,
            "shop_id": str(shop.id),
            "amount": -1_000,
            "before": 3_575,
            "after": 2_575,
            "funder": "platform",
        }
    ]
    assert by.post(f"{path}/purchase", {"expected_total": 9_900}, key="a").json["errors"] == {"total": [12_475]}
    placed = by.post(f"{path}/purchase", {"expected_total": 12_475}, key="b").json
    assert placed["total"] == placed["orders"][0]["total"] == 12_475
    order = db.session.scalars(select(Order)).one()
    assert (order.freight, order.total) == (3_575, 12_475)
    assert db.session.scalars(select(Adjustment.amount)).all() == [-1_000]


def test_a_coupon_that_brings_goods_below_free_above_brings_freight_back(client: Client) -> None:
    shop = make.shop()
    charge(client, shop)
    cup = make.product(shop, price=9_900)
    made = make.checkout(product=cup)
    by = client.as_(made.buyer.token)
    assert by.get(f"/checkouts/{made.id}").json["total"] == 9_900
    code = make.coupon(make.coupons(shop=shop, terms={"tiers": [{"above": 0, "off": 1}]}), made.buyer.id)
    assert by.patch(f"/checkouts/{made.id}", {"offers": [code]}).json["total"] == 9_899 + 800
    fitting = by.get(f"/checkouts/{made.id}/coupons").json["items"]
    assert [(one["code"], one["saves"], one["is_used"]) for one in fitting] == [(code, -799, True)]


def test_goods_that_are_not_sent_there_are_refused_with_their_lines(client: Client) -> None:
    shop = make.shop()
    charge(client, shop)
    cup = make.product(shop, stock=9)
    by = client.as_(make.person().token)
    opened = by.post("/checkouts", {"lines": [{"sku_id": str(cup.sku_id), "quantity": 1}]}).json
    away = {**ADDRESS, "province": "香港特别行政区", "city": "香港"}
    answer = by.patch(f"/checkouts/{opened['id']}", {"address": away})
    line = opened["lines"][0]["id"]
    assert (answer.status_code, answer.json["code"]) == (409, "not_delivered")
    assert answer.json["errors"] == {"line_id": [line]}
    assert buy(by, cup.sku_id, address=away).json["code"] == "not_delivered"
    assert by.patch(f"/checkouts/{opened['id']}", {"address": ADDRESS}).status_code == 200


@pytest.mark.parametrize("province", ["Xinjiang", "新疆維吾爾自治區", "新疆省"])
def test_no_spelling_of_a_province_goes_round_its_freight(client: Client, province: str) -> None:
    cup = make.product(price=9_900)
    charge(client, cup.shop)
    by = client.as_(new_guest_token())
    path = f"/checkouts/{by.post('/checkouts', {'lines': [{'sku_id': str(cup.sku_id), 'quantity': 1}]}).json['id']}"
    for unknown in ("火星", "Ontario"):
        refused = by.patch(path, {"address": {**ADDRESS, "province": unknown}})
        assert (refused.status_code, list(refused.json["errors"]["address"])) == (422, ["province"])
    changed = by.patch(path, {"address": {**ADDRESS, "province": province}}).json
    assert (changed["freight"][0]["amount"], changed["address"]["province"]) == (2_050, FAR["province"])


def test_templates_may_be_changed_made_the_default_and_deleted(client: Client) -> None:
    shop = make.shop()
    first, staff = charge(client, shop), client.as_(shop.owner.token)
    second = charge(client, shop, [{"first_price": 100}])
    path = f"/shops/{shop.id}/freight"
    assert [(one["id"], one["is_default"]) for one in staff.get(path).json["items"]] == [(first, True), (second, False)]
    cup = make.product(shop, price=5_000)
    assert staff.put(f"{path}/{second}/products", {"products": [str(cup.id)]}).status_code == 204
    made = make.checkout(product=cup)
    by = client.as_(made.buyer.token)
    assert by.get(f"/checkouts/{made.id}").json["total"] == 5_100
    assert staff.delete(f"{path}/{second}").status_code == 204
    assert by.get(f"/checkouts/{made.id}").json["total"] == 5_800
    for rules in (
        [{"regions": ["火星"]}],
        [{"regions": ["新疆"]}, {"regions": ["新疆维吾尔自治区"]}],
        [{"first_price": 1}, {"first_price": 2}],
    ):
        assert staff.patch(f"{path}/{first}", {"rules": rules}).status_code == 422, rules
    strange = make.product()
    assert staff.put(f"{path}/{first}/products", {"products": [str(strange.id)]}).status_code == 422
    reader = client.as_(make.worker(shop, "reader").token)
    assert (reader.get(path).status_code, reader.delete(f"{path}/{first}").status_code) == (200, 403)


def test_fewer_than_are_sold_at_once_or_more_than_one_may_have_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    cup, buyer = make.product(stock=50), make.person()

    def lines(units: int) -> list[BasketLine]:
        [line] = baskets.lines_wanted([baskets.LineWanted(cup.sku_id, units)])
        return [BasketLine(line.id, units, None, line.sku, Facts(min_units=2, max_units=5))]

    made = make.checkout(buyer=buyer, product=cup, quantity=3)
    for units, fault in ((1, True), (2, False), (5, False), (6, True)):
        assert _refuses(made.caller.buyer, lines(units)) is fault, units
    assert Client(app).as_(buyer.token).post(f"/checkouts/{made.id}/purchase", {}, key="k").status_code == 201
    for units, fault in ((2, False), (3, True)):
        assert _refuses(made.caller.buyer, lines(units)) is fault, units


def _refuses(buyer: Any, lines: list[BasketLine]) -> bool:
    try:
        baskets.require_units(buyer, lines)
    except Refused as refused:
        assert refused.code == "units"
        return True
    return False


def test_an_invoice_is_asked_for_with_the_order_and_issued_by_the_shop(client: Client) -> None:
    shop = make.shop()
    cup = make.product(shop, stock=9)
    by, staff = client.as_(make.person().token), client.as_(shop.owner.token)
    company = {"kind": "company", "title": "腾讯科技（深圳）有限公司", "email": "fapiao@example.com"}
    wrong = {**company, "tax_number": "9144030071526726XX"}
    assert "tax_number" in buy(by, cup.sku_id, address=ADDRESS, invoice=wrong).json["errors"]
    right: Mapping[str, Any] = {**company, "tax_number": "9144030071526726xg"}
    placed = buy(by, cup.sku_id, address=ADDRESS, invoice=right).json
    path = f"/orders/{placed['orders'][0]['id']}/invoice"
    shown = by.get(path).json
    assert (shown["title"], shown["tax_number"], shown["state"]) == (
        company["title"],
        "9144030071526726XG",
        "requested",
    )
    assert staff.get(f"/shops/{shop.id}/invoices?state=requested").json["items"] == [shown]
    assert staff.put(path, {"number": "044001"}).json["code"] == "not_paid"
    begun = placed["payment"]["id"]
    assert by.post(f"/sandbox/payments/{begun}/outcome", {"outcome": "paid"}).status_code == 200
    packer = client.as_(make.worker(shop, "packer").token)
    assert packer.put(path, {"number": "044001"}).status_code == 403
    for _ in range(2):
        issued = staff.put(path, {"number": "044001", "file_url": "https://tax.example/1.pdf"})
        assert issued.json["state"] == "issued"
    assert staff.put(path, {"number": "044002"}).json["code"] == "issued_already"
    assert db.session.scalar(select(func.count()).select_from(InvoiceRequest)) == 1


def test_who_has_the_address_of_a_purchase_sees_it_without_names(client: Client) -> None:
    guest = client.as_(new_guest_token())
    placed = buy(guest, make.product(price=9_900).sku_id, address=ADDRESS).json
    token = placed["page"].removeprefix("/o/")
    shown = client.get(f"/o/{token}")
    assert OpenPurchaseOut().dump(shown.json) == shown.json
    assert (shown.json["id"], shown.json["total"], shown.json["status"]) == (placed["id"], 9_900, "unpaid")
    assert ADDRESS["street"] not in shown.text
    assert ADDRESS["name"] not in shown.text
    assert (shown.json["address"]["name"], shown.json["address"]["phone"]) == ("林**", "****00")
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-1], "x" * 43, order_token(new_id()), "汉"):
        assert client.get(f"/o/{wrong}").status_code == 404, wrong
    assert purchase_of_token(token) == UUID(placed["id"])


def test_what_stands_on_the_open_page_of_a_purchase_adds_up(app: Flask, client: Client) -> None:
    shop = make.shop()
    charge(client, shop)
    goods = make.product(shop, price=1_205)
    who = make.person()
    code = make.coupon(make.coupons(shop=shop, terms={"tiers": [{"above": 0, "off": 100}]}), who.id)
    placed = buy(client.as_(who.token), goods.sku_id, address=ADDRESS, offers=[code]).json
    [order] = client.get(f"/o/{placed['page'].removeprefix('/o/')}").json["orders"]
    assert (order["freight"], order["off"], order["total"]) == (800, -100, 1_205 + 800 - 100)
    text = Browser(app).open(placed["page"]).text
    assert all(one in text for one in ("运费", "¥8.00", "-¥1.00", "¥19.05"))


def test_saved_addresses_have_one_default_and_an_order_keeps_its_own(client: Client) -> None:
    by = client.as_(make.person().token)
    first = by.post("/me/addresses", ADDRESS).json
    second = by.post("/me/addresses", {**FAR, "is_default": True}).json
    assert (first["is_default"], second["is_default"]) == (True, True)
    listed = by.get("/me/addresses").json["items"]
    assert [(one["id"], one["is_default"]) for one in listed] == [(second["id"], True), (first["id"], False)]
    made = by.post("/checkouts", {"lines": [{"sku_id": str(make.product().sku_id), "quantity": 1}]}).json
    path = f"/checkouts/{made['id']}"
    assert by.patch(path, {"address_id": first["id"]}).json["address"] == ADDRESS
    assert by.patch(f"/me/addresses/{first['id']}", {"city": "宁波市"}).status_code == 200
    placed = by.post(f"{path}/purchase", {"address_id": second["id"]}, key="k").json
    assert by.get(f"/purchases/{placed['id']}").json["address"] == FAR
    assert by.delete(f"/me/addresses/{second['id']}").status_code == 204
    assert by.get("/me/addresses").json["items"][0]["is_default"] is True
    assert client.as_(make.person().token).patch(path, {"address_id": first["id"]}).status_code == 404
    for _ in range(19):
        assert by.post("/me/addresses", ADDRESS).status_code == 201
    assert by.post("/me/addresses", ADDRESS).json["code"] == "too_many"
