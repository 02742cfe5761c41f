"""Orders of the attacks: bought and paid over HTTP."""

from uuid import UUID, uuid4

from app.store.orders.models import PICK_UP, Parcel
from tests import make
from tests.client import Client
from tests.make import order
from tests.security.town import Town, Values, done, own_goods, purchase, shop


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
    seen = done(guest.get(f"/orders/{placed['orders'][0]['id']}"), 200)
    return {"order_id": seen["id"], "line_id": seen["lines"][0]["id"], "shop_id": seen["shop"]["id"]}


def sent_order(town: Town, owner: Client) -> Values:
    """An order of the owner's that is on its way."""
    made = paid_order(town, owner)
    seller = town.client.as_(town.star.token)
    sent = done(seller.post(f"/orders/{made['order_id']}/packages", {"carrier": "sandbox", "number": str(uuid4())}))
    return {**made, "package_id": sent["items"][0]["id"]}


def sent_from_own_shop(town: Town, owner: Client) -> Values:
    """A parcel that the owner's shop has sent to a guest."""
    made = sold_and_paid(town, owner)
    number = str(uuid4())
    sent = done(owner.post(f"/orders/{made['order_id']}/packages", {"carrier": "sandbox", "number": number}))
    return {**made, "package_id": sent["items"][0]["id"], "number": number}


def told_parcel(town: Town, owner: Client) -> Values:
    """As above, for its carrier."""
    return {**sent_from_own_shop(town, owner), "name": "sandbox"}


def waits_at_the_counter(town: Town, owner: Client) -> Values:
    """An order that a guest will fetch in the owner's shop, and its code."""
    where = shop(town, owner)["shop_id"]
    goods = [order.line(order.sku(), 100, 1, UUID(where))]
    bought = order.paid(order.purchase(goods, parcels={UUID(where): Parcel(method=PICK_UP)}))
    seen = done(town.client.as_(bought.buyer.token).get(f"/orders/{bought.placed.orders[0].id}/packages"), 200)
    return {"shop_id": where, "code": seen["pick_up_code"]}
