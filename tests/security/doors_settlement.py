"""Rows of the doors of reviews, take rates, bills and payouts."""

from uuid import UUID, uuid4

from app.core.caller import Caller
from app.core.db import in_transaction
from app.store.reviews.actions import review_line
from tests import make
from tests.client import Client
from tests.make.order import line_ids
from tests.security import orders as of
from tests.security import town as streets
from tests.security.row import ADMIN, OPEN, OWNER, PERSON, Row
from tests.security.town import Town, Values, done

REVIEW = "/reviews/<uuid:review_id>"


def own_review(town: Town, owner: Client) -> Values:
    """What the owner says of the star's goods."""
    made = of.received_order(town, owner)
    sent = {"line_id": made["line_id"], "rating": 5, "text": "很好"}
    return {**made, "review_id": done(owner.post(f"/orders/{made['order_id']}/reviews", sent))["id"]}


def review_at_own_shop(town: Town, owner: Client) -> Values:
    """What somebody says of the owner's goods."""
    goods = streets.own_goods(town, owner)
    who = make.person()
    buyer = town.client.as_(who.token)
    bought = done(buyer.post("/checkouts", {"lines": [{"sku_id": goods["sku_id"], "quantity": 1}]}))
    done(buyer.patch(f"/checkouts/{bought['id']}", {"address": make.ADDRESS}), 200)
    placed = done(buyer.post(f"/checkouts/{bought['id']}/purchase", {}, key=uuid4().hex))
    of.pay(buyer, placed["id"])
    order = UUID(placed["orders"][0]["id"])
    done(owner.post(f"/orders/{order}/packages", {"carrier": "sandbox", "number": str(uuid4())}))
    done(buyer.post(f"/orders/{order}/receipt", {}))
    line = line_ids(order)[0]
    made = in_transaction(lambda: review_line(Caller(person_id=who.id), order, line, 3, "一般"))
    return {"review_id": str(made.id), "shop_id": str(town.shop.id)}


ROWS = [
    Row("GET", "/desk/fees", ADMIN, 200),
    Row("POST", "/desk/fees", ADMIN, 201, body=lambda v: {"rate": 100}),
    Row("GET", "/products/<uuid:product_id>/reviews", OPEN, 200, streets.goods),
    Row(
        "POST",
        "/orders/<uuid:order_id>/reviews",
        OWNER,
        201,
        of.received_order,
        lambda v: {"line_id": v["line_id"], "rating": 4},
    ),
    Row("GET", "/orders/<uuid:order_id>/reviews", OWNER, 200, own_review),
    Row("POST", f"{REVIEW}/follow-up", OWNER, 201, own_review, lambda v: {"text": "仍然好"}),
    Row("PUT", f"{REVIEW}/reply", OWNER, 200, review_at_own_shop, lambda v: {"text": "谢谢"}),
    Row("DELETE", f"{REVIEW}/reply", OWNER, 204, review_at_own_shop),
    Row("PUT", f"{REVIEW}/helpful", PERSON, 204, review_at_own_shop),
    Row("DELETE", f"{REVIEW}/helpful", PERSON, 204, review_at_own_shop),
    Row("GET", "/shops/<uuid:shop_id>/reviews", OWNER, 200, streets.shop),
]
