"""Makers of goods, stock and their like, for the matrices of doors and pages (as tests/security/town.py)."""

from itertools import count
from typing import Any
from uuid import UUID

from app.core.db import in_transaction
from app.store.brands import actions as brands
from app.store.categories import actions as categories
from app.store.curation.queries import waiting
from tests import make
from tests.client import Client
from tests.security.town import Town, Values, done

_numbers = count(1)


def place() -> dict[str, Any]:
    return {"name": f"仓库 {next(_numbers)}", "address": {"province": "浙江", "city": "杭州", "street": "文三路 1 号"}}


def warehouse(town: Town, owner: Client) -> Values:
    """In a shop of its own: there may not be many in one."""
    shop = make.shop(town.owner)
    made = done(owner.post(f"/shops/{shop.id}/warehouses", place()))
    return {"shop_id": str(shop.id), "warehouse_id": made["id"]}


def transfer(values: Values) -> dict[str, Any]:
    return {"warehouse_id": values["warehouse_id"], "sku_ids": [values["sku_id"]]}


def own_shop(town: Town, owner: Client) -> Values:
    return {"shop_id": str(make.shop(town.owner).id)}


def goods_in_warehouse(town: Town, owner: Client) -> Values:
    made = warehouse(town, owner)
    goods = {"shop_id": made["shop_id"], "title": "棉麻衬衫", "skus": [{"price": 100, "stock": 9}]}
    return {**made, "sku_id": done(owner.post("/products", goods))["skus"][0]["id"]}


def sold_out(town: Town, owner: Client) -> Values:
    return {"sku_id": str(make.product(stock=0).sku_id)}


def category(town: Town, owner: Client) -> Values:
    made = in_transaction(lambda: categories.add_category(None, f"分类 {next(_numbers)}").id)
    into = in_transaction(lambda: categories.add_category(None, f"分类 {next(_numbers)}").id)
    return {"category_id": str(made), "into_id": str(into), "name": f"分类 {next(_numbers)}"}


def brand(town: Town, owner: Client) -> Values:
    named = f"品牌 {next(_numbers)}"
    return {"brand_id": str(in_transaction(lambda: brands.add_brand(None, named).id)), "name": f"{named} 新"}


def waiting_goods(town: Town, owner: Client) -> Values:
    """In a category whose goods a moderator looks at."""
    kind = UUID(category(town, owner)["category_id"])
    in_transaction(lambda: categories.change_category(None, kind, {"needs_review": True}).id)
    goods = {"shop_id": str(town.shop.id), "title": "棉麻衬衫", "skus": [{"price": 100}], "category_id": str(kind)}
    made = done(owner.post("/products", goods))
    [seen] = [one for one in in_transaction(lambda: waiting(50, None)[0]) if str(one.product.id) == made["id"]]
    return {"product_id": made["id"], "seen": seen.product.changed_at.isoformat()}
