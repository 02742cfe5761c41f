"""Fields that are the server's alone, sent along with every body and at every depth, change nothing (OWASP: BOPLA)."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text

from app.core.db import db
from tests import make
from tests.client import PREFIX, Client
from tests.security import row as who
from tests.security.doors import ROWS
from tests.security.row import Row
from tests.security.town import Town, Values, checkout, done, purchase

SENTINEL_ID = "5e471e15-0000-4000-8000-5e471e155e47"
SENTINEL_TEXT = "owned-by-the-server"
SENTINEL_NUMBER = 718281828
SENTINEL_TIME = "2001-02-03T04:05:06Z"
TRACES = (SENTINEL_ID, SENTINEL_TEXT, str(SENTINEL_NUMBER), "2001-02-03")

# fmt: off
IDS = ["id", "author_id", "owner_id", "person_id", "buyer_id", "payer_id", "promoter_id", "reporter_id", "by_id",
       "shop_id", "post_id", "product_id", "review_id", "line_id", "order_id", "purchase_id", "checkout_id",
       "payment_id", "link_id", "session_id", "guest_id", "avatar_id", "upload_id", "category_id", "access_hash"]
TEXTS = ["kind", "status", "state", "role", "currency", "username", "guest_token", "access_token", "password_hash",
         "code", "digest", "funder", "result", "card", "page", "fragment"]
NUMBERS = ["price", "total", "amount", "stock", "available", "sold", "size", "width", "rating", "position", "attempt",
           "likes", "views", "discount", "pay_now", "shipped", "received", "refunded"]
TIMES = ["created_at", "published_at", "edited_at", "changed_at", "paid_at", "pay_by", "expires_at", "settled_at",
         "granted_at", "ended_at"]
# fmt: on
SENTINELS: dict[str, Any] = {
    **dict.fromkeys(IDS, SENTINEL_ID),
    **dict.fromkeys(TEXTS, SENTINEL_TEXT),
    **dict.fromkeys(NUMBERS, SENTINEL_NUMBER),
    **dict.fromkeys(TIMES, SENTINEL_TIME),
    "author": {"kind": "shop", "id": SENTINEL_ID, "nickname": SENTINEL_TEXT},
    "counts": {"likes": SENTINEL_NUMBER, "followers": SENTINEL_NUMBER},
    "adjustments": [{"line_id": SENTINEL_ID, "amount": -SENTINEL_NUMBER, "source": SENTINEL_TEXT}],
    "takedown": {"reason": SENTINEL_TEXT, "at": SENTINEL_TIME},
}
PLAUSIBLE: dict[str, Any] = {
    "status": "paid",
    "state": "published",
    "kind": "review",
    "role": "admin",
    "roles": ["admin", "moderator", "kol"],
    "scopes": ["admin", "moderator"],
    "badges": ["kol"],
    "is_admin": True,
    "verified": True,
    "suspended": False,
    "own_purchase": False,
    "visibility": "private",
    "price": 1,
    "total": 1,
    "amount": 1,
    "quantity": 1,
    "currency": "USD",
    "address": None,
    "paid": True,
    "in_stock": True,
    "counts": {"likes": 999, "comments": 999, "views": 999, "followers": 999},
    "viewer": {"liked": True, "following": True},
    "author": {"kind": "person", "id": None},
    "refunds": [{"amount": 1, "status": "done"}],
    "takedown": None,
    "Meta": {"unknown": "include"},
    "__class__": "Person",
    "__proto__": {"role": "admin"},
}
CHANGING = {
    "username",
    "nickname",
    "name",
    "title",
    "access_token",
    "refresh_token",
    "guest_token",
    "code",
    "url",
    "pay_url",
    "page",
    "codes",
    "word",
    "next",
    "token",
    "slug",
}
WRITING = [row for row in ROWS if row.body and (row.status < 300 or row.status == 403)]
"""Those of doors that write; 403 is that of doors that settings open."""


CODES = {("POST", f"/me/contacts/{medium}/confirmation") for medium in ("email", "sms")}
"""Doors that take the code of a contact, which nobody but who reads it there has (tests/operate/test_reach)."""


@pytest.fixture(scope="module")
def schemas(streets: Town) -> dict[tuple[str, str], dict[str, Any]]:
    """(method, path under the prefix) -> the JSON schema of its body, references followed."""
    document = streets.client.get("//openapi.json").get_json()
    return {
        (method.upper(), re.sub(r"{\w+}", "<>", path.removeprefix(PREFIX))): _followed(document, body)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict)
        and (body := operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema"))
    }


def _followed(document: dict[str, Any], schema: Any) -> Any:
    if isinstance(schema, list):
        return [_followed(document, one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _followed(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return {key: _followed(document, value) for key, value in schema.items()}


def test_every_body_that_can_be_written_has_a_row(schemas: dict[tuple[str, str], dict[str, Any]]) -> None:
    written = {(row.method, _blank(row.rule)) for row in WRITING}
    assert sorted(set(schemas) - written - CODES) == []


@pytest.mark.parametrize("row", WRITING, ids=lambda row: row.name)
@pytest.mark.parametrize("extra", [SENTINELS, PLAUSIBLE], ids=["sentinels", "plausible values"])
def test_what_the_server_owns_is_never_stored(
    streets: Town, schemas: dict[tuple[str, str], dict[str, Any]], row: Row, extra: dict[str, Any]
) -> None:
    owner = streets.client.as_(streets.owner.token)
    client = streets.as_(row.who) if row.who in {who.MODERATOR, who.ADMIN} else owner
    plain, loaded = row.own(streets, owner), row.own(streets, owner)
    schema = schemas[row.method, _blank(row.rule)]
    roles = _roles()

    expected = client.send(row.method, row.path(plain), **row.request(plain))
    request = row.request(loaded)
    answer = client.send(row.method, row.path(loaded), **{**request, "json": _loaded(request["json"], schema, extra)})

    assert expected.status_code == row.status
    if answer.status_code != 422:
        assert answer.status_code == row.status, answer.text
        assert _without_chance(answer.get_json()) == _without_chance(expected.get_json())
        for one, other in zip(_reads(row, plain, expected), _reads(row, loaded, answer), strict=True):
            assert _without_chance(_read(client, other)) == _without_chance(_read(client, one)), other
    assert _roles() == roles
    assert _traces() == []


def _blank(rule: str) -> str:
    return re.sub(r"<[^>]+>", "<>", rule)


def _loaded(body: Any, schema: dict[str, Any], extra: dict[str, Any]) -> Any:
    """`body` with every field of `extra` that its schema does not name, in each object of it."""
    if isinstance(body, list):
        return [_loaded(one, schema.get("items", {}), extra) for one in body]
    if not isinstance(body, dict) or "properties" not in schema:
        return body
    named = schema["properties"]
    own = {key: _loaded(value, named.get(key, {}), extra) for key, value in body.items()}
    return {**{key: value for key, value in extra.items() if key not in named}, **own}


READERS = {
    "product_id": "/products/",
    "post_id": "/posts/",
    "checkout_id": "/checkouts/",
    "purchase_id": "/purchases/",
    "order_id": "/orders/",
    "shop_id": "/shops/",
}
MADE = {
    "/posts": "/posts/",
    "/shops": "/shops/",
    "/products": "/products/",
    "/checkouts": "/checkouts/",
    "/links/<code>/checkout": "/checkouts/",
    "/checkouts/<uuid:checkout_id>/purchase": "/purchases/",
}


def _reads(row: Row, values: Values, answer: Any) -> Iterator[str]:
    """Where the thing and what was made of it can be read."""
    yield "/me"
    yield from (READERS[name] + value for name, value in values.items() if name in READERS)
    if row.rule in MADE and row.method == "POST":
        yield MADE[row.rule] + answer.get_json()["id"]


def _read(client: Client, path: str) -> Any:
    return client.get(path).get_json()


def _without_chance(value: Any) -> Any:
    """The value without ids, times, and texts that differ from one making to the next."""
    if isinstance(value, dict):
        return {key: _without_chance(one) for key, one in value.items() if key not in CHANGING | {"request_id"}}
    if isinstance(value, list):
        return [_without_chance(one) for one in value]
    if isinstance(value, str):
        value = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", value)
        return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>", value)
    return value


def _roles() -> list[Any]:
    db.session.rollback()
    return list(db.session.execute(text("SELECT person_id, role FROM accounts_roles ORDER BY 1, 2")))


def _traces() -> list[str]:
    """Tables in which a sentinel stands, as text or as bytes."""
    patterns = [f"%{one}%" for one in TRACES] + [f"%{one.encode().hex()}%" for one in TRACES]
    found = []
    for table in inspect(db.engine).get_table_names():
        rows = db.session.scalars(text(f'SELECT t::text FROM "{table}" t WHERE t::text LIKE ANY(:p)'), {"p": patterns})
        found += [f"{table}: {row}" for row in rows]
    db.session.rollback()
    return found


def test_a_trace_would_be_found(streets: Town) -> None:
    for column, value in (("title", SENTINEL_TEXT), ("card", SENTINEL_ID.encode())):
        db.session.execute(text(f"UPDATE posts_posts SET {column} = :value"), {"value": value})
        assert _traces(), column


def test_the_buyer_does_not_name_the_price(streets: Town) -> None:
    buyer = streets.as_("another")
    line = {"sku_id": str(streets.goods.sku_id), "quantity": 2, "price": 1, "amount": 2, "total": 2}
    opened = done(buyer.post("/checkouts", {"lines": [line], "total": 2, "adjustments": [{"amount": -19000}]}))
    assert opened["total"] == 19800
    changed = {"address": {**make.ADDRESS, "id": SENTINEL_ID}, "total": 1, "lines": [line], "state": "purchased"}
    assert done(buyer.patch(f"/checkouts/{opened['id']}", changed), 200)["total"] == 19800
    body = {"expected_total": 19800, "total": 1, "status": "paid", "orders": [{"total": 1}]}
    placed = done(buyer.post(f"/checkouts/{opened['id']}/purchase", body, key=uuid4().hex))
    assert (placed["total"], placed["status"]) == (19800, "unpaid")
    pay = {"gateway": "sandbox", "amount": 1, "status": "paid"}
    payment = done(buyer.post(f"/purchases/{placed['id']}/payments", pay, key=uuid4().hex))
    assert (payment["amount"], payment["status"]) == (19800, "pending")


def test_a_form_does_not_name_the_price_either(streets: Town) -> None:
    headers = {"Cookie": f"guest={streets.guest_owner}"}
    guest = streets.client.as_(streets.guest_owner)
    made = checkout(streets, guest)["checkout_id"]
    shown = streets.client.get(f"//checkout/{made}", headers=headers).text
    token = re.search(r'name="form_token" value="(\w+)"', shown)
    assert token
    form = {**make.ADDRESS, "note": "", "expected_total": "9900", "form_token": token[1]}
    sent = streets.client.send("POST", f"//checkout/{made}", data={**form, "total": "1", "price": "1"}, headers=headers)
    assert sent.status_code == 303
    assert done(guest.get("/me/orders"), 200)["items"][0]["total"] == 9900


def test_nobody_calls_his_own_review_verified(streets: Town) -> None:
    body = {"kind": "review", "title": "好用", "rating": 5, "tags": [{"product_id": str(streets.goods.id)}]}
    made = done(streets.as_("kol").post("/posts", {**body, "verified": True, "review_id": SENTINEL_ID}))
    assert made["verified"] is False


def test_nobody_signs_up_as_a_moderator(streets: Town) -> None:
    body = {"username": f"sly{uuid4().hex[:8]}", "password": "correct horse", "nickname": "小聪明"}
    signed = done(streets.client.post("/accounts", {**body, "roles": ["admin"], "role": "admin", "scopes": ["admin"]}))
    sly = streets.client.as_(signed["access_token"])
    assert done(sly.get("/me"), 200)["roles"] == []
    assert sly.get("/desk/reports").status_code == 403


def test_a_buyer_does_not_name_who_is_paid_for_his_purchase(streets: Town) -> None:
    line = {"sku_id": str(streets.goods.sku_id), "quantity": 1, "promoter_id": str(streets.people["kol"].id)}
    buyer = streets.client.as_(make.person().token)
    opened = done(buyer.post("/checkouts", {"lines": [line], "promoter_id": str(streets.people["kol"].id)}))
    done(buyer.patch(f"/checkouts/{opened['id']}", {"address": make.ADDRESS}), 200)
    placed = done(buyer.post(f"/checkouts/{opened['id']}/purchase", {}, key=uuid4().hex))
    shown = done(buyer.get(f"/purchases/{placed['id']}"), 200)
    assert [line["attribution"] for order in shown["orders"] for line in order["lines"]] == [None]


def test_an_own_purchase_stays_marked_as_one(streets: Town) -> None:
    promoter = streets.client.as_(streets.star.token)
    body = {"sku_id": str(streets.goods.sku_id), "own_purchase": False, "promoter_id": SENTINEL_ID}
    opened = done(promoter.post(f"/links/{streets.fame.codes[0]}/checkout", body))
    done(promoter.patch(f"/checkouts/{opened['id']}", {"address": make.ADDRESS}), 200)
    placed = done(promoter.post(f"/checkouts/{opened['id']}/purchase", {"own_purchase": False}, key=uuid4().hex))
    shown = done(promoter.get(f"/purchases/{placed['id']}"), 200)
    assert shown["orders"][0]["lines"][0]["attribution"]["own_purchase"] is True


def test_an_outcome_does_not_name_the_amount(streets: Town) -> None:
    buyer = streets.as_("another")
    made = purchase(streets, buyer)["purchase_id"]
    paid = done(buyer.post(f"/purchases/{made}/payments", {"gateway": "sandbox"}, key=uuid4().hex))
    body = {"outcome": "paid", "amount": 1, "payer_id": SENTINEL_ID}
    assert done(buyer.post(f"/sandbox/payments/{paid['id']}/outcome", body), 200)["amount"] == 9900
