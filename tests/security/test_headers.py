"""What stands around an answer: headers, cookies, errors that tell nothing, and secrets that are kept nowhere."""

import hashlib
import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, create_engine
from sqlalchemy.exc import ProgrammingError
from werkzeug.test import TestResponse

from app.core.guests import new_guest_token
from tests import make
from tests.journeys.people import Somebody, callback, done, eventually
from tests.live import LiveTown
from tests.security import town as of
from tests.security.town import Town
from tests.services import postgres_of

TELLTALE = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|sqlalchemy|psycopg|werkzeug|marshmallow|SELECT |INSERT |UPDATE |"
    r"\b[ufc][qk]_|accounts_|(?<![\w.])/(?:tmp|root|home|usr|var)/|gunicorn|Python/|flask",
    re.IGNORECASE,
)
"""What an error must never tell: code, paths, SQL, names of tables and constraints, products and versions."""

SCHEMAS = ("public", "search")
GONE = "42P01"
"""SQLSTATE of a table that is not there."""


def headers_of(answer: TestResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def pages(town: Town) -> dict[str, TestResponse]:
    """An answer of each sort, good and refused."""
    picture = of.upload_on_show(town, town.client.as_(town.owner.token))
    file = f"//media/{picture['upload_id']}/{picture['variant']}.{picture['extension']}"
    signed_in = town.as_("another")
    return {
        "read": town.client.get("/feed/explore"),
        "own": signed_in.get("/me"),
        "written": signed_in.post("/shops", {"name": f"店{uuid4().hex[:8]}"}),
        "nothing": signed_in.put(f"/people/{town.star.id}/follow"),
        "missing": town.client.get(f"/posts/{uuid4()}"),
        "nowhere": town.client.get("//nowhere"),
        "method": town.client.delete("/categories"),
        "unreadable": signed_in.post("/shops", data="{", content_type="application/json"),
        "refused": signed_in.post("/shops", {}),
        "stranger": town.client.get("/me"),
        "page": town.client.get(f"//l/{town.fame.codes[0]}"),
        "page gone": town.client.get("//l/zzzzzzzz"),
        "stale form": town.client.send("POST", f"//l/{town.fame.codes[0]}/checkout", data={}),
        "docs": town.client.get("//docs"),
        "picture": town.client.get(file),
        "no picture": town.client.get(f"//media/{uuid4()}/card.jpg"),
        "health": town.client.get("//healthz"),
        "document": town.client.get("//openapi.json"),
    }


def test_every_answer_carries_the_headers_of_a_careful_server(streets: Town) -> None:
    for name, answer in pages(streets).items():
        found = headers_of(answer)
        assert found["x-content-type-options"] == "nosniff", name
        assert found["x-frame-options"] == "DENY", name
        assert found["referrer-policy"] == "strict-origin-when-cross-origin", name
        assert "default-src" in found["content-security-policy"], name
        assert re.fullmatch(r"[0-9a-f-]{36}", found["x-request-id"]), name
        assert "server" not in found, name
        assert "x-powered-by" not in found, name
        if answer.status_code != 204:
            assert "charset=utf-8" in found["content-type"] or answer.mimetype != "text/html", name


def test_policies_allow_no_script_from_elsewhere(streets: Town) -> None:
    found = {name: headers_of(answer)["content-security-policy"] for name, answer in pages(streets).items()}
    for name in ("read", "own", "written", "missing", "picture", "document", "nowhere"):
        assert found[name].startswith("default-src 'none'"), name
    for name in ("page", "page gone", "stale form"):
        assert "default-src 'self'" in found[name], name
        assert "frame-ancestors 'none'" in found[name], name
        assert "form-action 'self'" in found[name], name
    for name, policy in found.items():
        assert "unsafe-eval" not in policy, name
        assert "*" not in policy, name
        assert "script-src 'unsafe-inline'" not in policy, name


def test_strict_transport_is_asked_for_over_tls_only(streets: Town) -> None:
    plain, secure = (
        streets.client.get("/categories", base_url=f"{scheme}://shop.example") for scheme in ("http", "https")
    )
    assert "strict-transport-security" not in headers_of(plain)
    assert headers_of(secure)["strict-transport-security"].startswith("max-age=31536000")


def test_what_is_a_persons_own_is_kept_by_no_shared_cache(streets: Town) -> None:
    found = pages(streets)
    for name in ("read", "own", "page", "stranger", "missing", "written", "refused"):
        control = headers_of(found[name])["cache-control"]
        assert "no-store" in control or "private" in control, name
    private = of.upload(streets, streets.client.as_(streets.owner.token))
    assert streets.client.get(f"//media/{private['upload_id']}/card.jpg").status_code == 404


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(streets: Town) -> None:
    page = f"//l/{streets.fame.codes[0]}"
    cookie = streets.client.get(page).headers["Set-Cookie"]
    assert cookie.startswith("guest=g.")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie
    assert "Secure" in streets.client.get(page, base_url="https://shop.example").headers["Set-Cookie"]


def test_a_cookie_that_is_not_ours_is_replaced(streets: Town) -> None:
    page = f"//l/{streets.fame.codes[0]}"
    good = new_guest_token()
    assert f"guest={good};" in streets.client.get(page, headers={"Cookie": f"guest={good}"}).headers["Set-Cookie"]
    for bad in ("", "g.", f"{good[:-1]}x", "g." + "A" * 5000, streets.owner.token, "g.x.é"):
        headers = {"Cookie": f"guest={bad}"}
        answer = streets.client.get(page, headers=headers)
        assert answer.status_code == 200, bad
        assert f"guest={bad};" not in answer.headers["Set-Cookie"], bad


def test_a_cookie_is_never_a_bearer_of_the_api(streets: Town) -> None:
    """So no site can use a visitor's cookie to write through the JSON doors."""
    for cookie in (streets.owner.token, streets.guest_owner):
        for name in ("guest", "session", "access_token", "Authorization"):
            headers = {"Cookie": f"{name}={cookie}"}
            assert streets.client.get("/me", headers=headers).status_code == 401
            assert streets.client.get("/me/orders", headers=headers).status_code == 401


def test_no_other_site_may_read_answers(streets: Town) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for path in ("/me", "/posts", "/feed/explore", f"//l/{streets.fame.codes[0]}", "//openapi.json"):
        for method in ("OPTIONS", "GET", "POST"):
            found = headers_of(streets.as_("another").send(method, path, headers=asked))
            assert not [name for name in found if name.startswith("access-control-")], (method, path)


@pytest.mark.parametrize("form", [{}, {"form_token": ""}, {"form_token": "0" * 64}], ids=["none", "empty", "made up"])
def test_a_form_from_another_site_is_refused(streets: Town, form: dict[str, str]) -> None:
    headers = {"Cookie": f"guest={streets.guest_owner}", "Origin": "https://evil.example"}
    body = {"sku_id": str(streets.goods.sku_id), "quantity": "1", **form}
    answer = streets.client.send("POST", f"//l/{streets.fame.codes[0]}/checkout", data=body, headers=headers)
    assert answer.status_code == 403


def test_a_form_cannot_be_sent_to_the_json_doors(streets: Town) -> None:
    body = '{"name": "店"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "a/b"):
        assert streets.as_("another").post("/shops", data=body, content_type=kind).status_code == 415, kind


def test_an_idempotency_key_is_what_the_document_says(streets: Town) -> None:
    for number, key in enumerate(("a b", "é", "a\tb", "x" * 256, "键")):
        answer = streets.as_("another").post("/shops", {"name": f"钥匙{number}"}, key=key)
        assert answer.status_code == 422, key
        assert "Idempotency-Key" in answer.get_json()["errors"], key
    assert streets.as_("another").post("/shops", {"name": "好钥匙"}, key="x" * 255).status_code == 201


def test_the_methods_override_nothing(streets: Town) -> None:
    """ASVS 4.1.4: a header cannot turn a GET into another method, nor open another path."""
    path = f"/posts/{streets.fame.id}"
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert streets.client.as_(streets.star.token).get(path, headers={name: "DELETE"}).status_code == 200
        assert streets.client.get(path).status_code == 200
    for name in ("X-Original-URL", "X-Rewrite-URL"):
        assert streets.client.get("/categories", headers={name: "/api/v1/desk/reports"}).get_json()["items"]
    for forged in (
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https"},
    ):
        shown = streets.client.get(f"//l/{streets.fame.codes[0]}", headers=forged)
        assert "evil.example" not in shown.text
        assert "strict-transport-security" not in headers_of(shown)


def test_errors_tell_nothing_of_the_inside(streets: Town) -> None:
    person, taken = streets.as_("another"), {"username": streets.owner.username, "password": "correct horse"}
    refused = [answer for answer in pages(streets).values() if answer.status_code >= 400]
    refused += [
        streets.client.post("/accounts", {**taken, "nickname": "某人"}),
        streets.client.post("/sessions", {**taken, "password": "wrong horse"}),
        streets.client.post("/sessions/refresh", {"refresh_token": "x" * 43}),
        person.post("/uploads", **make.upload_form(b"not a picture")),
        person.post("/posts", {"kind": "note", "title": "x", "uploads": [str(uuid4())]}),
        person.post("/posts", {"kind": "note", "title": "x", "tags": [{"product_id": str(uuid4())}]}),
        person.post("/products", {"shop_id": str(uuid4()), "title": "x", "skus": [{"price": 1}]}),
        person.post("/checkouts", {"lines": [{"sku_id": str(uuid4()), "quantity": 1}]}),
        person.post("/checkouts", {"lines": [{"sku_id": str(streets.goods.sku_id), "quantity": 1}], "offers": ["'"]}),
        person.post("/desk/takedowns", {"kind": "' OR 1=1", "id": str(uuid4()), "reason": "x"}),
        streets.as_("moderator").post("/desk/takedowns", {"kind": "' OR 1=1", "id": str(uuid4()), "reason": "x"}),
        streets.client.get("/feed/explore?cursor=abc"),
        streets.client.get("/feed/explore?limit=' OR 1=1"),
        streets.client.get("/search/posts"),
        streets.client.get("/posts/' OR 1=1"),
        streets.client.get("//media/../../etc/passwd"),
        streets.client.get("//static/..%2f..%2fapi.py"),
        streets.client.get("//docs/ui/..%2f..%2f__init__.py"),
        streets.client.post("/callbacks/sandbox", data=b"{}"),
    ]
    for answer in refused:
        where = f"{answer.request.method} {answer.request.path}: {answer.status_code} {answer.text}"
        assert 400 <= answer.status_code < 500, where
        assert not TELLTALE.search(answer.text), where
        if answer.mimetype != "text/html":
            problem: dict[str, Any] = answer.get_json()
            assert {"type", "title", "status", "code", "detail", "request_id"} <= set(problem) | {"errors"}, where
            assert answer.mimetype == "application/problem+json", where


def test_signing_in_tells_not_which_names_exist(streets: Town) -> None:
    known, unknown = (
        streets.client.post("/sessions", {"username": name, "password": "wrong horse"}).get_json()
        for name in (streets.owner.username, "nobody-of-this-name")
    )
    assert {**known, "request_id": ""} == {**unknown, "request_id": ""}


def test_secrets_are_kept_nowhere_in_clear(live: LiveTown) -> None:
    """A whole journey; then every column of every table, and every log, is searched for what was secret in it."""
    live.env["LOG_LEVEL"] = "DEBUG"
    live.start()
    seller, buyer = Somebody(live, "店主"), Somebody(live, "小红")
    goods = seller.lists(seller.opens_a_shop())
    post = seller.publishes(goods["id"])
    bought = buyer.buys(post["tags"][0]["link"]["code"], goods["skus"][0]["id"])
    assert bought["status"] == "paid"
    lines = {"lines": [{"sku_id": goods["skus"][0]["id"], "quantity": 1}]}
    guest = done(live.person().post("/checkouts", lines, key="a-key-of-a-guest"), 201)["guest_token"]
    anew = done(live.person().post("/sessions", {"username": buyer.username, "password": buyer.password}), 201)
    fresh = done(live.person().post("/sessions/refresh", {"refresh_token": anew["refresh_token"]}))
    wrong = f"mistyped-{uuid4().hex}"
    assert live.person().post("/sessions", {"username": buyer.username, "password": wrong}).status_code == 401
    assert live.person().get(f"/me?access_token={wrong}").status_code == 401
    assert live.person(wrong).get("/me").status_code == 401
    callback(live, str(uuid4()), 1)
    signed = [*(one.tokens for one in (seller, buyer)), anew, fresh]
    secrets = {one[name] for one in signed for name in ("access_token", "refresh_token")}
    secrets |= {seller.password, buyer.password, wrong, guest}
    assert len(secrets) == 12

    eventually(lambda: _has(live, goods["id"]), 20)  # the search would find what is there
    for secret in sorted(secrets):
        assert not _has(live, secret), "a secret stands in the database"
    settings = ("SECRET_KEY", "SANDBOX_SECRET")
    for secret in [*secrets, *(live.env[name] for name in settings), live.services.password]:
        assert secret not in live.log(), "a secret stands in a log"
    assert hashlib.sha256(fresh["access_token"].encode()).hexdigest() not in live.log()
    assert "correct horse" not in live.log()


def _has(live: LiveTown, secret: str) -> bool:
    """Whether any column of any table holds these letters, as text or as bytes."""
    engine = create_engine(postgres_of(live.services).url(live.name), isolation_level="AUTOCOMMIT")
    patterns = [f"%{secret}%", f"%{secret.encode().hex()}%"]
    try:
        with engine.connect() as connection:
            tables = [(schema, table) for schema in SCHEMAS for table in inspect(connection).get_table_names(schema)]
            return any(_holds(connection, f'"{schema}"."{table}"', patterns) for schema, table in tables)
    finally:
        engine.dispose()


def _holds(connection: Connection, table: str, patterns: list[str]) -> bool:
    try:
        return bool(
            connection.scalar(text(f"SELECT 1 FROM {table} t WHERE t::text LIKE ANY(:p) LIMIT 1"), {"p": patterns})
        )
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) == GONE:
            return False  # the search engine has swapped one of its tables meanwhile
        raise
