"""Where an order is sold, how its goods are had, what it is paid by: link, light store, counter, platform's part."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from app.buying.checkout import actions
from app.buying.checkout.models import Opener
from app.core.caller import PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.fees.actions import set_rate
from app.store.freight.actions import make_template
from app.store.freight.models import PIECE, FreightRule, TemplateWanted
from app.store.inventory.models import MOST_BASKETS_OF_DEVICE, HeldFor
from app.store.orders.models import PICK_UP, Order, OrderLine
from tests import make
from tests.client import Client
from tests.pages import Browser
from tests.statements import statements
from tests.store.test_resale import resold

COUNTER = {"province": "浙江省", "city": "杭州市", "district": "西湖区", "street": "文三路 9 号", "phone": "0571-1"}
HOURS = "每天 10:00 到 21:00"


def opened(me: Client, *skus: UUID, **named: Any) -> dict[str, Any]:
    answer = me.post("/checkouts", {"lines": [{"sku_id": str(one), "quantity": 1} for one in skus], **named})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def bought(me: Client, *skus: UUID, change: dict[str, Any] | None = None, **named: Any) -> dict[str, Any]:
    """The purchase of one of each, with an address unless `change` says something else."""
    checkout = opened(me, *skus, **named)["id"]
    changed = me.patch(f"/checkouts/{checkout}", change or {"address": make.ADDRESS})
    assert changed.status_code == 200, changed.text
    placed = me.post(f"/checkouts/{checkout}/purchase", {}, key=uuid4().hex)
    assert placed.status_code == 201, placed.text
    found: dict[str, Any] = me.get(f"/purchases/{placed.json['id']}").json
    return found


def light_store(client: Client, **named: Any) -> UUID:
    """The SKU of the only goods of a new light store."""
    goods = {"format": "csv", "text": "external_id,title,price\nA1,青瓷茶杯,12.50\n"}
    wanted = {"template": "brand", "name": "青山瓷器", "slug": f"qingshan-{uuid4().hex[:8]}", "goods": goods, **named}
    made = client.as_(make.person().token).post("/lightstores", wanted)
    assert made.status_code == 201, made.text
    [product] = client.get(f"/shops/{made.json['id']}/products").json["items"]
    return UUID(client.get(f"/products/{product['id']}").json["skus"][0]["id"])


def counter(client: Client, shop: make.MadeShop, **named: Any) -> str:
    """A warehouse at which buyers fetch things."""
    sent = {"name": f"西湖店 {uuid4().hex[:4]}", "address": COUNTER, "pick_up_hours": HOURS, **named}
    made = client.as_(shop.owner.token).post(f"/shops/{shop.id}/warehouses", sent)
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_an_order_says_by_which_way_it_was_sold(client: Client) -> None:
    me, link = client.as_(make.person().token), make.link()
    by_link = me.post(f"/links/{link.code}/checkout", {"sku_id": str(link.sku_id), "quantity": 1}).json["id"]
    me.patch(f"/checkouts/{by_link}", {"address": make.ADDRESS})
    placed = me.post(f"/checkouts/{by_link}/purchase", {}, key=uuid4().hex).json
    assert me.get(f"/orders/{placed['orders'][0]['id']}").json["channel"] == "link"
    inside, outside = light_store(client, in_mall=True), light_store(client)
    cases = ((make.product().sku_id, "mall", "mall"), (make.product().sku_id, "store", "mall"))
    cases += ((inside, "mall", "mall"), (inside, "store", "store"), (outside, "mall", "store"))
    for sku, came_by, channel in cases:
        buyer = client.as_(make.person().token)
        [order] = bought(buyer, sku, channel=came_by)["orders"]
        assert order["channel"] == channel, (came_by, channel)


def test_a_light_store_is_paid_only_by_what_it_takes(client: Client) -> None:
    me = client.as_(make.person().token)
    one, other, usual = (
        light_store(client, gateways=["wallet"]),
        light_store(client, gateways=["sandbox"]),
        make.product(),
    )
    found = bought(me, one, usual.sku_id)
    assert found["pay_with"] == ["wallet"]
    refused = me.post(f"/purchases/{found['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["gateway"])
    assert "sandbox" in bought(me, usual.sku_id)["pay_with"]
    apart = opened(me, one, other)["id"]
    me.patch(f"/checkouts/{apart}", {"address": make.ADDRESS})
    answer = me.post(f"/checkouts/{apart}/purchase", {}, key=uuid4().hex)
    assert (answer.status_code, answer.json["code"]) == (409, "no_common_way")


def test_buying_in_one_call_begins_no_payment_that_the_shop_does_not_take(client: Client) -> None:
    me, sku = client.as_(make.person().token), light_store(client, gateways=["wallet"])
    body = {"quantity": 1, "address": make.ADDRESS}
    made = me.post(f"/skus/{sku}/purchase", body, key=uuid4().hex)
    assert (made.status_code, made.json["payment"]) == (201, None)
    refused = me.post(f"/skus/{sku}/purchase", {**body, "gateway": "sandbox"}, key=uuid4().hex)
    assert refused.status_code == 422 and len(me.get("/me/orders").json["items"]) == 1, "all of it, or nothing"


def test_goods_are_fetched_at_a_counter_without_freight_and_address(client: Client) -> None:
    shop = make.shop()
    cup, point = make.product(shop, price=1000), counter(client, shop)
    template = TemplateWanted("全国", PIECE, [FreightRule(first_price=800)])
    in_transaction(lambda: make_template(shop.owner.id, shop.id, template))
    assert [one["hours"] for one in client.get(f"/shops/{shop.id}/pick-up-points").json["items"]] == [HOURS]
    me = client.as_(make.person().token)
    assert bought(me, cup.sku_id)["total"] == 1800
    found = bought(me, cup.sku_id, change={"pick_ups": [{"shop_id": str(shop.id), "warehouse_id": point}]})
    [order] = found["orders"]
    assert (found["total"], found["address"], order["method"], order["freight"]) == (1000, None, "pick_up", 0)
    assert (order["pick_up"]["address"], order["pick_up"]["hours"]) == (COUNTER | {"name": ""}, HOURS)
    paid = me.post(f"/purchases/{found['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex).json
    assert me.post(f"/sandbox/payments/{paid['id']}/outcome", {"outcome": "paid"}).status_code in {200, 204}
    assert me.get(f"/orders/{order['id']}/packages").json["pick_up_code"], "shown at the counter"


def test_what_one_shop_sends_is_sent_while_another_is_fetched(client: Client) -> None:
    shop, me = make.shop(), client.as_(make.person().token)
    change = {"address": make.ADDRESS, "pick_ups": [{"shop_id": str(shop.id), "warehouse_id": counter(client, shop)}]}
    found = bought(me, make.product(shop).sku_id, make.product().sku_id, change=change)
    assert sorted(one["method"] for one in found["orders"]) == ["pick_up", "ship"]


def test_a_place_where_nothing_is_fetched_is_refused_when_chosen_and_when_bought(client: Client) -> None:
    shop, other = make.shop(), make.shop()
    me, cup = client.as_(make.person().token), make.product(shop)
    point, closed = counter(client, shop), counter(client, shop, pick_up_hours="")
    checkout = opened(me, cup.sku_id)["id"]
    wrong = [(shop.id, closed), (shop.id, counter(client, other)), (other.id, point), (shop.id, str(uuid4()))]
    for where, place in wrong:
        answer = me.patch(f"/checkouts/{checkout}", {"pick_ups": [{"shop_id": str(where), "warehouse_id": place}]})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["pick_ups"])
    chosen = {"pick_ups": [{"shop_id": str(shop.id), "warehouse_id": point}]}
    assert me.patch(f"/checkouts/{checkout}", chosen).json["pick_ups"] == chosen["pick_ups"]
    owner = client.as_(shop.owner.token)
    assert owner.patch(f"/shops/{shop.id}/warehouses/{point}", {"pick_up_hours": ""}).status_code == 200
    gone = me.post(f"/checkouts/{checkout}/purchase", {}, key=uuid4().hex)
    assert (gone.status_code, gone.json["code"]) == (409, "pick_up_gone")
    assert me.patch(f"/checkouts/{checkout}", {"pick_ups": [], "address": make.ADDRESS}).status_code == 200
    assert me.post(f"/checkouts/{checkout}/purchase", {}, key=uuid4().hex).status_code == 201


def test_goods_that_a_supplier_sends_are_not_fetched_at_the_shop(client: Client) -> None:
    shop, me = make.shop(), client.as_(make.person().token)
    _, sku = resold(make.offered(stock=3), shop)
    checkout = opened(me, sku)["id"]
    chosen = {"pick_ups": [{"shop_id": str(shop.id), "warehouse_id": counter(client, shop)}]}
    assert me.patch(f"/checkouts/{checkout}", chosen).status_code == 422


def test_of_resold_goods_that_are_sold_out_the_shops_own_variant_is_named(client: Client) -> None:
    me, source = client.as_(make.person().token), make.offered(stock=1)
    _, sku = resold(source, make.shop())
    answer = me.post("/checkouts", {"lines": [{"sku_id": str(sku), "quantity": 2}]})
    assert (answer.status_code, answer.json["code"], answer.json["errors"]) == (409, "sold_out", {"sku_id": [str(sku)]})


def test_the_platforms_part_is_frozen_on_the_line(client: Client) -> None:
    shop, other = make.shop(), make.shop()
    admin = Caller(person_id=make.person(roles=("admin",)).id)
    for where, rate in ((None, 300), (shop.id, 550)):
        in_transaction(lambda where=where, rate=rate: set_rate(admin, where, None, rate, None, ""))
    found = bought(client.as_(make.person().token), make.product(shop).sku_id, make.product(other).sku_id)
    in_transaction(lambda: set_rate(admin, shop.id, None, 900, None, ""))
    lines = db.session.scalars(select(OrderLine).where(OrderLine.purchase_id == UUID(found["id"])))
    assert {one.shop_id: one.take_rate for one in lines} == {shop.id: 550, other.id: 300}


def test_a_device_holds_goods_for_so_many_and_no_more(app: Flask) -> None:
    cup, device = make.product(stock=1000), uuid4()
    lines = [actions.LineWanted(cup.sku_id, 1)]

    def opens(device_id: UUID) -> UUID:
        buyer = Ref(PERSON, uuid4())
        return in_transaction(lambda: actions.open_checkout(Opener(buyer, HeldFor(buyer.id, device_id)), lines)[0].id)

    for _ in range(MOST_BASKETS_OF_DEVICE):
        opens(device)
    with pytest.raises(Refused) as refused:
        opens(device)
    assert (refused.value.status, refused.value.code) == (409, "too_much_held")
    opens(uuid4())


def test_a_buyer_holds_only_so_many_units_of_one_kind(client: Client) -> None:
    me, cup = client.as_(make.person().token), make.product(stock=1000)
    sent = {"lines": [{"sku_id": str(cup.sku_id), "quantity": 99}] * 5}
    first = me.post("/checkouts", sent)
    assert first.status_code == 201
    more = me.post("/checkouts", {"lines": [{"sku_id": str(cup.sku_id), "quantity": 6}]})
    assert (more.status_code, more.json["code"]) == (409, "too_much_held")
    assert more.json["errors"] == {"sku_id": [str(cup.sku_id)]}
    kept = me.patch(f"/checkouts/{first.json['id']}", sent)
    assert kept.status_code == 200, "what it holds itself does not count"
    with statements() as seen:
        me.post("/checkouts", {"lines": [{"sku_id": str(cup.sku_id), "quantity": 5}]})
    assert sum("inventory_holds h WHERE h.buyer_id" in one for one in seen) == 1


def test_a_cart_knows_how_many_of_resold_goods_their_supplier_has(client: Client) -> None:
    me, source = client.as_(make.person().token), make.offered(stock=2)
    _, sku = resold(source, make.shop())
    for quantity, state in ((1, "ok"), (2, "few")):
        assert me.post("/cart/lines", {"sku_id": str(sku), "quantity": quantity}).status_code == 201
        [line] = me.get("/cart/lines").json["items"]
        assert (line["state"], line["left"]) == (state, 2)


def test_goods_are_fetched_at_a_counter_that_is_chosen_on_the_page(app: Flask, client: Client) -> None:
    shop = make.shop()
    cup, point = make.product(shop, price=1000, stock=9), counter(client, shop)
    template = TemplateWanted("全国", PIECE, [FreightRule(first_price=800)])
    in_transaction(lambda: make_template(shop.owner.id, shop.id, template))
    browser = Browser(app).open(f"/goods/{cup.id}").send("/checkout").follow()
    path, chosen = browser.path, {f"pick-{shop.id}": point}
    sent = {f"pick-{shop.id}": ""}
    assert "自提：" in browser.text and 'name="street"' in browser.text
    browser.post(f"{path}/pick-ups", **browser.forms[0].fields | chosen).follow()
    assert 'name="street"' not in browser.text and "¥10.00" in browser.text
    assert browser.forms[0].fields[f"pick-{shop.id}"] == point
    assert browser.post(path, **browser.forms[0].fields | sent).follow().path == path, "he sees what that costs first"
    assert 'name="street"' in browser.text
    browser.post(f"{path}/pick-ups", **browser.forms[0].fields | chosen).follow()
    assert browser.post(path, **browser.forms[0].fields).status == 303
    order = db.session.scalars(select(Order)).one()
    assert (order.method, order.total) == (PICK_UP, 1000)
    assert order.pick_up is not None and order.pick_up["hours"] == HOURS


def test_goods_of_a_supplier_that_come_into_a_basket_later_are_sent_all_the_same(client: Client) -> None:
    shop, me = make.shop(), client.as_(make.person().token)
    checkout = opened(me, make.product(shop).sku_id)["id"]
    chosen = {"pick_ups": [{"shop_id": str(shop.id), "warehouse_id": counter(client, shop)}]}
    assert me.patch(f"/checkouts/{checkout}", chosen).status_code == 200
    _, sku = resold(make.offered(stock=3), shop)
    changed = me.patch(f"/checkouts/{checkout}", {"lines": [{"sku_id": str(sku), "quantity": 1}]})
    assert (changed.status_code, changed.json["pick_ups"]) == (200, [])
    placed = me.post(f"/checkouts/{checkout}/purchase", {}, key=uuid4().hex)
    assert (placed.status_code, list(placed.json["errors"])) == (422, ["address"])


def test_what_is_paid_for_a_near_place_is_not_sent_to_a_far_one(client: Client) -> None:
    shop, me = make.shop(), client.as_(make.person().token)
    near = [
        FreightRule(("浙江",), first_price=0),
        FreightRule(("新疆",), delivered=False),
        FreightRule(first_price=900),
    ]
    in_transaction(lambda: make_template(shop.owner.id, shop.id, TemplateWanted("分区", PIECE, near)))
    home = {**make.ADDRESS, "province": "浙江省", "city": "杭州市"}
    found = bought(me, make.product(shop, price=1000).sku_id, change={"address": home})
    paid = me.post(f"/purchases/{found['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex).json
    me.post(f"/sandbox/payments/{paid['id']}/outcome", {"outcome": "paid"})
    path = f"/orders/{found['orders'][0]['id']}/address"
    for province, city, status in (("浙江", "宁波", 200), ("北京", "北京", 409), ("新疆", "乌鲁木齐", 409)):
        answer = me.put(path, {**make.ADDRESS, "province": province, "city": city})
        assert answer.status_code == status, province
    assert answer.json["code"] == "other_freight"


def test_an_order_that_is_fetched_is_not_sent_to_an_address_afterwards(client: Client) -> None:
    shop, me = make.shop(), client.as_(make.person().token)
    chosen = {"pick_ups": [{"shop_id": str(shop.id), "warehouse_id": counter(client, shop)}]}
    found = bought(me, make.product(shop).sku_id, change=chosen)
    paid = me.post(f"/purchases/{found['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex).json
    me.post(f"/sandbox/payments/{paid['id']}/outcome", {"outcome": "paid"})
    answer = me.put(f"/orders/{found['orders'][0]['id']}/address", make.ADDRESS)
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_method")
