"""Makers of goods, stock and their like, for the matrices of doors and pages (as tests/security/town.py)."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.caller import GUEST, PERSON, Ref
from app.core.clock import iso
from app.core.db import in_transaction
from app.core.guests import guest_of
from app.core.ids import new_id
from app.store.brands import actions as brands
from app.store.categories import actions as categories
from app.store.curation.queries import waiting
from app.store.vouchers.actions import issue
from app.store.vouchers.models import Issue
from app.store.vouchers.queries import vouchers_of_line
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
    made = in_transaction(lambda: categories.add_category(None, f"分类 {next(_numbers)}", position=5).id)
    into = in_transaction(lambda: categories.add_category(None, f"分类 {next(_numbers)}", position=5).id)
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


def _of_kind(town: Town, owner: Client, kind: str) -> Values:
    body = {"shop_id": str(town.shop.id), "title": "下午茶", "skus": [{"price": 9900}], "goods_kind": kind}
    body |= {"state": "draft"} if kind == "virtual" else {}
    made = done(owner.post("/products", body))
    return {"product_id": made["id"], "sku_id": made["skus"][0]["id"], "shop_id": str(town.shop.id)}


def virtual(town: Town, owner: Client) -> Values:
    return _of_kind(town, owner, "virtual")


def service(town: Town, owner: Client) -> Values:
    return _of_kind(town, owner, "service")


def tomorrow() -> str:
    return iso(clock.now() + timedelta(days=1, seconds=next(_numbers)))


def voucher(town: Town, owner: Client) -> Values:
    """Of the one who asks, of a service of the owner's shop with a slot that is free."""
    made = service(town, town.client.as_(town.owner.token))
    done(
        town.client.as_(town.owner.token).post(f"/skus/{made['sku_id']}/slots", {"starts": [tomorrow()], "capacity": 9})
    )
    [slot] = done(town.client.get(f"/skus/{made['sku_id']}/slots"), 200)["items"]
    guest = guest_of(owner.token)
    buyer = Ref(GUEST, guest) if guest else Ref(PERSON, town.owner.id)
    ids = {name: UUID(made[name]) for name in ("sku_id", "product_id", "shop_id")}
    line = new_id()
    in_transaction(lambda: issue(line, 1, buyer, Issue(**ids, title="下午茶", sku_name="默认")))
    found = in_transaction(lambda: [(one.id, one.code) for one in vouchers_of_line(line)])
    return {**made, "voucher_id": str(found[0][0]), "code": found[0][1], "slot_id": slot["id"]}


def redemption(town: Town, owner: Client) -> Values:
    made = voucher(town, owner)
    answer = done(owner.post(f"/shops/{made['shop_id']}/redemptions", {"code": made["code"]}))
    return {**made, "redemption_id": answer["id"]}


CSV = "external_id,title,price\nA1,红杯,12.50\n".encode()


def goods_import(town: Town, owner: Client) -> Values:
    made = own_shop(town, owner)
    sent = owner.send("POST", f"/shops/{made['shop_id']}/imports", **make.upload_form(CSV, "goods.csv"))
    return {**made, "import_id": done(sent)["id"]}


def goods_export(town: Town, owner: Client) -> Values:
    made = own_shop(town, owner)
    return {**made, "export_id": done(owner.post(f"/shops/{made['shop_id']}/exports"))["id"]}


def goods(town: Town, owner: object) -> Values:
    """Goods of the owner's, made past the doors: a browser has no bearer."""
    made = make.product(make.shop(town.owner), price=100, stock=9)
    return {"product_id": str(made.id), "sku_id": str(made.sku_id), "shop_id": str(made.shop.id)}
