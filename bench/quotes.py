"""Checkouts of 50 lines to be quoted, with promotions and freight; and goods to be put into carts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random
from typing import Any
from uuid import UUID

import orjson

from app.buying.checkout.models import MOST_LINES
from bench.client import Asked, Talk
from bench.operations import ADDRESS
from bench.town import Town

QUOTED = 20
"""So many people have such a checkout open; it is held for ten minutes, and shown for as long as one likes."""
MOST_SHOPS = 20

Goods = tuple[UUID, UUID, UUID, UUID]
"""A SKU, its product, its shop and who owns that."""


def quotes(
    town: Town, buyers: Sequence[str], goods: Sequence[Goods], bought: set[UUID], tokens: Mapping[UUID, str]
) -> list[Asked]:
    """Requests for checkouts of MOST_LINES lines, which are opened here, of goods that are not `bought` elsewhere in
    the run, if there are such: so their promotions change no other measure."""
    others = [one for one in goods if one[1] not in bought]
    talk = Talk(town.address)
    if others:
        _promote(talk, town, others, tokens)
    lines = [{"sku_id": str(sku), "quantity": 1} for sku, *_ in islice(cycle(others or goods), MOST_LINES)]
    asked = []
    for token in buyers[:QUOTED]:
        opened = _sent(talk, "POST", f"{town.below}/checkouts", token, {"lines": lines}, 201)
        path = f"/checkouts/{opened['id']}"
        _sent(talk, "PATCH", f"{town.below}{path}", token, {"address": ADDRESS}, 200)
        asked.append(Asked("GET", path, f"Bearer {token}"))
    talk.close()
    return asked


def carts(random: Random, viewers: Sequence[str], skus: Sequence[UUID], many: int) -> list[Asked]:
    """Requests that put goods into carts; some come again, and then only the quantity rises."""
    bodies = [orjson.dumps({"sku_id": str(sku), "quantity": 1}) for sku in skus]
    return [Asked("POST", "/cart/lines", random.choice(viewers), random.choice(bodies)) for _ in range(many)]


def _promote(talk: Talk, town: Town, goods: Sequence[Goods], tokens: Mapping[UUID, str]) -> None:
    """Each shop takes a part off these goods of its, and charges freight."""
    now = datetime.now(UTC)
    window = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(days=1)).isoformat()}
    owners = {shop: owner for _, _, shop, owner in goods}
    for shop, owner in list(owners.items())[:MOST_SHOPS]:
        products = [str(product) for _, product, one, _ in goods if one == shop][:MOST_LINES]
        path = f"{town.below}/shops/{shop}"
        rule = {"kind": "percentage", "name": "bench", "terms": {"off": 500}, "scope": {"products": products}}
        made = _sent(talk, "POST", f"{path}/promotions", tokens[owner], {**rule, **window}, 201)
        _sent(talk, "PATCH", f"{path}/promotions/{made['id']}", tokens[owner], {"state": "running"}, 200)
        template = {"name": "bench", "unit": "piece", "rules": [{"first_price": 800, "free_amount": 9900}]}
        freight = _sent(talk, "POST", f"{path}/freight", tokens[owner], template, 201)
        _sent(talk, "PUT", f"{path}/freight/{freight['id']}/products", tokens[owner], {"products": products}, 204)


def _sent(talk: Talk, method: str, path: str, token: str, body: object, status: int) -> dict[str, Any]:
    answer = talk.expect(Asked(method, path, f"Bearer {token}", orjson.dumps(body)), status)
    return dict(answer.json()) if answer.body else {}
