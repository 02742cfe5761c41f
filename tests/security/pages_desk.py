"""Pages of a shop's desk: orders, parcels, after-sales, reviews, money; and what admins and moderators do with them."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.bills.models import Bill
from app.store.delivery.queries import pick_up_code_of
from app.store.orders.models import PICK_UP, Parcel
from app.store.payouts.actions import enter_payee, make_batch
from app.store.reviews.actions import reply
from tests import make
from tests.make import order as bought
from tests.make.settlement import billed
from tests.merchant import Merchant
from tests.security.pages import ADMIN, MODERATOR, OWNER, PageRow
from tests.security.town import Town, Values


def desk(town: Town) -> Merchant:
    """A shop of the owner's."""
    return Merchant(town.app, make.shop(town.owner))


def shop(town: Town, owner: Any) -> Values:
    return {"shop_id": str(make.shop(town.owner).id)}


def paid(town: Town, owner: Any) -> Values:
    made = desk(town)
    order_id = made.sold()
    return {"shop_id": str(made.shop.id), "order_id": str(order_id), "line_id": str(bought.line_ids(order_id)[0])}


def waits_at_the_counter(town: Town, owner: Any) -> Values:
    made = desk(town)
    order_id = made.sold(parcels={made.shop.id: Parcel(method=PICK_UP)})
    code = in_transaction(lambda: pick_up_code_of(order_id))
    return {"shop_id": str(made.shop.id), "code": str(code)}


def case(town: Town, owner: Any) -> Values:
    return {"case_id": str(desk(town).case())}


def case_sent_back(town: Town, owner: Any) -> Values:
    return {"case_id": str(desk(town).case_sent_back())}


def dispute(town: Town, owner: Any) -> Values:
    return {"case_id": str(Merchant(town.app).dispute())}


def review(town: Town, owner: Any) -> Values:
    made = desk(town)
    return {"shop_id": str(made.shop.id), "review_id": str(made.reviewed())}


def replied(town: Town, owner: Any) -> Values:
    made = review(town, owner)
    in_transaction(lambda: reply(Caller(person_id=town.owner.id), UUID(made["review_id"]), "谢谢"))
    return made


def bill(town: Town, owner: Any) -> Values:
    made = make.shop(town.owner)
    billed(made.id, 100)
    found = in_transaction(lambda: db.session.scalars(select(Bill.id).where(Bill.shop_id == made.id)).one())
    return {"shop_id": str(made.id), "bill_id": str(found)}


def money_to_pay(town: Town, owner: Any) -> Values:
    made = make.shop()
    payee = ("bank_file", "小店", "招商银行", "62220000111122")
    in_transaction(lambda: enter_payee(Caller(person_id=made.owner.id), made.id, *payee))
    in_transaction(lambda: db.session.execute(text("UPDATE payouts_payees SET hold_until = now()")))
    billed(made.id, 100)
    return {}


def batch(town: Town, owner: Any) -> Values:
    """A batch that some other admin has made."""
    money_to_pay(town, owner)
    maker = Caller(person_id=make.person(roles=("admin",)).id)
    return {"batch_id": str(in_transaction(lambda: make_batch(maker, "bank_file").id))}


def parcel(values: Values) -> dict[str, str]:
    return {"carrier": "sandbox", "number": uuid4().hex, f"units-{values['line_id']}": "1"}


def parcels(values: Values) -> dict[str, str]:
    return {"carrier": "sandbox", f"number-{values['order_id']}": uuid4().hex}


def sheet(values: Values) -> dict[str, Any]:
    rows = f"order,carrier,number\n{values['order_id']},sandbox,{uuid4().hex}\n"
    return {"file": (BytesIO(rows.encode()), "parcels.csv")}


def because(values: Values) -> dict[str, str]:
    return {"words": "不同意"}


SHOP, ORDER = "/portal/shops/<uuid:shop_id>", "/portal/orders/<uuid:order_id>"
CASE, BILL = "/portal/aftersales/<uuid:case_id>", f"{SHOP}/bills/<uuid:bill_id>"
REPLY = f"{SHOP}/reviews/<uuid:review_id>/reply"
BATCH, DISPUTE = "/admin/payouts/<uuid:batch_id>", "/admin/aftersales/<uuid:case_id>"
PAYEE = {"channel": "bank_file", "name": "小店", "bank": "招商银行", "account": "62220000111122"}
ROWS = [
    PageRow("GET", f"{SHOP}/orders.csv", OWNER, own=paid),
    PageRow("POST", f"{ORDER}/packages", OWNER, 303, paid, parcel),
    PageRow("POST", f"{ORDER}/cancellation", OWNER, 303, paid, lambda v: {"id": str(new_id()), "reason": "缺货"}),
    PageRow("GET", f"{SHOP}/shipping", OWNER, own=paid),
    PageRow("GET", f"{SHOP}/shipping.csv", OWNER, own=paid),
    PageRow("POST", f"{SHOP}/shipping", OWNER, 200, paid, parcels),
    PageRow("POST", f"{SHOP}/shipping/sheet", OWNER, 200, paid, sheet),
    PageRow("POST", f"{SHOP}/pick-ups", OWNER, 303, waits_at_the_counter, lambda v: {"code": v["code"]}),
    PageRow("GET", f"{SHOP}/aftersales", OWNER, own=shop),
    PageRow("GET", CASE, OWNER, own=case),
    PageRow("POST", f"{CASE}/approval", OWNER, 303, case, lambda v: {"words": ""}),
    PageRow("POST", f"{CASE}/refusal", OWNER, 303, case, because),
    PageRow("POST", f"{CASE}/arrival", OWNER, 303, case_sent_back, lambda v: {"is_sellable": "true"}),
    PageRow("GET", f"{SHOP}/return-policy", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/return-policy", OWNER, 303, shop, lambda v: {"address": "杭州仓"}),
    PageRow("GET", f"{SHOP}/reviews", OWNER, own=shop),
    PageRow("POST", REPLY, OWNER, 303, review, lambda v: {"text": "谢谢"}),
    PageRow("POST", f"{REPLY}/removal", OWNER, 303, replied),
    PageRow("GET", f"{SHOP}/bills", OWNER, own=shop),
    PageRow("GET", BILL, OWNER, own=bill),
    PageRow("GET", f"{BILL}/entries.csv", OWNER, own=bill),
    PageRow("POST", f"{BILL}/confirmation", OWNER, 303, bill),
    PageRow("POST", f"{SHOP}/bill-terms", OWNER, 303, shop, lambda v: {"period": "month"}),
    PageRow("GET", f"{SHOP}/payee", OWNER, own=shop),
    PageRow("POST", f"{SHOP}/payee", OWNER, 303, shop, lambda v: PAYEE),
    PageRow("GET", "/admin/fees", ADMIN),
    PageRow("POST", "/admin/fees", ADMIN, 303, form=lambda v: {"id": str(new_id()), "rate": "5"}),
    PageRow("GET", "/admin/payouts", ADMIN),
    PageRow(
        "POST", "/admin/payouts", ADMIN, 303, money_to_pay, lambda v: {"id": str(new_id()), "channel": "bank_file"}
    ),
    PageRow("GET", BATCH, ADMIN, own=batch),
    PageRow("POST", f"{BATCH}/approval", ADMIN, 303, batch),
    PageRow("POST", f"{BATCH}/rejection", ADMIN, 303, batch, lambda v: {"why": "账户存疑"}),
    PageRow("GET", "/admin/aftersales", MODERATOR),
    PageRow("GET", DISPUTE, MODERATOR, own=dispute),
    PageRow("POST", f"{DISPUTE}/decision", MODERATOR, 303, dispute, lambda v: {"outcome": "rejected", "words": "不足"}),
]
RIGHTS = {
    "orders.csv": "see",
    "packages": "ship",
    "cancellation": "serve",
    "shipping": "ship",
    "shipping.csv": "ship",
    "sheet": "ship",
    "pick-ups": "ship",
    "aftersales": "see",
    "<uuid:case_id>": "see",
    "approval": "serve",
    "refusal": "serve",
    "arrival": "serve",
    "reviews": "see",
    "reply": "serve",
    "removal": "serve",
    "bills": "bills",
    "<uuid:bill_id>": "bills",
    "entries.csv": "bills",
    "confirmation": "money",
    "bill-terms": "money",
    "payee": "money",
}
"""For the end of each address of a shop's desk the right that it asks of those who work there; of the return policy it
is "see" to read and "returns" to change."""


def right_of(row: PageRow) -> str:
    end = row.rule.rpartition("/")[2]
    if end == "return-policy":
        return "see" if row.method == "GET" else "returns"
    return RIGHTS[end]
