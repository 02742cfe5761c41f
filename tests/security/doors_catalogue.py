"""Doors of goods and of stock: warehouses, movements, alerts, prices, imports, codes, vouchers."""

from itertools import count
from typing import Any

from tests import make
from tests.client import Client
from tests.security import town as of
from tests.security.doors import OWNER, PERSON, Row
from tests.security.town import Town, Values, done

SHOP, SKU = "/shops/<uuid:shop_id>", "/skus/<uuid:sku_id>"
_numbers = count(1)


def _place() -> dict[str, Any]:
    return {"name": f"仓库 {next(_numbers)}", "address": {"province": "浙江", "city": "杭州", "street": "文三路 1 号"}}


def warehouse(town: Town, owner: Client) -> Values:
    """In a shop of its own: there may not be many in one."""
    shop = make.shop(town.owner)
    made = done(owner.post(f"/shops/{shop.id}/warehouses", _place()))
    return {"shop_id": str(shop.id), "warehouse_id": made["id"]}


def _transfer(values: Values) -> dict[str, Any]:
    return {"warehouse_id": values["warehouse_id"], "sku_ids": [values["sku_id"]]}


def own_shop(town: Town, owner: Client) -> Values:
    return {"shop_id": str(make.shop(town.owner).id)}


def goods_in_warehouse(town: Town, owner: Client) -> Values:
    made = warehouse(town, owner)
    goods = {"shop_id": made["shop_id"], "title": "棉麻衬衫", "skus": [{"price": 100, "stock": 9}]}
    return {**made, "sku_id": done(owner.post("/products", goods))["skus"][0]["id"]}


def sold_out(town: Town, owner: Client) -> Values:
    return {"sku_id": str(make.product(stock=0).sku_id)}


ROWS = [
    Row("GET", f"{SHOP}/alerts", OWNER, 200, own_shop),
    Row("PUT", f"{SKU}/alert", PERSON, 204, sold_out),
    Row("DELETE", f"{SKU}/alert", PERSON, 204, sold_out),
    Row("GET", f"{SKU}/prices", OWNER, 200, of.own_goods),
    Row("GET", f"{SHOP}/warehouses", OWNER, 200, own_shop),
    Row("POST", f"{SHOP}/warehouses", OWNER, 201, own_shop, lambda v: _place()),
    Row("PATCH", f"{SHOP}/warehouses/<uuid:warehouse_id>", OWNER, 200, warehouse, lambda v: {"is_default": True}),
    Row("POST", f"{SHOP}/transfers", OWNER, 201, goods_in_warehouse, _transfer),
    Row("GET", f"{SKU}/movements", OWNER, 200, of.own_goods),
    Row("POST", f"{SKU}/movements", OWNER, 201, of.own_goods, lambda v: {"reason": "received", "units": 3}),
    Row("PUT", f"{SKU}/low-stock", OWNER, 204, of.own_goods, lambda v: {"low_at": 2}),
]
