"""Orders of the attacks: bought and paid over HTTP."""

from uuid import uuid4

from tests import make
from tests.client import Client
from tests.security.town import Town, Values, done, own_goods, purchase


def pay(buyer: Client, purchase_id: str) -> None:
    """Pay it at the sandbox."""
    begun = done(buyer.post(f"/purchases/{purchase_id}/payments", {"gateway": "sandbox"}, key=uuid4().hex))
    done(buyer.post(f"/sandbox/payments/{begun['id']}/outcome", {"outcome": "paid"}), 200)


def paid_order(town: Town, owner: Client) -> Values:
    """An order of the owner's, of another's goods, paid."""
    made = purchase(town, owner)
    pay(owner, made["purchase_id"])
    return made


def sold_and_paid(town: Town, owner: Client) -> Values:
    """A paid order in the owner's shop, bought by a guest who is nobody else here."""
    sku = own_goods(town, owner)["sku_id"]
    bought = done(town.client.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}))
    guest = town.client.as_(bought["guest_token"])
    done(guest.patch(f"/checkouts/{bought['id']}", {"address": make.ADDRESS}), 200)
    placed = done(guest.post(f"/checkouts/{bought['id']}/purchase", {}, key=uuid4().hex))
    pay(guest, placed["id"])
    order = done(guest.get(f"/orders/{placed['orders'][0]['id']}"), 200)
    return {"order_id": order["id"], "line_id": order["lines"][0]["id"], "shop_id": order["shop"]["id"]}
