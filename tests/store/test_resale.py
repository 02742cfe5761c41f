"""Reselling: offers of suppliers, listings of others, one stock, prices above the floor, and what stops it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.db import in_transaction
from app.core.worker import drain
from app.store.catalogue import actions as catalogue
from app.store.catalogue.queries import SellableSku, sellable_skus
from app.store.inventory.actions import set_stock
from app.store.onboarding.models import RESUME, SUSPEND
from app.store.onboarding.queries import application_of
from app.store.personalshops import actions
from app.store.personalshops.models import Wanted
from app.store.shops import actions as shops
from app.store.shops.models import PACKER
from app.store.variants.models import SkuWanted
from app.store.variants.queries import skus_of
from tests import make
from tests.client import Client
from tests.store.counting import queries_in


def resold(source: make.MadeProduct, shop: make.MadeShop, price: int | None = None) -> tuple[UUID, UUID]:
    """(product, SKU) of the first variant of `source` as `shop` resells it."""
    [product] = in_transaction(lambda: actions.resell(make.as_staff(shop), shop.id, [Wanted(source.sku_id, price)]))
    return product, in_transaction(lambda: skus_of([product])[product][0].id)


def sellable(sku_id: UUID) -> SellableSku:
    return in_transaction(lambda: sellable_skus([sku_id])[sku_id])


def test_one_call_opens_a_shop_that_resells(app: Flask, client: Client) -> None:
    cup = make.offered(title="青瓷茶杯", stock=7, uploads=[])
    me = client.as_(make.person().token)
    goods = [{"sku_id": str(cup.sku_id), "price": 9900, "title": "我最爱的茶杯"}]
    made = me.post("/personal-shops", {"name": "小满的店", "goods": goods})
    assert made.status_code == 201 and made.json["state"] == "open", made.text
    [product_id] = made.json["goods"]
    found = client.get(f"/products/{product_id}").json
    assert (found["title"], found["price"], found["in_stock"]) == ("我最爱的茶杯", 9900, True)
    assert (found["shop"]["id"], found["skus"][0]["stock"]) == (made.json["id"], 7)
    [shelf] = client.get(f"/shops/{made.json['id']}/products").json["items"]
    assert shelf["in_stock"] is True


def test_a_refused_personal_shop_leaves_nothing(app: Flask, client: Client) -> None:
    me = client.as_(make.person().token)
    body = {"name": "小满的店", "goods": [{"sku_id": str(make.product().sku_id)}]}
    assert me.post("/personal-shops", body).status_code == 422
    assert me.get("/me/shops").json["items"] == []
    assert me.post("/personal-shops", {"name": "小满的店"}).status_code == 201


def test_pictures_words_and_variants_are_those_of_the_supplier(app: Flask, client: Client) -> None:
    by = make.supplier()
    upload = make.upload(by.owner)
    variants = [SkuWanted(9000, 3, "小", {"尺寸": "小"}), SkuWanted(9500, 4, "大")]
    cup = make.offered(by, title="茶杯", skus=variants, uploads=[upload], description="手工")
    shop = make.shop()
    wanted = [Wanted(cup.sku_ids[1], 9600), Wanted(cup.sku_ids[0])]
    [product] = in_transaction(lambda: actions.resell(make.as_staff(shop), shop.id, wanted))
    found = client.get(f"/products/{product}").json
    assert (found["title"], found["description"], len(found["pictures"])) == ("茶杯", "手工", 1)
    assert [(one["name"], one["price"], one["stock"]) for one in found["skus"]] == [("小", 8000, 3), ("大", 9600, 4)]
    assert client.get("/" + found["pictures"][0]["url"]).status_code == 200
    in_transaction(lambda: catalogue.take_down(cup.id, "x", None))
    assert client.get("/" + found["pictures"][0]["url"]).status_code == 200


def test_a_checkout_learns_whose_stock_it_sells_and_for_how_much(app: Flask) -> None:
    cup = make.offered(supply_price=5000, stock=3)
    _, sku = resold(cup, make.shop(), 9000)
    found = sellable(sku)
    assert (found.stock_sku_id, found.supplier_id, found.supply_price) == (cup.sku_id, cup.shop.id, 5000)
    assert found.is_on_sale and found.price == 9000
    own = sellable(cup.sku_id)
    assert (own.stock_sku_id, own.supplier_id, own.supply_price) == (cup.sku_id, None, None)


def test_stock_is_one_pool(app: Flask, client: Client) -> None:
    cup = make.offered(title="青瓷", stock=2)
    product, _ = resold(cup, make.shop())
    drain()
    in_transaction(lambda: set_stock(cup.sku_id, 0))
    assert client.get(f"/products/{product}").json["in_stock"] is False
    in_transaction(lambda: set_stock(cup.sku_id, 5))
    assert client.get(f"/products/{product}").json["skus"][0]["stock"] == 5
    assert drain() > 0


def _suspended(cup: make.MadeProduct) -> None:
    found = in_transaction(lambda: application_of(cup.shop.id, "supplier"))
    assert found is not None
    make.decided(found.id, SUSPEND)


def _closed(cup: make.MadeProduct) -> None:
    in_transaction(lambda: shops.close_shop(cup.shop.id, "suspended"))


def _withdrawn(cup: make.MadeProduct) -> None:
    in_transaction(lambda: actions.withdraw_offer(make.as_staff(cup.shop), cup.sku_id))


def _dearer(cup: make.MadeProduct) -> None:
    in_transaction(lambda: actions.set_offer(make.as_staff(cup.shop), cup.sku_id, 5000, 20_000))


def _off(cup: make.MadeProduct) -> None:
    in_transaction(lambda: catalogue.change_product(make.as_staff(cup.shop), cup.id, state="off"))


def _taken_down(cup: make.MadeProduct) -> None:
    in_transaction(lambda: catalogue.take_down(cup.id, "假货", None))


STOPS = [_suspended, _closed, _withdrawn, _dearer, _off, _taken_down]


@pytest.mark.parametrize("stop", STOPS, ids=lambda one: one.__name__.strip("_"))
def test_what_stops_the_supplier_stops_who_resells_him(
    app: Flask, client: Client, stop: Callable[[make.MadeProduct], None]
) -> None:
    cup = make.offered()
    shop = make.shop()
    product, sku = resold(cup, shop, 9000)
    stop(cup)
    assert not sellable(sku).is_on_sale
    found = client.get(f"/products/{product}").json
    assert (found["in_stock"], found["skus"][0]["in_stock"]) == (False, False)
    assert client.get(f"/shops/{shop.id}/products").json["items"][0]["in_stock"] is False
    body = {"lines": [{"sku_id": str(sku), "quantity": 1}]}
    assert client.post("/checkouts", body).json["code"] == "off_sale"
    if stop is not _dearer:
        other = make.shop()
        again = {"goods": [{"sku_id": str(cup.sku_id)}]}
        assert client.as_(other.owner.token).post(f"/shops/{other.id}/resold", again).status_code == 422


def test_a_supplier_who_may_go_on_is_resold_again(app: Flask) -> None:
    cup = make.offered()
    _, sku = resold(cup, make.shop())
    _suspended(cup)
    assert not sellable(sku).is_on_sale
    found = in_transaction(lambda: application_of(cup.shop.id, "supplier"))
    assert found is not None
    make.decided(found.id, RESUME)
    assert sellable(sku).is_on_sale


def test_nothing_is_resold_below_the_floor(app: Flask, client: Client) -> None:
    cup = make.offered(floor_price=8000)
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    low = {"goods": [{"sku_id": str(cup.sku_id), "price": 7999}]}
    refused = owner.post(f"/shops/{shop.id}/resold", low)
    assert refused.status_code == 422 and "price" in refused.json["errors"]["goods"]["0"]
    _, sku = resold(cup, shop, 8000)
    refused = owner.patch(f"/skus/{sku}", {"price": 7999})
    assert refused.status_code == 422 and "price" in refused.json["errors"]
    assert owner.patch(f"/skus/{sku}", {"stock": 5}).json["errors"].keys() == {"stock"}
    assert owner.patch(f"/skus/{sku}", {"price": 12_000}).status_code == 200
    assert sellable(sku).price == 12_000


@pytest.mark.parametrize(
    "body", [{"supply_price": 9000, "floor_price": 8000}, {"supply_price": 0, "floor_price": 8000}]
)
def test_an_offer_has_prices_that_fit(app: Flask, client: Client, body: dict[str, int]) -> None:
    shop = make.supplier()
    cup = make.product(shop)
    assert client.as_(shop.owner.token).put(f"/skus/{cup.sku_id}/resale-offer", body).status_code == 422


def test_only_an_approved_supplier_offers_and_only_his_own_goods(app: Flask, client: Client) -> None:
    prices = {"supply_price": 5000, "floor_price": 8000}
    plain = make.product()
    refused = client.as_(plain.shop.owner.token).put(f"/skus/{plain.sku_id}/resale-offer", prices)
    assert (refused.status_code, refused.json["code"]) == (409, "not_a_supplier")
    shop = make.supplier()
    owner = client.as_(shop.owner.token)
    assert owner.put(f"/skus/{plain.sku_id}/resale-offer", prices).status_code == 404
    packer = make.worker(shop, PACKER)
    own = make.product(shop)
    assert client.as_(packer.token).put(f"/skus/{own.sku_id}/resale-offer", prices).status_code == 403
    assert owner.put(f"/skus/{own.sku_id}/resale-offer", prices).status_code == 204
    _, taken = resold(make.offered(), shop)
    assert owner.put(f"/skus/{taken}/resale-offer", prices).json["code"] == "resold_itself"
    mine = {"goods": [{"sku_id": str(own.sku_id)}]}
    assert owner.post(f"/shops/{shop.id}/resold", mine).status_code == 422


def test_offers_are_listed_with_their_suppliers_page_by_page_at_one_cost(app: Flask, client: Client) -> None:
    by = make.supplier()
    for _ in range(2):
        make.offered(by)
    me = client.as_(make.person().token)

    def cost() -> int:
        me.get("/resale-offers")
        with queries_in() as sent:
            assert me.get("/resale-offers").status_code == 200
        return len(sent)

    before = cost()
    for _ in range(3):
        make.offered()
    assert cost() == before
    page = me.get("/resale-offers?limit=3").json
    rest = me.get(f"/resale-offers?limit=3&cursor={page['next']}").json
    items: list[dict[str, Any]] = page["items"] + rest["items"]
    assert len({one["id"] for one in items}) == 5 and rest["next"] is None
    assert (items[0]["supply_price"], items[0]["floor_price"]) == (5000, 8000)
    own = client.as_(by.owner.token).get(f"/shops/{by.id}/resale-offers").json["items"]
    assert len(own) == 2
    _withdrawn(make.offered(by))
    shops_of_others = client.as_(make.person().token).get(f"/shops/{by.id}/resale-offers")
    assert shops_of_others.status_code == 404
