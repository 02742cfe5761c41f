"""Rows of second-hand: its doors, and its pages as guests open them."""

from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.store.catalogue.actions import change_sku
from app.store.shops.models import ARTICLES
from tests import make
from tests.client import Client
from tests.security.orders import pay
from tests.security.row import ANYONE, MODERATOR, OPEN, OWNER, PERSON, Row
from tests.security.town import Town, Values, done

ALL, ONE, WORDS = "/second-hand", "/second-hand/<uuid:article_id>", "/desk/prohibited-words"
_numbers = count(1)


def saying(values: Values) -> dict[str, Any]:
    return {
        "title": f"旧自行车 {next(_numbers)}",
        "condition": "good",
        "way": "meet",
        "price": 20_000,
        "place": {"province": "浙江", "city": "杭州", "district": "西湖"},
    }


def article(town: Town, owner: Client, way: str = "meet") -> Values:
    """For sale by the owner, whose other articles are of another day, and but the newest ten off."""
    seller = town.client.as_(town.owner.token)
    for older in (
        "UPDATE secondhand_articles SET listed_at = listed_at - interval '2 days'",
        "UPDATE secondhand_articles SET state = 'off' WHERE state = 'open' AND purchase_id IS NULL AND id NOT IN"
        " (SELECT id FROM secondhand_articles ORDER BY listed_at DESC, id DESC LIMIT 10)",
    ):
        in_transaction(lambda older=older: db.session.execute(text(older)))
    made = done(seller.post(ALL, {**saying({}), "way": way}))
    return {"article_id": made["id"], "sku_id": made["sku_id"]}


def articles_enough(town: Town, owner: Client) -> Values:
    """With stock for each visitor: none of them has ordered it."""
    made = article(town, owner)
    seller, sku_id = Caller(person_id=town.owner.id), UUID(made["sku_id"])
    in_transaction(lambda: change_sku(seller, sku_id, ARTICLES, stock=9))
    return made


def article_off(town: Town, owner: Client) -> Values:
    made = article(town, owner)
    done(town.client.as_(town.owner.token).post(f"{ALL}/{made['article_id']}/withdrawal", {}))
    return made


def sold(town: Town, owner: Client, way: str = "meet") -> Values:
    """Bought and paid by a guest, with the code that he shows."""
    made = article(town, owner, way)
    opened = done(town.client.post("/checkouts", {"lines": [{"sku_id": made["sku_id"], "quantity": 1}]}))
    guest = town.client.as_(opened["guest_token"])
    done(guest.patch(f"/checkouts/{opened['id']}", {"address": make.ADDRESS}), 200)
    placed = done(guest.post(f"/checkouts/{opened['id']}/purchase", {}, key=uuid4().hex))
    pay(guest, placed["id"])
    parcels = done(guest.get(f"/orders/{placed['orders'][0]['id']}/packages"), 200)
    return {**made, "code": parcels["pick_up_code"] or ""}


def to_send(town: Town, owner: Client) -> Values:
    return sold(town, owner, "parcel")


def word(town: Town, owner: Client) -> Values:
    made = done(town.as_("moderator").post(WORDS, {"word": f"违禁 {uuid4().hex}"}))
    return {"word_id": made["id"]}


def new_word(values: Values) -> dict[str, str]:
    return {"word": f"违禁 {uuid4().hex}"}


ROWS = [
    Row("POST", ALL, PERSON, 201, body=saying),
    Row("GET", ALL, OPEN, 200),
    Row("GET", ONE, ANYONE, 200, article),
    Row("PUT", ONE, OWNER, 200, article, saying),
    Row("POST", f"{ONE}/withdrawal", OWNER, 201, article),
    Row("POST", f"{ONE}/relisting", OWNER, 201, article_off),
    Row("GET", "/me/second-hand", PERSON, 200),
    Row("POST", f"{ONE}/reports", PERSON, 201, article, lambda v: {"reason": "假货"}),
    Row("GET", WORDS, MODERATOR, 200),
    Row("POST", WORDS, MODERATOR, 201, body=new_word),
    Row("DELETE", f"{WORDS}/<uuid:word_id>", MODERATOR, 204, word),
]
PAGES = [
    Row("GET", ALL, OPEN, 200),
    Row("GET", ONE, OPEN, 200, article),
    Row("POST", f"{ONE}/checkout", OPEN, 303, articles_enough, lambda v: {"id": str(new_id())}),
]
