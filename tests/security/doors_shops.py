"""Doors of shops: who works there, papers, page, deposit, resale, light stores."""

from typing import Any

from app.core.caller import Ref
from app.core.db import in_transaction
from app.core.ids import new_id
from app.store.deposits.actions import take_penalty
from app.store.shops.models import PACKER, READER
from tests import make
from tests.client import Client
from tests.security.row import OPEN, OWNER, PERSON, Row
from tests.security.town import Town, Values, done

SHOP = "/shops/<uuid:shop_id>"


def shop(town: Town, owner: Client) -> Values:
    return {"shop_id": str(town.shop.id)}


def worker(town: Town, owner: Client) -> Values:
    return {**shop(town, owner), "person_id": str(make.worker(town.shop, PACKER).id)}


def somebody(town: Town, owner: Client) -> Values:
    return {**shop(town, owner), "username": make.person().username}


def invitation(town: Town, owner: Client) -> Values:
    """One that the owner's shop has sent."""
    made = somebody(town, owner)
    body = {"username": made["username"], "role": PACKER}
    return {**made, "invitation_id": done(owner.post(f"/shops/{made['shop_id']}/staff", body))["id"]}


def invitation_for_the_owner(town: Town, owner: Client) -> Values:
    """One from another shop, which the owner is to answer."""
    other = make.shop()
    body = {"username": town.owner.username, "role": PACKER}
    path = f"/shops/{other.id}/staff"
    return {"invitation_id": done(town.client.as_(other.owner.token).post(path, body))["id"]}


def papers(town: Town, owner: Client) -> Values:
    """What a new shop of the owner's says of itself."""
    made = make.shop(town.owner)
    return {"shop_id": str(made.id), **make.papers(made)}


def application(town: Town, owner: Client) -> Values:
    made = make.shop(town.owner)
    return {"shop_id": str(made.id), "application_id": str(make.application(made))}


def page(town: Town, owner: Client) -> Values:
    made = make.shop(town.owner)
    return {"shop_id": str(made.id), "upload": str(make.upload(town.owner)), "product_id": str(make.product(made).id)}


def _arranging(values: Values) -> dict[str, Any]:
    banner = {"upload": values["upload"], "alt": "新品", "link": {"kind": "product", "id": values["product_id"]}}
    section = {"title": "新品", "sort": "goods", "goods": [values["product_id"]]}
    content = {"banners": [banner], "featured": [values["product_id"]], "sections": [section]}
    return {"theme": "tea", "tagline": "好茶", "content": content}


def penalty(town: Town, owner: Client) -> Values:
    """Of a shop of its own, whose deposit covers it: so each is taken whole, whatever was taken before."""
    made, about = make.shop(town.owner), Ref("order", new_id())
    make.deposit(made, 500)
    taken = in_transaction(lambda: take_penalty(made.id, 500, "迟发", about))
    return {"shop_id": str(made.id), "penalty_id": str(taken)}


def surplus(town: Town, owner: Client) -> Values:
    """A shop with a deposit that nobody requires."""
    made = make.shop(town.owner)
    make.deposit(made, 5000)
    return {"shop_id": str(made.id)}


def supplier(town: Town, owner: Client) -> Values:
    """A supplier of the owner's, and goods of his that nobody may resell yet."""
    made = make.shop(town.owner)
    make.approved(made, "supplier")
    return {"shop_id": str(made.id), "sku_id": str(make.product(made).sku_id)}


def offered(town: Town, owner: Client) -> Values:
    """Goods of a supplier, and a shop of the owner's that may resell them."""
    return {**shop(town, owner), "sku_id": str(make.offered().sku_id)}


def _offering(values: Values) -> dict[str, Any]:
    return {"supply_price": 5000, "floor_price": 8000}


def _reselling(values: Values) -> dict[str, Any]:
    return {"goods": [{"sku_id": values["sku_id"], "price": 9000}]}


def light_store(town: Town, owner: Client) -> Values:
    body = {"template": "plain", "name": "青山", "slug": f"shop-{new_id().hex[-12:]}"}
    return {"shop_id": done(owner.post("/lightstores", body))["id"]}


def key(town: Town, owner: Client) -> Values:
    made = make.shop(town.owner)
    body = {"name": "ERP", "role": READER}
    return {"shop_id": str(made.id), "key_id": done(owner.post(f"/shops/{made.id}/keys", body))["id"]}


def new_shop(town: Town, owner: Client) -> Values:
    return {"shop_id": str(make.shop(town.owner).id)}


def _light_store(values: Values) -> dict[str, Any]:
    goods = {"format": "jsonl", "text": '{"id": "1", "title": "cup", "price": 5}'}
    return {"template": "plain", "name": "青山", "slug": f"shop-{new_id().hex[-12:]}", "goods": goods}


def _filing(values: Values) -> dict[str, Any]:
    return {"about": "shop", "answers": {name: one for name, one in values.items() if name != "shop_id"}}


def _hiring(values: Values) -> dict[str, Any]:
    return {"username": values["username"], "role": PACKER}


ROWS = [
    Row("GET", f"{SHOP}/staff", OWNER, 200, shop),
    Row("POST", f"{SHOP}/staff", OWNER, 201, somebody, _hiring),
    Row("PATCH", f"{SHOP}/staff/<uuid:person_id>", OWNER, 204, worker, lambda v: {"role": READER}),
    Row("DELETE", f"{SHOP}/staff/<uuid:person_id>", OWNER, 204, worker),
    Row("GET", f"{SHOP}/invitations", OWNER, 200, shop),
    Row("DELETE", f"{SHOP}/invitations/<uuid:invitation_id>", OWNER, 204, invitation),
    Row("GET", "/me/invitations", PERSON, 200),
    Row("POST", "/me/invitations/<uuid:invitation_id>/acceptance", OWNER, 204, invitation_for_the_owner),
    Row("POST", "/me/invitations/<uuid:invitation_id>/refusal", OWNER, 204, invitation_for_the_owner),
    Row("GET", f"{SHOP}/deposit", OWNER, 200, shop),
    Row("POST", f"{SHOP}/deposit/payments", OWNER, 201, shop, lambda v: {"amount": 10_000, "gateway": "sandbox"}),
    Row("POST", f"{SHOP}/deposit/withdrawals", OWNER, 201, surplus, lambda v: {"amount": 1000}),
    Row("GET", f"{SHOP}/penalties", OWNER, 200, shop),
    Row("POST", f"{SHOP}/penalties/<uuid:penalty_id>/appeal", OWNER, 201, penalty, lambda v: {"words": "已经发货"}),
    Row("GET", f"{SHOP}/supplier", OWNER, 200, supplier),
    Row("GET", "/resale-offers", PERSON, 200),
    Row("GET", f"{SHOP}/resale-offers", OWNER, 200, shop),
    Row("PUT", "/skus/<uuid:sku_id>/resale-offer", OWNER, 204, supplier, _offering),
    Row("DELETE", "/skus/<uuid:sku_id>/resale-offer", OWNER, 204, supplier),
    Row("POST", f"{SHOP}/resold", OWNER, 201, offered, _reselling),
    Row("POST", "/personal-shops", PERSON, 201, offered, lambda v: {"name": "小店", **_reselling(v)}),
    Row("POST", "/lightstores", PERSON, 201, body=_light_store),
    Row("GET", f"{SHOP}/lightstore", OWNER, 200, light_store),
    Row("PATCH", f"{SHOP}/lightstore", OWNER, 200, light_store, lambda v: {"in_mall": True}),
    Row("GET", f"{SHOP}/keys", OWNER, 200, shop),
    Row("POST", f"{SHOP}/keys", OWNER, 201, new_shop, lambda v: {"name": "ERP", "role": READER}),
    Row("DELETE", f"{SHOP}/keys/<uuid:key_id>", OWNER, 204, key),
    Row("PATCH", SHOP, OWNER, 200, new_shop, lambda v: {"name": "新名"}),
    Row("GET", f"{SHOP}/page", OPEN, 200, shop),
    Row("GET", f"{SHOP}/page/arrangement", OWNER, 200, shop),
    Row("PUT", f"{SHOP}/page", OWNER, 200, page, _arranging),
    Row("GET", f"{SHOP}/applications", OWNER, 200, shop),
    Row("POST", f"{SHOP}/applications", OWNER, 201, papers, _filing),
    Row("GET", f"{SHOP}/applications/<uuid:application_id>", OWNER, 200, application),
]
