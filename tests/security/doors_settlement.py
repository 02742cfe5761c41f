"""Rows of the doors of reviews, take rates, bills and payouts."""

from uuid import UUID, uuid4

from sqlalchemy import select, text

from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.store.bills.models import Bill
from app.store.reviews.actions import review_line
from tests import make
from tests.client import Client
from tests.make.order import line_ids
from tests.make.settlement import billed
from tests.security import orders as of
from tests.security import town as streets
from tests.security.row import ADMIN, OPEN, OWNER, PERSON, Row
from tests.security.town import Town, Values, done

REVIEW = "/reviews/<uuid:review_id>"
BILL, BATCH = "/shops/<uuid:shop_id>/bills/<uuid:bill_id>", "/desk/payouts/<uuid:batch_id>"
PAYEE = {"channel": "bank_file", "name": "小店", "bank": "招商银行", "account": "62220000111122"}


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


def bill(town: Town, owner: Client) -> Values:
    """A bill of the owner's shop."""
    billed(town.shop.id, 100)
    found = db.session.scalars(select(Bill.id).where(Bill.shop_id == town.shop.id).order_by(Bill.begins.desc())).first()
    return {"shop_id": str(town.shop.id), "bill_id": str(found)}


def payee(town: Town, owner: Client) -> Values:
    done(owner.put(f"/shops/{town.shop.id}/payee", PAYEE), 200)
    return {"shop_id": str(town.shop.id)}


def money_to_pay(town: Town, owner: Client) -> Values:
    """Shops with confirmed bills, one for each that may make a batch of them."""
    made = make.shop()
    done(town.client.as_(made.owner.token).put(f"/shops/{made.id}/payee", PAYEE), 200)
    in_transaction(lambda: db.session.execute(text("UPDATE payouts_payees SET hold_until = now()")))
    billed(made.id, 100)
    return {"shop": str(made.id)}


def batch(town: Town, owner: Client) -> Values:
    """A batch that some other admin has made."""
    wanted = {"channel": "bank_file", "shop_ids": [money_to_pay(town, owner)["shop"]]}
    maker = town.client.as_(make.person(roles=("admin",)).token)
    return {"batch_id": done(maker.post("/desk/payouts", wanted, key=uuid4().hex))["id"]}


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
    Row("PATCH", REVIEW, OWNER, 200, own_review, lambda v: {"text": "换过了，好"}),
    Row("DELETE", REVIEW, OWNER, 204, own_review),
    Row("POST", f"{REVIEW}/follow-up", OWNER, 201, own_review, lambda v: {"text": "仍然好"}),
    Row("POST", f"{REVIEW}/reports", PERSON, 201, review_at_own_shop, lambda v: {"reason": "广告"}),
    Row("PUT", f"{REVIEW}/reply", OWNER, 200, review_at_own_shop, lambda v: {"text": "谢谢"}),
    Row("DELETE", f"{REVIEW}/reply", OWNER, 204, review_at_own_shop),
    Row("PUT", f"{REVIEW}/helpful", PERSON, 204, review_at_own_shop),
    Row("DELETE", f"{REVIEW}/helpful", PERSON, 204, review_at_own_shop),
    Row("GET", "/shops/<uuid:shop_id>/reviews", OWNER, 200, streets.shop),
    Row("GET", "/shops/<uuid:shop_id>/bills", OWNER, 200, streets.shop),
    Row("GET", BILL, OWNER, 200, bill),
    Row("POST", f"{BILL}/confirmation", OWNER, 201, bill),
    Row("GET", "/shops/<uuid:shop_id>/bill-terms", OWNER, 200, streets.shop),
    Row("PUT", "/shops/<uuid:shop_id>/bill-terms", OWNER, 200, streets.shop, lambda v: {"period": "week"}),
    Row("GET", "/shops/<uuid:shop_id>/payee", OWNER, 200, payee),
    Row("PUT", "/shops/<uuid:shop_id>/payee", OWNER, 200, streets.shop, lambda v: PAYEE),
    Row("GET", "/desk/payouts", ADMIN, 200),
    Row("POST", "/desk/payouts", ADMIN, 201, money_to_pay, lambda v: {"channel": "bank_file", "shop_ids": [v["shop"]]}),
    Row("GET", BATCH, ADMIN, 200, batch),
    Row("POST", f"{BATCH}/approval", ADMIN, 201, batch),
    Row("POST", f"{BATCH}/rejection", ADMIN, 201, batch, lambda v: {"why": "账户存疑"}),
]
