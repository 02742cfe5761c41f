"""Goods, orders and holds that were there before revision 0003 come through it, and back."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest

from tests.core.test_migrations import flask
from tests.services import Services, postgres_of

PERSON, SHOP, PRODUCT, OTHER = (uuid4() for _ in range(4))
STATUSES = ("unpaid", "paid", "lapsed", "cancelled")
NAMES = ("红", "红", "红 (2)", "蓝", "红", "长" * 120, "长" * 120)
TOLD_APART = ["红", "红 (3)", "红 (2)", "蓝", "红 (4)", "长" * 120, "长" * 116 + " (2)"]
pytestmark = pytest.mark.xdist_group("migration 0003")
BOTH = "SELECT p.status, o.status FROM orders_purchases p JOIN orders_orders o ON o.purchase_id = p.id"


@pytest.fixture(scope="module")
def url(services: Services, worker_id: str) -> str:
    """A database that had rows in it when it came from revision 0002 to 0003."""
    postgres, name = postgres_of(services), f"upgraded_{worker_id}"
    postgres.drop_database(name)
    made = postgres.create_database(name)
    flask(made, "upgrade", "0002")
    with psycopg.connect(made.replace("+psycopg", "")) as connection:
        _fill(connection)
    flask(made, "upgrade", "0003")
    return made


@pytest.fixture
def rows(url: str) -> Iterator[psycopg.Connection]:
    """A transaction that is rolled back in the end."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        yield connection
        connection.rollback()


def _fill(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO accounts_people (id, username, username_key, nickname, password_hash)"
        " VALUES (%s, 'a', 'a', 'a', '')",
        (PERSON,),
    )
    connection.execute("INSERT INTO shops_shops (id, name, owner_id) VALUES (%s, '铺', %s)", (SHOP, PERSON))
    for product in (PRODUCT, OTHER):
        connection.execute(
            "INSERT INTO catalogue_products (id, shop_id, title, description, brand, state, page, card, created_at,"
            " changed_at) VALUES (%s, %s, '杯', '', '', 'on_sale', '', '', now(), now())",
            (product, SHOP),
        )
    for place, name in enumerate(NAMES):
        _add_sku(connection, PRODUCT, place, name)
    _add_sku(connection, OTHER, 0, "红")
    for status in STATUSES:
        _add_purchase(connection, status)
    connection.execute(
        "INSERT INTO inventory_holds (id, sku_id, quantity, subject_kind, subject_id, state, expires_at)"
        " SELECT gen_random_uuid(), gen_random_uuid(), 1, 'purchase', id, 'released', now() FROM orders_purchases"
    )


def _add_sku(connection: psycopg.Connection, product: UUID, place: int, name: str) -> None:
    made, attributes = uuid4(), {"b": place, "a": "中文", "颜色": name}
    fragment = orjson.dumps({"id": made, "name": name, "price": place + 1, "attributes": attributes})[:-1]
    connection.execute(
        "INSERT INTO catalogue_skus (id, product_id, name, attributes, price, position, fragment)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (made, product, name, orjson.dumps(attributes).decode(), place + 1, place, fragment),
    )


def _add_purchase(connection: psycopg.Connection, status: str) -> UUID:
    """With two orders, as the code before 0003 wrote them."""
    made = uuid4()
    connection.execute(
        "INSERT INTO orders_purchases (id, buyer_kind, buyer_id, checkout_id, total, currency, status, pay_by, paid_at)"
        " VALUES (%(id)s, 'guest', %(id)s, %(id)s, 2, 'CNY', %(status)s, now(),"
        "  CASE WHEN %(status)s = 'paid' THEN now() END)",
        {"id": made, "status": status},
    )
    orders = "INSERT INTO orders_orders (id, purchase_id, shop_id, total) SELECT gen_random_uuid(), %s, %s, 1"
    connection.execute(f"{orders} FROM generate_series(1, 2)".encode(), (made, SHOP))
    return made


def _skus(rows: psycopg.Connection) -> list[Any]:
    """(product, name, attributes, the last two as they are shown)"""
    asked = "SELECT product_id, name, attributes, fragment FROM catalogue_skus ORDER BY product_id, position"
    found = [(*row[:3], orjson.loads(bytes(row[3]) + b"}")) for row in rows.execute(asked)]
    return [(product, name, given, shown["name"], shown["attributes"]) for product, name, given, shown in found]


def test_each_order_has_the_status_of_its_purchase(rows: psycopg.Connection) -> None:
    found = rows.execute(BOTH).fetchall()
    assert sorted(found) == sorted((status, status) for status in STATUSES for _ in range(2))


def test_variants_of_one_name_are_told_apart_also_in_what_is_shown(rows: psycopg.Connection) -> None:
    skus = _skus(rows)
    assert [name for product, name, *_ in skus if product == PRODUCT] == TOLD_APART
    assert [name for product, name, *_ in skus if product == OTHER] == ["红"]
    assert all((name, given) == (shown_name, shown) for _, name, given, shown_name, shown in skus)


def test_the_code_before_it_goes_on_beside_it(rows: psycopg.Connection) -> None:
    """For a moment old processes run on the new tables."""
    made = _add_purchase(rows, "unpaid")
    rows.execute("UPDATE orders_purchases SET status = 'lapsed' WHERE id = %s", (made,))
    mine = rows.execute("SELECT status FROM orders_orders WHERE purchase_id = %s", (made,)).fetchall()
    assert mine == [("lapsed",)] * 2
    rows.execute('UPDATE catalogue_skus SET attributes = \'{"b": 1, "a": 2}\'::jsonb')
    gathered = "SELECT jsonb_agg(attributes) -> 0 ->> 'a' FROM catalogue_skus"
    assert rows.execute(gathered).fetchall() == [("2",)]


def test_it_can_be_taken_back_and_done_again(url: str) -> None:
    for step in ("downgrade 0002", "upgrade 0003"):
        flask(url, *step.split())
        with psycopg.connect(url.replace("+psycopg", "")) as rows:
            skus = _skus(rows)
            assert [name for product, name, *_ in skus if product == PRODUCT] == TOLD_APART
            assert skus[0][2].keys() == {"a", "b", "颜色"}
            assert len(rows.execute(BOTH.replace("o.status", "o.id")).fetchall()) == 8
