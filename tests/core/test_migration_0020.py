"""Goods of before the upgrade say what goods say now, have a history of prices from then on, and go on being written by
processes of before."""

import json

import psycopg

from tests.core.test_migrations import flask
from tests.services import Services, postgres_of

ID = "00000000-0000-7000-8000-0000000000"
GOODS = (
    f"INSERT INTO accounts_people (id, username, username_key, nickname, bio, password_hash)"
    f" VALUES ('{ID}01', 'a', 'a', 'a', '', '')",
    f"INSERT INTO shops_shops (id, name, owner_id) VALUES ('{ID}02', '店', '{ID}01')",
    f"INSERT INTO catalogue_categories (id, name, position) VALUES ('{ID}03', '盲盒', 40)",
    "INSERT INTO catalogue_products (id, shop_id, category_id, title, description, brand, state, page, card,"
    f" created_at, changed_at) VALUES ('{ID}04', '{ID}02', '{ID}03', '杯', '', '', 'on_sale',"
    " convert_to('{\"title\":\"杯\"', 'UTF8'), '{', now(), now())",
)
SKU = (
    "INSERT INTO catalogue_skus (id, product_id, name, attributes, price, position, fragment) VALUES"
    " ('00000000-0000-7000-8000-0000000000{n}', '00000000-0000-7000-8000-000000000004', 'v{n}', '{{}}', 9900, 0,"
    " convert_to('{{\"price\":9900', 'UTF8'))"
)


def told(head: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(bytes(head) + b"}")
    return found


def test_goods_of_before_say_more_and_have_a_price_since_then(services: Services, worker_id: str) -> None:
    postgres, name = postgres_of(services), f"upgraded_to_0020_{worker_id}"
    postgres.drop_database(name)
    url = postgres.create_database(name)
    flask(url, "upgrade", "0019")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in (*GOODS, SKU.format(n="05")):
            connection.execute(statement)
        for _ in range(2):  # an upgrade that broke off is begun again
            flask(url, "upgrade", "0020")
            connection.execute("UPDATE alembic_version SET version_num = '0019'")
        flask(url, "upgrade", "0020")
        [page] = connection.execute("SELECT page FROM catalogue_products").fetchall()
        assert told(page[0]) == {"title": "杯", "brand_id": None, "goods_kind": "physical", "attributes": {}}
        [sku] = connection.execute("SELECT fragment, stale_at FROM catalogue_skus").fetchall()
        prices = {"price": 9900, "list_price": None, "lowest_30d": 9900}
        assert told(sku[0]) == {**prices, "min_units": 1, "max_units": None, "picture_id": None}
        spans = connection.execute("SELECT price, until_at, is_offered FROM prices_prices").fetchall()
        assert spans == [(9900, None, True)]
        own = "SELECT path, parent_id FROM catalogue_categories WHERE name = '盲盒'"
        assert connection.execute(own).fetchone() == ("00000000000070008000000000000003/", None)
        connection.execute(SKU.format(n="06"))  # a process of before
        due = connection.execute("SELECT count(*) FROM catalogue_skus WHERE stale_at <= now()").fetchone()
        assert due is not None and due[0] >= 1, "the sweep of prices writes it anew"
        flask(url, "downgrade", "0019")
    postgres.drop_database(name)
