"""Virtual goods sell what there is to hand over: their stock is their codes, or, with a file, what the shop says."""

from io import BytesIO
from pathlib import Path
from runpy import run_path
from typing import Any
from uuid import uuid4

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from app.core.db import db, in_transaction
from app.core.guests import new_guest_token
from app.store.catalogue.models import DRAFT, Goods
from app.store.intake.actions import take_in
from app.store.inventory.actions import set_stock
from app.store.inventory.models import Movement
from app.store.inventory.queries import available
from app.store.variants.queries import skus_by_code, skus_of
from tests import make
from tests.client import Client
from tests.pages import Browser
from tests.store.test_codes import fill
from tests.store.test_handover import bought


def draft(**named: Any) -> make.MadeProduct:
    return make.product(goods_kind="virtual", title="季卡", state=DRAFT, **named)


def owner_of(client: Client, goods: make.MadeProduct) -> Client:
    return client.as_(goods.shop.owner.token)


def send_file(client: Client, goods: make.MadeProduct) -> None:
    form = {"data": {"file": (BytesIO(b"a book"), "书.pdf")}, "content_type": "multipart/form-data"}
    assert owner_of(client, goods).send("POST", f"/skus/{goods.sku_id}/file", **form).status_code == 204


def in_stock(goods: make.MadeProduct) -> int:
    return available([goods.sku_id])[goods.sku_id]


def goes_on_sale(client: Client, goods: make.MadeProduct) -> Any:
    return owner_of(client, goods).patch(f"/products/{goods.id}", {"state": "on_sale"})


@pytest.mark.parametrize("state", ["on_sale", "draft"])
def test_no_stock_is_said_of_goods_without_codes_or_a_file(client: Client, state: str) -> None:
    shop = make.shop()
    goods = {"shop_id": str(shop.id), "title": "季卡", "goods_kind": "virtual", "state": state}
    refused = client.as_(shop.owner.token).post("/products", goods | {"skus": [{"price": 100, "stock": 5}]})
    assert refused.status_code == (409 if state == "on_sale" else 422), refused.text
    if state == "draft":
        assert list(refused.json["errors"]) == ["stock"] and "券码" in refused.text


def test_goods_without_codes_or_a_file_are_not_put_on_sale(client: Client) -> None:
    goods = draft()
    refused = goes_on_sale(client, goods)
    assert (refused.status_code, refused.json["code"]) == (409, "no_codes")
    assert fill(client, goods, "A-1", "A-2")["added"] == 2 and in_stock(goods) == 2
    assert goes_on_sale(client, goods).json["state"] == "on_sale"
    other = draft()
    send_file(client, other)
    assert goes_on_sale(client, other).json["state"] == "on_sale"


def test_the_stock_of_codes_is_their_number_and_nobody_says_another(client: Client) -> None:
    goods = draft()
    fill(client, goods, "A-1", "A-2")
    owner = owner_of(client, goods)
    assert list(owner.patch(f"/skus/{goods.sku_id}", {"stock": 5}).json["errors"]) == ["stock"]
    assert owner.patch(f"/skus/{goods.sku_id}", {"stock": 2, "price": 900}).status_code == 200, "a form says the same"
    came = owner.post(f"/skus/{goods.sku_id}/movements", {"reason": "received", "units": 3})
    assert list(came.json["errors"]) == ["units"] and in_stock(goods) == 2
    assert fill(client, goods, "A-2", "A-3") == {"added": 1, "known": 1} and in_stock(goods) == 3


def test_with_a_file_the_shop_says_the_stock_and_codes_add_nothing_to_it(client: Client) -> None:
    goods = draft()
    send_file(client, goods)
    assert owner_of(client, goods).patch(f"/skus/{goods.sku_id}", {"stock": 50}).status_code == 200
    fill(client, goods, "A-1", "A-2")
    assert in_stock(goods) == 50


def test_goods_that_become_virtual_have_no_stock_until_there_are_codes(client: Client) -> None:
    goods = make.product(stock=5)
    owner = owner_of(client, goods)
    refused = owner.patch(f"/products/{goods.id}", {"goods_kind": "virtual"})
    assert (refused.json["code"], in_stock(goods)) == ("no_codes", 5)
    assert owner.patch(f"/products/{goods.id}", {"state": "off"}).status_code == 200
    assert owner.patch(f"/products/{goods.id}", {"goods_kind": "virtual"}).status_code == 200
    assert in_stock(goods) == 0
    fill(client, goods, "A-1")
    assert in_stock(goods) == 1


def test_an_import_fills_no_pool(client: Client) -> None:
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    in_transaction(lambda: take_in(shop.id, [Goods("V-1", "点卡", price=900, stock=7, code="V-1")], 9))
    [sku] = in_transaction(lambda: list(skus_by_code(shop.id, ["V-1"]).values()))
    assert owner.patch(f"/products/{sku.product_id}", {"state": "off"}).status_code == 200
    assert owner.patch(f"/products/{sku.product_id}", {"goods_kind": "virtual"}).status_code == 200
    owner.post(f"/skus/{sku.id}/codes", {"codes": ["A-1"]})
    again = [Goods("V-1", "点卡", price=900, sku_name=name, stock=7) for name in (sku.name, "季卡")]
    in_transaction(lambda: take_in(shop.id, again, 9))
    skus = in_transaction(lambda: [one.id for one in skus_of([sku.product_id])[sku.product_id]])
    assert sorted(available(skus).values()) == [0, 1]


def test_each_code_is_sold_once_and_the_next_buyer_is_told_it_is_sold_out(app: Flask, client: Client) -> None:
    goods = draft()
    fill(client, goods, "ONLY")
    goes_on_sale(client, goods)
    guest = client.as_(new_guest_token())
    bought(app, guest, goods)
    assert guest.get("/me/codes").json["items"][0]["codes"] == ["ONLY"]
    late = client.as_(new_guest_token()).post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]})
    assert late.json["code"] == "sold_out"


def test_the_page_of_codes_says_that_some_are_still_to_come(app: Flask, client: Client) -> None:
    goods = make.product(goods_kind="virtual", stock=5, title="季卡")  # as in a shop of before
    browser = Browser(app).open("/")
    token = browser.open("/sign-in").forms[-1].fields["form_token"]
    cart = browser.post("/cart/lines", sku_id=str(goods.sku_id), quantity="2", form_token=token).follow()
    form = next(one for one in cart.forms if one.action == "/cart")
    cart.post("/cart/checkout", **form.fields).follow()
    browser.send(gateway="sandbox").follow().send(outcome="paid").follow()
    assert "还没到" in browser.open(f"/codes?order={uuid4()}").text


def test_what_shops_said_of_empty_pools_before_is_mended(app: Flask, client: Client) -> None:
    card, book, cup = (
        make.product(goods_kind="virtual", stock=5),
        make.product(goods_kind="virtual", stock=0),
        make.product(stock=5),
    )
    fill(client, card, "A-1", "A-2", "A-3")
    send_file(client, book)
    in_transaction(lambda: set_stock(book.sku_id, 9))
    held = client.as_(make.person().token)
    assert held.post("/checkouts", {"lines": [{"sku_id": str(card.sku_id), "quantity": 1}]}).status_code == 201
    assert in_stock(card) == 7, "five that nobody put there"
    [path] = Path("migrations/versions").glob("0030_*.py")

    def upgrade() -> None:
        with Operations.context(MigrationContext.configure(db.session.connection())):
            run_path(str(path))["count_pools"]()

    for _ in range(2):
        in_transaction(upgrade)
        assert (in_stock(card), in_stock(book), in_stock(cup)) == (2, 9, 5)
    moves = db.session.query(Movement.delta).filter(Movement.sku_id == card.sku_id)
    assert sum(one.delta for one in moves) == 2
