"""The people of the attacks, one of every sort, and the things that they own, made afresh over HTTP."""

import re
from itertools import count
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core.db import db, in_transaction
from app.core.guests import new_guest_token
from app.people.accounts.actions import suspend_person
from tests import make
from tests.client import Client
from tests.make.person import Made

DEAD = ("suspended", "signed out", "expired", "unknown", "forged guest")
"""Tokens that once were somebody's, or never were."""
PERSONS = ("another", "kol", "seller", "moderator", "admin")
ROLES = ("stranger", "guest", *PERSONS, *DEAD)
_numbers = count(1)


def done(answer: TestResponse, status: int = 201) -> Any:
    """The JSON of an answer that must have this status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.path}: {answer.text}"
    return answer.get_json(silent=True)


class Town:
    """`tokens` by role; `owner` owns what the attacks are about, `guest_owner` what guests may own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = Client(app)
        self.owner = make.person("安安")
        self.guest_owner = new_guest_token()
        self.people = {
            "another": make.person("路人"),
            "kol": make.person("达人", roles=("kol",)),
            "seller": make.person("同行"),
            "moderator": make.person("版主", roles=("moderator",)),
            "admin": make.person("管理", roles=("admin",)),
        }
        self.shop = make.shop(self.owner)
        make.shop(self.people["seller"])
        self.star = make.person("明星")
        self.goods = make.product(make.shop(self.star), stock=100_000)
        self.fame = make.post(self.star, [self.goods])
        live = {role: one.token for role, one in self.people.items()}
        self.tokens = {"stranger": "", "guest": new_guest_token(), **live, **self._dead_tokens()}

    def _dead_tokens(self) -> dict[str, str]:
        suspended, signed_out, expired = (make.person() for _ in range(3))
        in_transaction(lambda: suspend_person(suspended.id, None, "spam"))
        done(self.client.as_(signed_out.token).delete("/sessions/current"), 204)
        lapse = "UPDATE accounts_sessions SET access_expires_at = now() - interval '1 second' WHERE person_id = :id"
        in_transaction(lambda: db.session.execute(text(lapse), {"id": expired.id}))
        forged = new_guest_token()
        tokens = (suspended.token, signed_out.token, expired.token, "ab" + "x" * 43, forged[:-4] + "0000")
        return dict(zip(DEAD, tokens, strict=True))

    def as_(self, role: str) -> Client:
        return self.client.as_(self.tokens[role])

    def signed_in_again(self, role: str) -> Client:
        """The same person in a session of its own, that may be ended."""
        if role not in self.people:
            return self.as_(role)
        person = self.people[role]
        body = {"username": person.username, "password": person.password}
        return self.client.as_(done(self.client.post("/sessions", body))["access_token"])


# What follows are makers: each makes a thing of `owner`'s and answers the values of the door's path and body.

Values = dict[str, str]


def path_of(rule: str, values: Values) -> str:
    """The address of a route, its places filled."""
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: values[found[1]], rule)


def nothing(town: Town, owner: Client) -> Values:
    return {}


def star(town: Town, owner: Client) -> Values:
    return {"person_id": str(town.star.id)}


def passer_by(town: Town, owner: Client) -> Values:
    """Somebody with whom nobody has had anything to do yet."""
    return {"person_id": str(make.person().id)}


def goods(town: Town, owner: Client) -> Values:
    return {"product_id": str(town.goods.id), "shop_id": str(town.goods.shop.id), "sku_id": str(town.goods.sku_id)}


def link(town: Town, owner: Client) -> Values:
    return {"code": town.fame.codes[0], "sku_id": str(town.goods.sku_id)}


def category(town: Town, owner: Client) -> Values:
    return {"category_id": done(town.client.get("/categories"), 200)["items"][0]["id"]}


def shop(town: Town, owner: Client) -> Values:
    return {"shop_id": str(town.shop.id)}


def own_goods(town: Town, owner: Client, state: str = "on_sale") -> Values:
    body = {"shop_id": str(town.shop.id), "title": f"棉麻衬衫 {next(_numbers)}", "skus": [{"price": 100, "stock": 9}]}
    made = done(owner.post("/products", {**body, "state": state}))
    return {"product_id": made["id"], "sku_id": made["skus"][0]["id"]}


def draft_goods(town: Town, owner: Client) -> Values:
    return own_goods(town, owner, "draft")


def goods_taken_down(town: Town, owner: Client) -> Values:
    made = own_goods(town, owner)
    _take_down(town, "product", made["product_id"])
    return made


def upload(town: Town, owner: Client) -> Values:
    made = done(owner.post("/uploads", **make.upload_form(make.picture_file())))
    return {"upload_id": made["id"], "variant": "card", "extension": made["url"].partition("?")[0][-3:]}


def upload_on_show(town: Town, owner: Client) -> Values:
    made = upload(town, owner)
    done(owner.post("/posts", {"kind": "note", "title": "照片", "uploads": [made["upload_id"]]}))
    return made


def post(town: Town, owner: Client, **more: object) -> Values:
    body = {"kind": "note", "title": f"今天的晚霞 {next(_numbers)}", "body": "很美", **more}
    return {"post_id": done(owner.post("/posts", body))["id"]}


def private_post(town: Town, owner: Client) -> Values:
    return post(town, owner, visibility="private")


def post_taken_down(town: Town, owner: Client) -> Values:
    made = post(town, owner)
    _take_down(town, "post", made["post_id"])
    return made


def post_deleted(town: Town, owner: Client) -> Values:
    made = post(town, owner)
    done(owner.delete(f"/posts/{made['post_id']}"), 204)
    return made


def comment(town: Town, owner: Client) -> Values:
    return {"comment_id": done(owner.post(f"/posts/{town.fame.id}/comments", {"body": "好看"}))["id"]}


def comment_under_own_post(town: Town, owner: Client) -> Values:
    on = post(town, owner)["post_id"]
    return {"comment_id": done(town.client.as_(town.star.token).post(f"/posts/{on}/comments", {"body": "好看"}))["id"]}


def report(town: Town, owner: Client) -> Values:
    made = post(town, owner)
    return {"report_id": str(make.report(made["post_id"], town.star))}


def takedown(town: Town, owner: Client) -> Values:
    return {"takedown_id": _take_down(town, "post", post(town, owner)["post_id"])}


def checkout(town: Town, owner: Client) -> Values:
    """An open checkout with an address. A buyer may have few unpaid purchases, so the older ones are given up first."""
    orders = done(owner.get("/me/orders?state=to_pay&limit=50"), 200)["items"]
    for old in [one["purchase_id"] for one in orders if one["status"] == "unpaid"][2:]:
        done(owner.post(f"/purchases/{old}/cancellation"))
    made = done(owner.post("/checkouts", {"lines": [{"sku_id": str(town.goods.sku_id), "quantity": 1}]}))
    done(owner.patch(f"/checkouts/{made['id']}", {"address": make.ADDRESS}), 200)
    return {"checkout_id": made["id"]}


def purchase(town: Town, owner: Client) -> Values:
    made = checkout(town, owner)
    _give_up_unpaid(owner)
    placed = done(owner.post(f"/checkouts/{made['checkout_id']}/purchase", {}, key=uuid4().hex))
    return {"purchase_id": placed["id"], "order_id": placed["orders"][0]["id"]}


def _give_up_unpaid(owner: Client) -> None:
    """A buyer may have five unpaid purchases; the matrix makes more, one after the other."""
    orders = done(owner.get("/me/orders?state=to_pay&limit=50"), 200)["items"]
    unpaid = [one["purchase_id"] for one in orders if one["status"] == "unpaid"]
    for oldest in unpaid[2:]:
        done(owner.post(f"/purchases/{oldest}/cancellation", {}))


def payment(town: Town, owner: Client) -> Values:
    made = purchase(town, owner)
    path = f"/purchases/{made['purchase_id']}/payments"
    return {**made, "payment_id": done(owner.post(path, {"gateway": "sandbox"}, key=uuid4().hex))["id"]}


def sold_order(town: Town, owner: Client) -> Values:
    """An order in the owner's shop, bought by a guest who is nobody else here."""
    sku = own_goods(town, owner)["sku_id"]
    bought = done(town.client.post("/checkouts", {"lines": [{"sku_id": sku, "quantity": 1}]}))
    guest = town.client.as_(bought["guest_token"])
    done(guest.patch(f"/checkouts/{bought['id']}", {"address": make.ADDRESS}), 200)
    placed = done(guest.post(f"/checkouts/{bought['id']}/purchase", {}, key=uuid4().hex))
    return {"order_id": placed["orders"][0]["id"]}


def refresh_token(town: Town, owner: Client) -> Values:
    return {"refresh_token": make.person().refresh_token}


def credentials(town: Town, owner: Client) -> Values:
    return {"username": f"someone{next(_numbers)}", "password": "correct horse"}


def someone(town: Town, owner: Client) -> Values:
    made: Made = make.person()
    return {"username": made.username, "password": made.password}


def _take_down(town: Town, kind: str, subject: str) -> str:
    made = town.as_("moderator").post("/desk/takedowns", {"kind": kind, "id": subject, "reason": "违规"})
    return str(done(made)["id"])
