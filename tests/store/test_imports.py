"""A merchant's files of goods: taken in by the worker batch by batch, each bad line told, none twice; and exports."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask

from app.core import clock, worker
from app.core.db import db, in_transaction
from app.store.catalogue.models import Product
from app.store.categories.actions import add_named
from app.store.imports import actions
from app.store.imports.models import CHUNK, GoodsImport
from app.store.inventory.queries import available
from app.store.variants.models import Sku
from tests import make
from tests.client import Client
from tests.pages import signed_in
from tests.shared_data import shared_file
from tests.store.racing import together

SWEEPS = ["store.imports.take_in_goods", "store.imports.write_goods"]
HEAD = "external_id,title,price,stock,code,category,weight\n"


@pytest.fixture(autouse=True)
def readers(app: Flask) -> Iterator[None]:
    yield
    for run_id in list(actions._readers):
        actions._forget(run_id)


def send(client: Client, shop: make.MadeShop, body: str | bytes, name: str = "goods.csv") -> Any:
    form = make.upload_form(body.encode() if isinstance(body, str) else body, name)
    return client.as_(shop.owner.token).send("POST", f"/shops/{shop.id}/imports", **form)


def taken(client: Client, shop: make.MadeShop, body: str | bytes, name: str = "goods.csv") -> dict[str, Any]:
    """Sent and taken in; how it ended."""
    made = send(client, shop, body, name)
    assert made.status_code == 201, made.text
    assert made.json["state"] == "waiting"
    worker.sweep_once(SWEEPS)
    return shown(client, shop, made.json["id"])


def shown(client: Client, shop: make.MadeShop, import_id: str) -> dict[str, Any]:
    db.session.remove()
    return client.as_(shop.owner.token).get(f"/shops/{shop.id}/imports/{import_id}").json


def downloaded(client: Client, url: str) -> bytes:
    with client.get(f"/{url}") as answer:
        return answer.data


def errors(client: Client, shop: make.MadeShop, import_id: str) -> list[tuple[int, str]]:
    found = client.as_(shop.owner.token).get(f"/shops/{shop.id}/imports/{import_id}/errors").json["items"]
    return [(one["line"], one["reason"]) for one in found]


def many(count: int) -> str:
    return HEAD + "".join(f"N{n},杯子 {n},{n + 1}.50,3,C{n},,\n" for n in range(count))


def test_a_file_is_taken_in_with_its_good_lines_and_its_bad_ones_are_told_in_two_languages(client: Client) -> None:
    shop = make.shop()
    good = f"{HEAD}A1,红杯,12.50,3,K-1,香氛,250\nA2,蓝杯,贵,,,,\n"
    body = f"{good}A3,绿杯,5,,K-1,,\nA4,黑杯,6,,,没有的分类,\nA5,白杯,7,,,,\n"
    run = taken(client, shop, body)
    assert (run["state"], run["added"], run["refused"], run["lines"]) == ("done", 2, 3, 6)
    told = errors(client, shop, run["id"])
    assert [line for line, _ in told] == [3, 4, 5]
    assert told[0][1] == "price: 不是金额：贵 / price: not an amount: 贵"
    assert "商家编码" in told[1][1] and "没有的分类" in told[2][1]
    red = db.session.query(Product).filter(Product.external_id == "A1").one()
    sku = db.session.query(Sku).filter(Sku.product_id == red.id).one()
    assert (sku.price, sku.code, sku.weight, available([sku.id])[sku.id]) == (1250, "K-1", 250, 3)
    white = db.session.query(Sku).join(Product, Product.id == Sku.product_id).filter(Product.title == "白杯").one()
    assert available([white.id])[white.id] == 100


def test_a_page_tells_what_was_refused_in_its_readers_language_alone(app: Flask, client: Client) -> None:
    shop = make.shop()
    run = taken(client, shop, f"{HEAD}A1,红杯,1 / 2 / x,,,,\nA2,蓝杯,0,,,,\n")
    path = f"/portal/shops/{shop.id}/imports/{run['id']}"
    for language, told, other in (
        ("zh-CN", ("price: 不是金额：1 / 2 / x<", "price: 须大于 0<"), "not an amount"),
        ("en", ("price: not an amount: 1 / 2 / x<", "price: must be above 0<"), "不是金额"),
    ):
        shown = signed_in(app, shop.owner, path, language).follow().text
        assert all(words in shown for words in told)
        assert other not in shown
    failed = taken(client, shop, "name,cost\na,1\n")
    shown = signed_in(app, shop.owner, path.replace(run["id"], failed["id"])).follow().text
    assert "缺少列：" in shown
    assert "missing columns" not in shown


def test_a_chinese_excels_own_csv_is_refused_at_once_with_the_way_out(app: Flask, client: Client) -> None:
    shop = make.shop()
    body = f"{HEAD}A1,红杯,12.50,3,,,\nA2,一,5,,,,\nA3,蓝杯,5,,,,\n".encode("gbk")
    sent = send(client, shop, body)
    assert sent.status_code == 422
    assert "CSV UTF-8" in str(sent.json["errors"]["file"])
    assert send(client, shop, gzip.compress(body), "goods.csv.gz").status_code == 422
    page = signed_in(app, shop.owner, f"/portal/shops/{shop.id}/imports").follow()
    page.send("/imports", file=(io.BytesIO(body), "goods.csv"), stock="1")
    assert page.status == 422
    assert "请在 Excel 中另存为“CSV UTF-8”格式再试" in page.text
    assert db.session.query(Product).count() == 0


def test_one_line_of_another_alphabet_is_refused_by_itself(client: Client) -> None:
    lines = [f"A{n},红杯,5,,,,\n".encode() for n in range(3)] + ["A9,红杯,5,,,,\n".encode("gbk")]
    shop = make.shop()
    run = taken(client, shop, b"".join([HEAD.encode(), *lines]))
    assert (run["state"], run["added"], [line for line, _ in errors(client, shop, run["id"])]) == ("done", 3, [5])


def test_the_same_file_again_changes_nothing_and_adds_nothing(client: Client) -> None:
    shop = make.shop()
    assert taken(client, shop, many(40))["added"] == 40
    again = taken(client, shop, many(40))
    assert (again["added"], again["updated"], again["refused"]) == (0, 40, 0)
    assert db.session.query(Product).filter(Product.shop_id == shop.id).count() == 40


def test_json_lines_and_packed_files_come_in_too(client: Client) -> None:
    shop = make.shop()
    lines = "\n".join(json.dumps({"id": n, "title": f"书 {n}", "price": 9.5, "code": f"B{n}"}) for n in range(3))
    assert taken(client, shop, lines, "books.jsonl")["added"] == 3
    packed = taken(client, shop, gzip.compress(many(5).encode()), "goods.csv.gz")
    assert (packed["added"], packed["total"]) == (5, None)


def test_files_that_nobody_can_read_are_refused_or_fail_with_a_reason(client: Client) -> None:
    shop = make.shop()
    assert list(send(client, shop, "x", "goods.xlsx").json["errors"]) == ["file"]
    failed = taken(client, shop, "name,cost\na,1\n")
    assert failed["state"] == "failed" and "缺少列：external_id, title, price / missing columns: " in failed["fault"]
    damaged = taken(client, shop, gzip.compress(many(50).encode())[:-20], "goods.csv.gz")
    assert damaged["state"] == "done" and damaged["refused"] == 1
    assert send(client, shop, b"x" * (20 * 1024 * 1024 + 1)).status_code == 413
    assert client.as_(shop.owner.token).post(f"/shops/{shop.id}/imports", {}).status_code in {400, 415, 422}


def test_a_worker_that_is_killed_goes_on_behind_its_last_batch(app: Flask, client: Client) -> None:
    shop = make.shop()
    made = send(client, shop, many(CHUNK + 120)).json
    assert in_transaction(actions.take_batch) == CHUNK
    half = shown(client, shop, made["id"])
    assert (half["state"], half["added"], half["lines"], half["total"]) == ("running", CHUNK, CHUNK + 1, CHUNK + 121)
    with pytest.raises(ZeroDivisionError):
        in_transaction(lambda: actions.take_batch() // 0)
    assert shown(client, shop, made["id"])["added"] == CHUNK, "what was rolled back is not counted"
    actions._forget(next(iter(actions._readers)))  # another process has no file open
    worker.sweep_once(SWEEPS)
    done = shown(client, shop, made["id"])
    assert (done["state"], done["added"], done["updated"], done["refused"]) == ("done", CHUNK + 120, 0, 0)
    assert db.session.query(Product).filter(Product.shop_id == shop.id).count() == CHUNK + 120


def test_many_workers_take_each_line_once(app: Flask, client: Client) -> None:
    shops = [make.shop() for _ in range(3)]
    runs = [send(client, shop, many(CHUNK + 30)).json["id"] for shop in shops]
    for _ in range(5):
        together(app, *[partial(in_transaction, actions.take_batch)] * 4)
    worker.sweep_once(SWEEPS)
    for shop, run in zip(shops, runs, strict=True):
        done = shown(client, shop, run)
        assert (done["state"], done["added"], done["updated"]) == ("done", CHUNK + 30, 0)


def test_a_shop_has_only_so_many_files_waiting(client: Client) -> None:
    shop = make.shop()
    codes = [send(client, shop, many(1)).status_code for _ in range(6)]
    assert codes == [201] * 5 + [409]


def test_an_export_is_taken_in_again_as_it_was_and_holds_no_formula(client: Client) -> None:
    shop = make.shop()
    owner = client.as_(shop.owner.token)
    evil = '=HYPERLINK("http://evil","点我")'
    goods = make.product(shop, price=1250, stock=4, title=evil, description="第一行\n第二行,有逗号", brand="@山野")
    owner.patch(f"/skus/{goods.sku_id}", {"code": "-1+2", "weight": 300})
    made = owner.post(f"/shops/{shop.id}/exports")
    assert (made.status_code, made.json["state"], made.json["url"]) == (201, "waiting", None)
    worker.sweep_once(SWEEPS)
    done = owner.get(f"/shops/{shop.id}/exports/{made.json['id']}").json
    assert (done["state"], done["rows"]) == ("done", 1)
    file = downloaded(client, done["url"])
    text = file.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["title"] == f"'{evil}" and row["brand"] == "'@山野" and row["code"] == "'-1+2"
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t"))]
    again = taken(client, shop, file)
    assert (again["updated"], again["added"], again["refused"]) == (1, 0, 0)
    same = owner.get(f"/products/{goods.id}").json
    assert (same["title"], same["brand"], same["description"]) == (evil, "@山野", "第一行\n第二行,有逗号")
    with clock.moved(minutes=16):
        assert client.get(f"/{done['url']}").status_code == 404
    other = make.shop()
    assert client.as_(other.owner.token).get(f"/shops/{other.id}/exports/{done['id']}").status_code == 404


def test_an_export_of_a_killed_worker_holds_each_row_once(app: Flask, client: Client) -> None:
    shop = make.shop()
    taken(client, shop, many(CHUNK + 50))
    owner = client.as_(shop.owner.token)
    made = owner.post(f"/shops/{shop.id}/exports").json
    in_transaction(actions.write_batch)
    with pytest.raises(ZeroDivisionError):
        in_transaction(lambda: actions.write_batch() // 0)
    worker.sweep_once(SWEEPS)
    done = owner.get(f"/shops/{shop.id}/exports/{made['id']}").json
    rows = list(csv.DictReader(io.StringIO(downloaded(client, done["url"]).decode("utf-8-sig"))))
    assert len(rows) == done["rows"] == CHUNK + 50 == len({row["external_id"] for row in rows})


def test_runs_that_are_long_over_are_forgotten_with_their_files(app: Flask, client: Client) -> None:
    shop = make.shop()
    run = taken(client, shop, many(2))
    with clock.moved(days=31):
        in_transaction(actions.forget_old)
    assert db.session.query(GoodsImport).count() == 0
    assert client.as_(shop.owner.token).get(f"/shops/{shop.id}/imports/{run['id']}").status_code == 404


def test_a_merchant_sends_a_file_in_the_portal_and_sees_how_far_it_is(app: Flask) -> None:
    shop = make.shop()
    browser = signed_in(app, shop.owner, f"/portal/shops/{shop.id}/imports").follow()
    assert "还没有导入过" in browser.text
    browser.send("/imports", file=(io.BytesIO(b"x"), "goods.pdf"))
    assert browser.status == 422 and "须为 .csv" in browser.text
    body = f"{HEAD}A1,红杯,12.50,3,,,\nA2,蓝杯,贵,,,,\n".encode()
    browser.open(f"/portal/shops/{shop.id}/imports").send("/imports", file=(io.BytesIO(body), "goods.csv")).follow()
    assert "等待处理" in browser.text and 'http-equiv="refresh"' in browser.text
    worker.sweep_once(SWEEPS)
    browser.open(browser.path)
    assert "已完成" in browser.text and "不是金额" in browser.text and "refresh" not in browser.text
    browser.open(f"/portal/shops/{shop.id}/imports").send("/exports").follow()
    worker.sweep_once(SWEEPS)
    assert "/exports/" in browser.open(f"/portal/shops/{shop.id}/imports").text


def test_thirteen_thousand_real_titles_come_in_through_the_door(client: Client) -> None:
    shop = make.shop()
    body = shared_file("catalog/zh_products.jsonl.gz").read_bytes()
    lines = [json.loads(line) for line in gzip.decompress(body).splitlines()]
    in_transaction(lambda: add_named({one["category"] for one in lines if one.get("category")}))
    run = taken(client, shop, body, "zh_products.jsonl.gz")
    refused = run["refused"]
    assert run["state"] == "done" and run["lines"] == 13_432 and run["added"] == run["lines"] - refused > 12_000
    assert refused == 0 or all("没有这个分类" in one or "price" in one for _, one in errors(client, shop, run["id"]))
