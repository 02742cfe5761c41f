"""Things of the attacks that have to do with prices: addresses, carts, freight, promotions, coupons, invoices."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from app.core.guests import new_guest_token
from tests import make
from tests.client import Client
from tests.security.orders import pay
from tests.security.town import Town, Values, _give_up_unpaid, done, goods, own_goods

_numbers = count(1)
RULES = [{"first_price": 800, "free_amount": 9_900}, {"regions": ["新疆"], "first_price": 2_000}]
INVOICE = {"kind": "personal", "title": "林小满", "email": "lin@example.com"}


def window() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"starts_at": (now - timedelta(hours=1)).isoformat(), "ends_at": (now + timedelta(days=9)).isoformat()}


def rule(kind: str = "percentage") -> dict[str, Any]:
    """The body of a promotion that nobody's basket here meets: what others measure stays as it is."""
    terms = {"off": 100} if kind == "percentage" else {"tiers": [{"above": 10**9, "off": 1}]}
    return {"kind": kind, "name": f"活动 {next(_numbers)}", "terms": terms, "min_spend": 10**9, **window()}


def batch(kind: str = "shop_reduction") -> dict[str, Any]:
    return {**rule(kind), "quantity": 1000, "per_person": 100}


def address(town: Town, owner: Client) -> Values:
    known = done(owner.get("/me/addresses"), 200)["items"]
    for old in known[10:]:
        done(owner.delete(f"/me/addresses/{old['id']}"), 204)
    if not known:  # his first one is his default, as no other is
        done(owner.post("/me/addresses", make.ADDRESS))
    return {"address_id": done(owner.post("/me/addresses", make.ADDRESS))["id"]}


def cart_line(town: Town, owner: Client) -> Values:
    return {"line_id": done(owner.post("/cart/lines", {"sku_id": str(town.goods.sku_id)}))["id"]}


def for_the_cart(town: Town, owner: Client) -> Values:
    """Goods that nobody has in his cart yet: quantities add up."""
    return own_goods(town, town.client.as_(town.owner.token))


def guest_token(town: Town, owner: Client) -> Values:
    return {"guest_token": new_guest_token()}


def to_buy(town: Town, owner: Client) -> Values:
    _give_up_unpaid(owner)
    return {**goods(town, owner), "code": town.fame.codes[0]}


def open_page(town: Town, owner: Client) -> Values:
    _give_up_unpaid(owner)
    body = {"address": make.ADDRESS, "pay": False}
    placed = done(owner.post(f"/skus/{town.goods.sku_id}/purchase", body, key=uuid4().hex))
    return {"token": placed["page"].removeprefix("/o/")}


def freight(town: Town, owner: Client) -> Values:
    """A template beside the shop's default one."""
    path = f"/shops/{town.shop.id}/freight"
    if not done(owner.get(path), 200)["items"]:
        done(owner.post(path, {"name": "默认", "unit": "piece", "rules": RULES}))
    for old in done(owner.get(path), 200)["items"][1:-5]:
        done(owner.delete(f"{path}/{old['id']}"), 204)
    made = done(owner.post(path, {"name": "全国", "unit": "piece", "rules": RULES}))
    product = own_goods(town, owner)["product_id"]
    return {"shop_id": str(town.shop.id), "template_id": made["id"], "product": product}


def promotion(town: Town, owner: Client) -> Values:
    made = done(owner.post(f"/shops/{town.shop.id}/promotions", rule()))
    return {"shop_id": str(town.shop.id), "promotion_id": made["id"]}


def platform_promotion(town: Town, owner: Client) -> Values:
    return {"promotion_id": done(town.as_("admin").post("/desk/promotions", rule()))["id"]}


def coupons(town: Town, owner: Client) -> Values:
    path = f"/shops/{town.shop.id}/coupons"
    made = done(owner.post(path, batch()))
    done(owner.patch(f"{path}/{made['id']}", {"state": "running"}), 200)
    return {"shop_id": str(town.shop.id), "batch_id": made["id"], "person": str(town.star.id)}


def platform_coupons(town: Town, owner: Client) -> Values:
    admin = town.as_("admin")
    made = done(admin.post("/desk/coupons", batch("platform_reduction")))
    done(admin.patch(f"/desk/coupons/{made['id']}", {"state": "running"}), 200)
    return {"batch_id": made["id"], "person": str(town.star.id)}


def invoiced(town: Town, owner: Client) -> Values:
    """An order of the owner's with an invoice asked for, of another's goods."""
    made = done(owner.post("/checkouts", {"lines": [{"sku_id": str(town.goods.sku_id), "quantity": 1}]}))
    done(owner.patch(f"/checkouts/{made['id']}", {"address": make.ADDRESS, "invoice": INVOICE}), 200)
    _give_up_unpaid(owner)
    placed = done(owner.post(f"/checkouts/{made['id']}/purchase", {}, key=uuid4().hex))
    return {"order_id": placed["orders"][0]["id"]}


def sold_with_invoice(town: Town, owner: Client) -> Values:
    """A paid order in the owner's shop, of which a guest wants an invoice."""
    sku = own_goods(town, owner)["sku_id"]
    guest = town.client.as_(new_guest_token())
    body = {"address": make.ADDRESS, "invoice": INVOICE, "pay": False}
    placed = done(guest.post(f"/skus/{sku}/purchase", body, key=uuid4().hex))
    pay(guest, placed["id"])
    return {"order_id": placed["orders"][0]["id"]}
