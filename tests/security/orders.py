"""Orders of the attacks: bought and paid over HTTP."""

from uuid import UUID, uuid4

from app.core.db import in_transaction
from app.store.orders.models import PICK_UP, Parcel
from app.store.returns.actions import set_policy
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


def received_order(town: Town, owner: Client) -> Values:
    """An order of the owner's that has arrived, and its line."""
    made = sent_order(town, owner)
    done(owner.post(f"/orders/{made['order_id']}/receipt", {}))
    seen = done(owner.get(f"/orders/{made['order_id']}"), 200)
    return {**made, "line_id": seen["lines"][0]["id"]}


def _case(buyer: Client, made: Values, kind: str) -> Values:
    asked = {"kind": kind, "reason": "damaged", "lines": [{"line_id": made["line_id"], "units": 1}]}
    opened = done(buyer.post(f"/orders/{made['order_id']}/aftersales", asked, key=uuid4().hex))
    in_transaction(lambda: set_policy(UUID(opened["shop_id"]), "杭州仓 1 号", False).shop_id)
    return {**made, "case_id": opened["id"]}


def _step(who: Client, made: Values, step: str, sent: dict[str, str]) -> Values:
    done(who.post(f"/aftersales/{made['case_id']}/{step}", sent, key=uuid4().hex))
    return made


def own_case(town: Town, owner: Client) -> Values:
    """A case that the owner has opened at the star's shop."""
    return _case(owner, received_order(town, owner), "return")


def agreed_case(town: Town, owner: Client) -> Values:
    return _step(town.client.as_(town.star.token), own_case(town, owner), "approval", {})


def refused_case(town: Town, owner: Client) -> Values:
    return _step(town.client.as_(town.star.token), own_case(town, owner), "refusal", {"words": "已使用"})


def disputed_case(town: Town, owner: Client) -> Values:
    return _step(owner, refused_case(town, owner), "appeal", {"words": "没有"})


def case_at_own_shop(town: Town, owner: Client) -> Values:
    """A case that a guest has opened at the owner's shop."""
    sku = own_goods(town, owner)["sku_id"]
    bought = done(town.client.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}))
    guest = town.client.as_(bought["guest_token"])
    done(guest.patch(f"/checkouts/{bought['id']}", {"address": make.ADDRESS}), 200)
    placed = done(guest.post(f"/checkouts/{bought['id']}/purchase", {}, key=uuid4().hex))
    pay(guest, placed["id"])
    order_id = placed["orders"][0]["id"]
    done(owner.post(f"/orders/{order_id}/packages", {"carrier": "sandbox", "number": str(uuid4())}))
    seen = done(guest.get(f"/orders/{order_id}"), 200)
    return _case(guest, {"order_id": order_id, "line_id": seen["lines"][0]["id"], "guest": guest.token}, "return")


def case_sent_back(town: Town, owner: Client) -> Values:
    made = _step(owner, case_at_own_shop(town, owner), "approval", {})
    parcel = {"carrier": "sandbox", "number": str(uuid4())}
    return _step(town.client.as_(made["guest"]), made, "parcel", parcel)
