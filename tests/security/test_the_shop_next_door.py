"""The token of one shop opens nothing of another: every door of shops' work, found in the route map, asked with the
tokens of the shop next door: its owner's, and a key of its own. A door that is not known here fails until it is."""

import re
from uuid import uuid4

import pytest
from flask import Flask

from tests.client import PREFIX
from tests.security.doors import ROWS
from tests.security.row import OPEN as OPEN_TO_ALL
from tests.security.row import Row
from tests.security.town import Town, done

OF_SHOPS = {
    "/shops", "/skus", "/products", "/orders", "/parcels", "/aftersales", "/packages", "/reviews", "/coupons",
    "/sandbox/packages", "/resale-offers",
}  # fmt: skip
"""How the paths of doors begin that are about a thing of a shop's."""
OF_OTHERS = {
    "/accounts", "/sessions", "/me", "/people", "/uploads", "/posts", "/comments", "/impressions", "/feed",
    "/search", "/categories", "/links", "/checkouts", "/purchases", "/cart", "/gateways", "/callbacks",
    "/sandbox/payments", "/payment-ways", "/carriers", "/desk", "/o", "/lightstores", "/personal-shops",
    "/brands", "/second-hand", "/drafts", "/notifications",
}  # fmt: skip
"""The same of all others: what people have and say, what they buy, the desk of the platform."""
OPEN = {
    ("POST", "/shops"): "everybody may open one",
    ("GET", "/shops/<uuid:shop_id>"): "a shop is seen by all",
    ("GET", "/shops/<uuid:shop_id>/page"): "a shop is seen by all",
    ("GET", "/shops/<uuid:shop_id>/products"): "its goods are seen by all",
    ("GET", "/shops/<uuid:shop_id>/pick-up-points"): "where its goods are fetched is seen by all",
    ("GET", "/products/<uuid:product_id>"): "goods are seen by all",
    ("GET", "/products/<uuid:product_id>/reviews"): "what is said of them too",
    ("GET", "/products/<uuid:product_id>/posts"): "what is said of them too",
    ("GET", "/skus/<uuid:sku_id>/slots"): "when they can be booked too",
    ("POST", "/skus/<uuid:sku_id>/purchase"): "everybody may buy them",
    ("PUT", "/skus/<uuid:sku_id>/alert"): "and be told when they are back",
    ("DELETE", "/skus/<uuid:sku_id>/alert"): "or no more",
    ("POST", "/reviews/<uuid:review_id>/reports"): "everybody may tell the moderators",
    ("PUT", "/reviews/<uuid:review_id>/helpful"): "everybody may find a review helpful",
    ("DELETE", "/reviews/<uuid:review_id>/helpful"): "or no more",
    ("POST", "/coupons/<uuid:batch_id>/claim"): "everybody may take a coupon",
    ("GET", "/resale-offers"): "what suppliers offer is seen by all who may sell it",
    ("POST", "/parcels"): "each parcel is refused for itself (below)",
    ("GET", "/coupons"): "what can be claimed is seen by all",
}
"""Doors that everybody may open, shops too, and why."""
FOR_KEYS_TOO = {("POST", "/uploads")}
"""Of doors of others those that a shop's key opens: pictures of its goods."""
KEPT_FROM_KEYS = 403
"""What a shop's key gets at doors that are no work of shops (for_keys of a Door), whatever they are about."""


def _begins(rule: str, beginnings: set[str]) -> bool:
    return any(rule == one or rule.startswith(f"{one}/") for one in beginnings)


def _doors(town: Flask) -> set[tuple[str, str]]:
    rules = [rule for rule in town.url_map.iter_rules() if rule.rule.startswith(f"{PREFIX}/")]
    return {(method, rule.rule.removeprefix(PREFIX)) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}


def test_every_door_is_known_as_one_of_shops_or_of_others(town: Flask) -> None:
    unknown = [door for door in _doors(town) if _begins(door[1], OF_SHOPS) == _begins(door[1], OF_OTHERS)]
    assert sorted(unknown) == [], "say in OF_SHOPS or OF_OTHERS whose these are"
    assert sorted(set(OPEN) - _doors(town)) == [], "these are there no more"


def asked() -> list[Row]:
    """Rows about a thing of a shop's, with all that a request needs to succeed if its owner made it."""
    named = [row for row in ROWS if _begins(row.rule, OF_SHOPS) and (row.method, row.rule) not in OPEN]
    return named + [row for row in ROWS if _begins(row.rule, {"/products"}) and row.method == "POST"]


def test_every_closed_door_of_shops_is_asked_below(town: Flask) -> None:
    closed = {door for door in _doors(town) if _begins(door[1], OF_SHOPS)} - set(OPEN)
    assert closed - {(row.method, row.rule) for row in asked()} == set()
    assert len(closed) > 80, "there are many: something is wrong with finding them"


@pytest.mark.parametrize("row", asked(), ids=lambda row: row.name)
def test_a_door_of_a_shop_is_not_there_for_the_shop_next_door(streets: Town, row: Row) -> None:
    values = row.own(streets, streets.client.as_(streets.owner.token))
    for name, token in _tokens(streets).items():
        request = row.request(values)
        answer = streets.client.as_(token).send(row.method, row.path(values), **request)
        allowed = {404, KEPT_FROM_KEYS} if name == "its key" and answer.json["code"] == "not_for_keys" else {404}
        assert answer.status_code in allowed, f"{name}: {answer.status_code} {answer.text[:300]}"


CHANGES_OF_OTHERS = [row for row in ROWS if _begins(row.rule, OF_OTHERS) and row.method != "GET"]


@pytest.mark.parametrize("row", CHANGES_OF_OTHERS, ids=lambda row: row.name)
def test_a_shops_key_opens_no_door_of_people_and_of_the_desk(streets: Town, row: Row) -> None:
    path = re.sub("<[^>]*>", str(uuid4()), row.rule)
    answer = streets.client.as_(_tokens(streets)["its key"]).send(row.method, path, key=uuid4().hex)
    if row.who == OPEN_TO_ALL or (row.method, row.rule) in FOR_KEYS_TOO:
        assert answer.json["code"] != "not_for_keys"
        return
    assert (answer.status_code, answer.json["code"]) == (403, "not_for_keys")


def test_of_many_parcels_at_once_those_for_the_shop_next_door_are_refused(streets: Town) -> None:
    [row] = [row for row in ROWS if row.rule == "/parcels"]
    values = row.own(streets, streets.client.as_(streets.owner.token))
    for token in _tokens(streets).values():
        answer = done(streets.client.as_(token).post("/parcels", **row.request(values)), 200)
        assert [one["refused"] for one in answer["items"]] == ["not_found"]
    owner = done(streets.client.as_(streets.owner.token).post("/parcels", **row.request(values)), 200)
    assert [one["refused"] for one in owner["items"]] == [None]


def _tokens(streets: Town) -> dict[str, str]:
    """Of a shop of its own, with all rights there that there are."""
    known: dict[str, str] = streets.__dict__.setdefault("next_door", {})
    if not known:
        seller = streets.as_("seller")
        [shop, *_] = done(seller.get("/me/shops"), 200)["items"]
        key = done(seller.post(f"/shops/{shop['id']}/keys", {"name": "ERP", "role": "manager"}))
        known |= {"its owner": streets.tokens["seller"], "its key": key["token"]}
    return known
