"""`flask catalogue import`: real catalogues come in fast, and naughty files line by line or not at all."""

import csv
import gzip
import io
import time
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from click.testing import Result
from flask import Flask
from PIL import Image
from sqlalchemy import func, select, text

from app.core.db import db
from app.core.ids import new_id
from app.store.catalogue.models import Product
from app.store.categories.models import Category
from app.store.inventory.queries import available
from app.store.variants.models import Sku
from tests import make
from tests.client import Client
from tests.shared_data import shared_file

HEADER = "external_id,title,description,category,brand,sku_name,price,stock,image"


@pytest.fixture
def shop(app: Flask) -> make.MadeShop:
    return make.shop()


def take_in(app: Flask, file: Path, shop: make.MadeShop, *more: str) -> Result:
    return app.test_cli_runner(catch_exceptions=False).invoke(
        args=["catalogue", "import", str(file), "--shop", str(shop.id), *more]
    )


def summary_of(done: Result) -> str:
    return done.stdout.splitlines()[-1]


def written(folder: Path, text: str | bytes, name: str = "goods.csv") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def csv_of(*rows: dict[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER.split(","), restval="")
    writer.writeheader()
    writer.writerows({"title": "白茶", "price": "12.50", "stock": 3, **row} for row in rows)
    return out.getvalue()


def goods(client: Client, number: str) -> dict[str, Any]:
    product_id = db.session.scalar(select(Product.id).where(Product.external_id == number))
    return client.get(f"/products/{product_id}").json


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_csv_comes_in_with_all_its_columns(app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path) -> None:
    row = 'A1,白茶,"第一行\n第二行,带""引号""",茶酒饮料,山野,50g,12.50,3,,whatever'
    done = take_in(app, written(tmp_path, f"{HEADER},unknown\n{row}\n"), shop)
    counts = "新增、更新按商品计，拒绝按行计 / products imported, products updated, lines refused:"
    assert (done.exit_code, done.stdout.splitlines()) == (0, [counts, "imported 1, updated 0, refused 0"])
    found = goods(client, "A1")
    assert (found["title"], found["brand"], found["category"]["name"]) == ("白茶", "山野", "茶酒饮料")
    assert found["description"] == '第一行\n第二行,带"引号"'
    assert [(one["name"], one["price"], one["stock"]) for one in found["skus"]] == [("50g", 1250, 3)]
    assert (found["state"], found["in_stock"], found["shop"]["id"]) == ("on_sale", True, str(shop.id))


def test_a_bom_and_windows_line_ends_do_no_harm(
    app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    text = csv_of({"external_id": "A1"}, {"external_id": "A2"})
    assert summary_of(take_in(app, written(tmp_path, b"\xef\xbb\xbf" + text.encode()), shop)).startswith("imported 2,")


def test_the_same_number_again_changes_what_is_there(
    app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    first = csv_of({"external_id": "A1", "brand": "山野", "description": "旧"}, {"external_id": "A2"})
    take_in(app, written(tmp_path, first), shop)
    before = goods(client, "A1")
    second = csv_of({"external_id": "A1", "title": "红茶", "price": "99", "stock": ""}, {"external_id": "A3"})
    done = take_in(app, written(tmp_path, second), shop)
    assert summary_of(done) == "imported 1, updated 1, refused 0"
    after = goods(client, "A1")
    assert (after["id"], after["title"], after["price"]) == (before["id"], "红茶", 9900)
    assert (after["brand"], after["description"], after["skus"][0]["stock"]) == ("山野", "旧", 3)
    assert after["skus"][0]["id"] == before["skus"][0]["id"]
    assert (count(Product), count(Sku)) == (3, 3)


def test_of_one_number_twice_in_a_file_the_later_line_counts(
    app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    text = csv_of(
        {"external_id": "A1", "title": "一", "price": "1", "stock": 1},
        {"external_id": "A1", "title": "二", "price": "2", "stock": 2},
        {"external_id": "A1", "title": "三", "price": "3", "stock": 3, "sku_name": "大"},
    )
    done = take_in(app, written(tmp_path, text), shop)
    assert summary_of(done) == "imported 1, updated 0, refused 0"
    found = goods(client, "A1")
    assert found["title"] == "三"
    assert [(one["name"], one["price"], one["stock"]) for one in found["skus"]] == [("默认", 200, 2), ("大", 300, 3)]


def test_products_are_counted_once_however_many_lines_and_batches_they_have(
    app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    """Two products of 90 variants, told again and again, one of them known, and 100 of one: in three batches."""
    take_in(app, written(tmp_path, csv_of({"external_id": "known"})), shop)
    rows = [{"external_id": number, "sku_name": f"{n % 90}"} for n in range(600) for number in ("known", "new")]
    rows += [{"external_id": "new", "price": "x"}] + [{"external_id": f"{n}"} for n in range(100)]
    done = take_in(app, written(tmp_path, csv_of(*rows)), shop)
    assert done.stdout.splitlines()[0].startswith("line 1202: price")
    assert summary_of(done) == "imported 101, updated 1, refused 1"
    assert (count(Product), count(Sku)) == (102, 281)
    again = take_in(app, written(tmp_path, csv_of(*rows)), shop)
    assert summary_of(again) == "imported 0, updated 102, refused 1"
    assert (count(Product), count(Sku)) == (102, 281)


def test_each_shop_has_numbers_of_its_own(app: Flask, shop: make.MadeShop, tmp_path: Path) -> None:
    file = written(tmp_path, csv_of({"external_id": "A1"}))
    assert summary_of(take_in(app, file, shop)).startswith("imported 1,")
    assert summary_of(take_in(app, file, make.shop())).startswith("imported 1,")
    assert count(Product) == 2


BAD_LINES = [
    ({"external_id": "B", "price": "12.345"}, "price"),
    ({"external_id": "B", "price": ""}, "price"),
    ({"external_id": "B", "price": "-1"}, "price"),
    ({"external_id": "B", "price": "0"}, "price"),
    ({"external_id": "B", "price": "1e3"}, "price"),
    ({"external_id": "B", "price": "NaN"}, "price"),
    ({"external_id": "B", "price": "99999999999999"}, "price"),
    ({"external_id": "B", "price": "十块"}, "price"),
    ({"external_id": "B", "stock": "1.5"}, "stock"),
    ({"external_id": "B", "stock": "-1"}, "stock"),
    ({"external_id": "B", "stock": "9999999999"}, "stock"),
    ({"external_id": "", "title": "没有编号"}, "external_id"),
    ({"external_id": "B", "title": "  "}, "title"),
    ({"external_id": "B", "title": "长" * 201}, "title"),
    ({"external_id": "B", "title": "x\x00y"}, "title"),
    ({"external_id": "B", "brand": "牌" * 81}, "brand"),
    ({"external_id": "B", "image": "../../etc/passwd"}, "image"),
    ({"external_id": "B", "image": "absent.jpg"}, "image"),
    ({"external_id": "B", "image": "\x00"}, "image"),
]


def test_bad_lines_are_refused_with_their_number_and_the_rest_comes_in(
    app: Flask, shop: make.MadeShop, tmp_path: Path
) -> None:
    rows = [{"external_id": "A1"}, *(row for row, _ in BAD_LINES), {"external_id": "A2"}]
    done = take_in(app, written(tmp_path, csv_of(*rows)), shop)
    *told, _, summary = done.stdout.splitlines()
    assert (done.exit_code, summary) == (0, f"imported 2, updated 0, refused {len(BAD_LINES)}")
    expected = [f"line {number}: {field}" for number, (_, field) in enumerate(BAD_LINES, start=3)]
    assert [line[: len(start)] for line, start in zip(told, expected, strict=True)] == expected
    assert done.stdout.isprintable() or all(letter.isprintable() or letter == "\n" for letter in done.stdout)
    assert count(Product) == 2


def test_a_huge_field_and_a_line_of_another_alphabet_do_not_end_the_import(
    app: Flask, shop: make.MadeShop, tmp_path: Path
) -> None:
    good = b"A%d,\xe8\x8c\xb6,,,,,1,1,\r\n"
    lines = [
        good % 1,
        b"B,x," + b"y" * 3_000_000 + b",,,,1,1,\r\n",
        "C,茶,,,,,1,1,\r\n".encode("gbk"),
        b"D,x,,,,,1,1,,,,\r\n",
    ]
    done = take_in(app, written(tmp_path, b"\r\n".join([HEADER.encode(), b"".join([*lines, b"\r\n", good % 2])])), shop)
    *told, _, summary = done.stdout.splitlines()
    assert summary == "imported 2, updated 0, refused 3"
    assert [line.split(":")[0] for line in told] == ["line 3", "line 4", "line 5"]


def test_a_line_with_a_code_of_other_goods_is_refused_as_at_the_portal_and_the_rest_comes_in(
    app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    file = written(tmp_path, "external_id,title,price,code\nZ1,a,5,K1\nZ2,b,6,K1\nZ3,c,7,K3\n")
    done = take_in(app, file, shop)
    why = "line 3: 店内已有这个商家编码 / The shop already has a variant of this code."
    assert (done.exit_code, done.stdout.splitlines()[0], summary_of(done)) == (
        0,
        why,
        "imported 2, updated 0, refused 1",
    )
    assert [goods(client, number)["price"] for number in ("Z1", "Z3")] == [500, 700]
    again = take_in(app, written(tmp_path, "external_id,title,price,code\nZ4,d,5,K3\n"), shop)
    assert (again.exit_code, summary_of(again)) == (1, "imported 0, updated 0, refused 1")
    assert "Ends with 0" in app.test_cli_runner().invoke(args=["catalogue", "import", "--help"]).stdout


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_file_that_is_not_utf8_is_one_fault_and_nothing_of_it_comes_in(
    app: Flask, shop: make.MadeShop, tmp_path: Path, encoding: str
) -> None:
    rows = [{"external_id": f"A{n}", "title": title} for n, title in enumerate(["白茶杯", "一", "", "tea"])]
    done = take_in(app, written(tmp_path, csv_of(*rows).encode(encoding)), shop)
    assert (done.exit_code, done.stderr.count("CSV UTF-8"), summary_of(done)) == (
        1,
        2,
        "imported 0, updated 0, refused 0",
    )
    assert count(Product) == 0


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.csv", b""),
        ("b.csv", HEADER.encode()),
        ("c.csv", "external_id,title\nA1,茶\n".encode()),
        ("d.csv", b"\x89PNG\r\n\x1a\n"),
        ("e.csv", csv_of({"external_id": "A1", "price": "x"}).encode()),
        ("f.jsonl.gz", b"not gzip"),
        ("g.jsonl", b"[]\nnot json\n{}\n" + b'{"id":"x","title":"' + b"y" * 2_000_000 + b'"}\n'),
        ("h.xlsx", b"PK"),
    ],
)
def test_a_file_of_which_nothing_comes_in_ends_with_1(
    app: Flask, shop: make.MadeShop, tmp_path: Path, name: str, body: bytes
) -> None:
    done = take_in(app, written(tmp_path, body, name), shop)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1].startswith("imported 0, updated 0, refused ")
    assert count(Product) == 0


def test_missing_columns_are_named(app: Flask, shop: make.MadeShop, tmp_path: Path) -> None:
    done = take_in(app, written(tmp_path, "title,stock\n茶,1\n"), shop)
    assert "external_id, price" in done.stderr


def test_an_unknown_shop_is_refused(app: Flask, tmp_path: Path) -> None:
    file = written(tmp_path, csv_of({"external_id": "A1"}))
    done = app.test_cli_runner().invoke(args=["catalogue", "import", str(file), "--shop", str(new_id())])
    assert done.exit_code == 1 and "There is no such shop." in done.stderr


def test_an_unknown_category_is_made_once_behind_the_others(app: Flask, shop: make.MadeShop, tmp_path: Path) -> None:
    before = count(Category)
    rows = [{"external_id": str(n), "category": name} for n, name in enumerate(["古琴", "古琴", "彩妆", "围棋"])]
    take_in(app, written(tmp_path, csv_of(*rows)), shop)
    assert count(Category) == before + 2
    last = db.session.scalars(select(Category.name).order_by(Category.position.desc()).limit(2)).all()
    assert set(last) == {"古琴", "围棋"}


def test_a_picture_beside_the_file_is_taken_in_once_and_a_url_is_not_fetched(
    app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "tea.jpg").write_bytes(make.picture_file(30, 20))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    rows = [
        {"external_id": "A1", "image": "pictures/tea.jpg"},
        {"external_id": "A2", "image": "https://example.com/tea.jpg"},
        {"external_id": "A3", "image": "broken.jpg"},
    ]
    file = written(tmp_path, csv_of(*rows))
    done = take_in(app, file, shop)
    assert done.stdout.splitlines()[-1] == "imported 2, updated 0, refused 1"
    assert "line 4: image" in done.stdout and "were not fetched" in done.stdout
    [picture] = goods(client, "A1")["pictures"]
    assert (picture["width"], picture["height"]) == (30, 20)
    assert client.get("/" + picture["url"]).status_code == 200
    assert goods(client, "A2")["pictures"] == []
    take_in(app, file, shop)
    assert goods(client, "A1")["pictures"] == [picture]


def test_a_picture_is_decoded_before_any_transaction_begins(
    app: Flask, shop: make.MadeShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tea.jpg").write_bytes(make.picture_file(30, 20))
    opened, busy = Image.open, "state <> 'idle' AND pid <> pg_backend_pid() AND datname = current_database()"
    open_transactions: list[int] = []

    def watched(*given: Any, **named: Any) -> Image.Image:
        with psycopg.connect(db.engine.url.set(drivername="postgresql").render_as_string(False)) as other:
            found = other.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {busy}").fetchone()
        open_transactions.extend(found or ())
        return opened(*given, **named)

    monkeypatch.setattr(Image, "open", watched)
    rows = [{"external_id": "A0"}, {"external_id": "A1", "image": "tea.jpg"}]
    assert summary_of(take_in(app, written(tmp_path, csv_of(*rows)), shop)) == "imported 2, updated 0, refused 0"
    assert open_transactions == [0]


def test_json_lines_without_a_price_are_found_but_cannot_be_bought(
    app: Flask, client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    lines = [
        {"id": "J1", "title": "有价", "price": 18.99, "category": "茶/白茶", "desc": "说明", "brand": "山野"},
        {"id": 2, "title": "无价", "src": "x"},
        {"id": "J3", "title": "有库存", "price": "5", "stock": 7},
        {"id": "J4", "title": "零价", "price": 0},
        {"id": "J5", "title": "三位小数", "price": 1.234},
        {"id": "J6", "title": ["不是文字"], "price": 1},
        {"id": "J7", "title": "真", "price": True},
    ]
    body = gzip.compress(b"\n".join(orjson.dumps(one) for one in lines))
    done = take_in(app, written(tmp_path, body, "goods.jsonl.gz"), shop, "--stock", "42")
    *told, _, summary = done.stdout.splitlines()
    assert summary == "imported 4, updated 0, refused 3"
    assert [line.split(":")[0] for line in told] == ["line 5", "line 6", "line 7"]
    priced, unpriced, stocked = goods(client, "J1"), goods(client, "2"), goods(client, "J3")
    assert (priced["price"], priced["skus"][0]["stock"], priced["description"]) == (1899, 42, "说明")
    assert (unpriced["price"], unpriced["skus"], unpriced["in_stock"]) == (None, [], False)
    assert (stocked["price"], stocked["skus"][0]["stock"], goods(client, "J4")["skus"]) == (500, 7, [])


def test_a_damaged_archive_gives_what_could_be_read(app: Flask, shop: make.MadeShop, tmp_path: Path) -> None:
    lines = b"".join(orjson.dumps({"id": str(n), "title": str(new_id()), "price": 1}) + b"\n" for n in range(3000))
    done = take_in(app, written(tmp_path, gzip.compress(lines)[:-3000], "goods.jsonl.gz"), shop)
    assert done.exit_code == 0 and "damaged" in done.stdout
    assert 0 < count(Product) < 3000


def test_the_real_catalogue_comes_in_within_seconds_and_again_as_updates(app: Flask, shop: make.MadeShop) -> None:
    for summary in ("imported 13432, updated 0, refused 0", "imported 0, updated 13432, refused 0"):
        began, worked = time.perf_counter(), time.process_time()
        done = take_in(app, shared_file("catalog/zh_products.jsonl.gz"), shop)
        took, work = time.perf_counter() - began, time.process_time() - worked
        print(f"{summary}: {took:.1f} s, {work:.1f} s of it at work")
        assert done.stdout.splitlines()[-1] == summary
        assert work < 15, "of the processor: how long it waits for it says how busy the machine is"
    changes = db.session.scalars(text("SELECT count(*) FROM core_events WHERE name = 'ProductChanged'")).one()
    assert changes == 0, "what is as it was is not told to the search engine again"
    skus = list(db.session.scalars(select(Sku.id)))
    assert (count(Product), len(skus)) == (13432, 7635)
    assert set(available(skus).values()) > {100} and len(available(skus)) == len(skus)


def test_a_picture_that_was_sent_and_not_used_is_taken_in_anew(
    client: Client, shop: make.MadeShop, tmp_path: Path
) -> None:
    """The one that was sent goes after 48 hours, and goods must not hang on it."""
    body = make.picture_file()
    sent = client.as_(shop.owner.token).post("/uploads", **make.upload_form(body))
    (tmp_path / "cup.jpg").write_bytes(body)
    done = take_in(client.app, written(tmp_path, csv_of({"external_id": "A1", "image": "cup.jpg"})), shop)
    assert done.exit_code == 0, done.stdout
    shown = [one["id"] for one in goods(client, "A1")["pictures"]]
    assert len(shown) == 1
    assert shown != [sent.json["id"]]
    again = take_in(client.app, written(tmp_path, csv_of({"external_id": "A2", "image": "cup.jpg"})), shop)
    assert again.exit_code == 0
    assert [one["id"] for one in goods(client, "A2")["pictures"]] == shown, "a picture in use is used again"
