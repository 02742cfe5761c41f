"""A shop's shelf: strangers find what is on sale, its own staff all it has and why any of it is hidden."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.store.catalogue import actions
from app.store.catalogue.schemas import ProductOut
from app.store.shelves import queries
from app.store.shelves.schemas import ShopProductsOut
from tests import make
from tests.client import Client
from tests.make.order import buyer
from tests.statements import planned
from tests.store.counting import queries_in

SHOWN_BY_STATE = {"on sale": True, "sold out": True, "off": True, "draft": False, "taken down": False}
"""What the shop has, and whether everybody may read its page."""


@pytest.fixture
def shop(app: Flask) -> make.MadeShop:
    return make.shop()


@pytest.fixture
def goods(client: Client, shop: make.MadeShop) -> dict[str, str]:
    """The ids of one product of each sort, in this order, each with a picture."""
    found = {}
    for sort in SHOWN_BY_STATE:
        state = "draft" if sort == "draft" else "on_sale"
        stock = 0 if sort == "sold out" else 10
        made = make.product(shop, title=sort, state=state, stock=stock, uploads=[make.upload(shop.owner)])
        found[sort] = str(made.id)
    staff = client.as_(shop.owner.token)
    assert staff.patch(f"/products/{found['off']}", {"state": "off"}).status_code == 200
    in_transaction(lambda: actions.take_down(UUID(found["taken down"]), "假货", None))
    return found


@pytest.fixture
def askers(client: Client, shop: make.MadeShop) -> dict[str, Client]:
    return {
        "a stranger": client,
        "a guest": client.as_(buyer().token),
        "somebody": client.as_(make.person().token),
        "staff of another shop": client.as_(make.shop().owner.token),
        "a moderator": client.as_(make.person(roles=["moderator"]).token),
        "its own staff": client.as_(shop.owner.token),
    }


def shelf(client: Client, shop: make.MadeShop, asked: str = "") -> Any:
    answer = client.get(f"/shops/{shop.id}/products?{asked}")
    assert answer.status_code == 200
    assert ShopProductsOut().validate(answer.json) == {}
    return answer.json


def test_who_sees_which_goods_of_a_shop(shop: make.MadeShop, goods: dict[str, str], askers: dict[str, Client]) -> None:
    for who, asker in askers.items():
        is_staff = who == "its own staff"
        listed = [one["title"] for one in shelf(asker, shop)["items"]]
        assert listed == (list(goods)[::-1] if is_staff else ["sold out", "on sale"]), who
        pages = {sort: asker.get(f"/products/{product_id}") for sort, product_id in goods.items()}
        read = {sort: page.status_code for sort, page in pages.items()}
        wanted = {sort: 200 if is_staff or shown else 404 for sort, shown in SHOWN_BY_STATE.items()}
        assert read == wanted, who
        for page in pages.values():
            assert page.status_code == 404 or ProductOut().validate(page.json) == {}


def test_staff_are_told_the_state_of_all_goods_and_why_any_were_taken_down(
    client: Client, shop: make.MadeShop, goods: dict[str, str], askers: dict[str, Client]
) -> None:
    found = {one["title"]: one for one in shelf(askers["its own staff"], shop)["items"]}
    told = {sort: (one["state"], one["in_stock"], one["takedown"] is not None) for sort, one in found.items()}
    assert told == {
        "on sale": ("on_sale", True, False),
        "sold out": ("on_sale", False, False),
        "off": ("off", False, False),
        "draft": ("draft", False, False),
        "taken down": ("on_sale", True, True),
    }
    page = askers["its own staff"].get(f"/products/{goods['taken down']}").json
    assert found["taken down"]["takedown"] == page["takedown"]
    assert page["takedown"]["reason"] == "假货"
    assert {one["price"] for one in found.values()} == {9900}
    for one in found.values():
        assert client.get("/" + one["cover"]["url"]).status_code == 200, one["title"]
        is_signed = "?" in one["cover"]["url"]
        assert is_signed == (one["title"] in {"draft", "taken down"})


def test_on_its_own_shelf_a_card_is_the_same_for_staff_and_strangers(
    client: Client, shop: make.MadeShop, goods: dict[str, str], askers: dict[str, Client]
) -> None:
    make.product(shop, title="without a picture")
    seen = {one["id"]: one for one in shelf(askers["its own staff"], shop)["items"]}
    strangers = shelf(client, shop)["items"]
    assert [one["title"] for one in strangers] == ["without a picture", "sold out", "on sale"]
    for one in strangers:
        assert seen[one["id"]] == one


def test_goods_without_a_variant_are_on_the_shelf_too(client: Client, shop: make.MadeShop) -> None:
    made = make.product(shop)
    in_transaction(lambda: db.session.execute(text("DELETE FROM catalogue_skus")))
    for who in (client, client.as_(shop.owner.token)):
        [found] = shelf(who, shop)["items"]
        assert (found["id"], found["price"], found["in_stock"]) == (str(made.id), None, False)


def test_the_shelf_comes_page_by_page_and_a_cursor_is_for_one_side_of_it(
    client: Client, shop: make.MadeShop, goods: dict[str, str], askers: dict[str, Client]
) -> None:
    staff, seen, cursor = askers["its own staff"], [], ""
    for _ in range(3):
        page = shelf(staff, shop, f"limit=2&cursor={cursor}")
        seen += [one["title"] for one in page["items"]]
        cursor = page["next"] or ""
    assert (seen, cursor) == (list(goods)[::-1], "")
    inside = shelf(staff, shop, "limit=2")["next"]
    outside = shelf(client, shop, "limit=1")["next"]
    for who, other in ((client, inside), (staff, outside)):
        assert who.get(f"/shops/{shop.id}/products?cursor={other}").status_code == 400


@pytest.mark.parametrize("many", [1, 12])
def test_a_shelf_costs_the_same_however_much_is_on_it(client: Client, shop: make.MadeShop, many: int) -> None:
    for _ in range(many):
        make.product(shop)
        make.product(shop, state="draft", uploads=[make.upload(shop.owner)])
    staff, somebody = client.as_(shop.owner.token), client.as_(make.person().token)
    for who, cost in ((client, 2), (somebody, 3), (staff, 3)):
        shelf(who, shop)  # from here on it is known who holds this token
        with queries_in() as seen:
            shelf(who, shop, "limit=50")
        assert len(seen) == cost, seen


_MANY = """
INSERT INTO catalogue_products (id, shop_id, title, description, brand, state, page, card, created_at, changed_at)
SELECT gen_random_uuid(), :shop, 'x', '', '', CASE WHEN n % 2 = 0 THEN 'draft' ELSE 'off' END, '{', '{"id":""', at, at
FROM (SELECT n, now() - make_interval(secs => n) AS at FROM generate_series(1, 4000) n) AS numbered"""


def test_a_large_shelf_is_read_for_staff_in_the_order_of_an_index(app: Flask, shop: make.MadeShop) -> None:
    in_transaction(lambda: db.session.execute(text(_MANY), {"shop": shop.id}))
    db.session.execute(text("ANALYZE catalogue_products, catalogue_skus"))
    db.session.commit()
    (cards, _), plan = planned(lambda: queries.cards_of_shop(shop.id, shop.owner.id, 20, None), "catalogue_takedowns")
    assert len(cards) == 20
    assert "Index Scan Backward using ix_catalogue_products_shop on" in plan and "Sort" not in plan, plan
