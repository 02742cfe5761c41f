"""Virtual goods: a code for each unit, never twice, sealed at rest; a file by an address that holds for minutes."""

from functools import partial
from io import BytesIO
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import clock
from app.core.caller import PERSON, Ref
from app.core.db import db, in_transaction
from app.core.eventlog import EventRow
from app.core.ids import new_id
from app.store.codes import actions, queries
from app.store.codes.models import GoodsCode
from app.store.inventory.queries import available
from tests import make
from tests.client import Client
from tests.store.racing import together


def virtual(**named: object) -> make.MadeProduct:
    return make.product(goods_kind="virtual", title="季卡", stock=0, **named)


def fill(client: Client, goods: make.MadeProduct, *codes: str) -> dict:
    return client.as_(goods.shop.owner.token).post(f"/skus/{goods.sku_id}/codes", {"codes": list(codes)}).json


def delivered(
    goods: make.MadeProduct, units: int = 1, line: UUID | None = None, owner: UUID | None = None
) -> list[str]:
    made = line or new_id()
    in_transaction(lambda: actions.deliver(made, goods.sku_id, units, Ref(PERSON, owner or UUID(int=7))))
    return queries.codes_of([made])[made]


def told() -> list[str]:
    return [row.body["line_id"] for row in db.session.query(EventRow).filter(EventRow.name == "CodesDelivered")]


def test_codes_are_stock_and_the_same_one_counts_once(client: Client) -> None:
    goods = virtual()
    assert fill(client, goods, "A-1", "A-2", "A-1") == {"added": 2, "known": 1}
    assert fill(client, goods, "A-2", "A-3") == {"added": 1, "known": 1}
    assert available([goods.sku_id]) == {goods.sku_id: 3}
    pool = client.as_(goods.shop.owner.token).get(f"/skus/{goods.sku_id}/codes")
    assert pool.json == {"free": 3, "taken": 0, "lacking": 0} and "A-1" not in pool.text


def test_codes_are_sealed_at_rest(client: Client) -> None:
    goods = virtual()
    fill(client, goods, "SECRET-CODE-1")
    [row] = db.session.query(GoodsCode)
    assert b"SECRET-CODE-1" not in row.sealed + row.digest
    assert delivered(goods) == ["SECRET-CODE-1"]


def test_a_paid_line_gets_its_units_once_however_often_it_is_told(client: Client) -> None:
    goods, line = virtual(), new_id()
    fill(client, goods, "1", "2", "3")
    assert delivered(goods, 2, line) == delivered(goods, 2, line) == ["1", "2"]
    assert delivered(goods, 1) == ["3"] and len(told()) == 2


def test_of_many_lines_at_once_no_two_get_the_same_code(app: Flask, client: Client) -> None:
    goods = virtual()
    fill(client, goods, *[f"C{turn}" for turn in range(10)])
    lines = [new_id() for _ in range(8)]
    owner = Ref(PERSON, UUID(int=7))
    works = [lambda one=one: in_transaction(lambda: actions.deliver(one, goods.sku_id, 2, owner)) for one in lines]
    lacking = together(app, *works)
    codes = [code for found in queries.codes_of(lines).values() for code in found]
    assert len(codes) == len(set(codes)) == 10 and sum(lacking) == 6
    assert fill(client, goods, *[f"D{turn}" for turn in range(8)]) == {"added": 8, "known": 0}
    assert all(len(found) == 2 for found in queries.codes_of(lines).values())
    assert available([goods.sku_id])[goods.sku_id] == 10 + 2, "what lines lacked is no stock"
    assert queries.pool_of(goods.sku_id) == (2, 16, 0)


def test_filling_a_pool_while_lines_are_paid_leaves_nobody_without(app: Flask, client: Client) -> None:
    for _ in range(4):
        goods = virtual()
        lines = [new_id() for _ in range(3)]
        works = [partial(delivered, goods, 1, one) for one in lines]
        together(app, *works, partial(fill, client, goods, "a", "b", "c"))
        assert [len(found) for found in queries.codes_of(lines).values()] == [1, 1, 1]


steps = st.lists(st.one_of(st.tuples(st.just("fill"), st.integers(1, 4)), st.tuples(st.just("pay"), st.integers(1, 3))))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(steps)
def test_every_code_is_free_or_of_one_line_and_nobody_waits_while_one_is_free(client: Client, told: list) -> None:
    goods, put, paid = virtual(), 0, 0
    for what, units in told:
        if what == "fill":
            fill(client, goods, *[f"{put + turn}" for turn in range(units)])
            put += units
        else:
            delivered(goods, units)
            paid += units
    free, taken, lacking = queries.pool_of(goods.sku_id)
    assert (free, taken, lacking) == (max(put - paid, 0), min(put, paid), max(paid - put, 0))


def test_a_buyer_reads_his_codes_and_nobody_else_does(client: Client) -> None:
    goods, person, other = virtual(), make.person(), make.person()
    fill(client, goods, "XYZ")
    delivered(goods, 2, owner=person.id)
    [mine] = client.as_(person.token).get("/me/codes").json["items"]
    assert (mine["codes"], mine["lacking"], mine["title"], mine["file_url"]) == (["XYZ"], 1, "季卡", None)
    assert client.as_(other.token).get("/me/codes").json["items"] == []
    assert client.get("/me/codes").status_code == 401


def test_only_virtual_goods_have_codes_and_only_who_may_change_goods_fills_them(client: Client) -> None:
    cup, goods = make.product(), virtual()
    refused = client.as_(cup.shop.owner.token).post(f"/skus/{cup.sku_id}/codes", {"codes": ["A"]})
    assert list(refused.json["errors"]) == ["sku_id"]
    path = f"/skus/{goods.sku_id}/codes"
    assert client.as_(make.worker(goods.shop, "packer").token).post(path, {"codes": ["A"]}).status_code == 403


def test_a_file_is_downloaded_by_who_paid_until_his_money_went_back(client: Client) -> None:
    goods, person, line = virtual(), make.person(), new_id()
    owner = client.as_(goods.shop.owner.token)
    form = {"data": {"file": (BytesIO(b"%PDF-1.7 a book"), "书/../电子书.pdf")}, "content_type": "multipart/form-data"}
    assert owner.send("POST", f"/skus/{goods.sku_id}/file", **form).status_code == 204
    delivered(goods, 1, line, person.id)
    [mine] = client.as_(person.token).get("/me/codes").json["items"]
    assert (mine["file_name"], mine["codes"], mine["lacking"]) == ("电子书.pdf", [], 0)
    got = client.get(f"/{mine['file_url']}")
    assert got.data == b"%PDF-1.7 a book" and got.headers["Content-Disposition"].startswith("attachment")
    got.close()
    assert client.get(f"/{mine['file_url'].replace('&s=', '&s=0')}").status_code == 404
    assert client.get(f"//downloads/{line}").status_code == 404
    with clock.moved(minutes=16):
        assert client.get(f"/{mine['file_url']}").status_code == 404
    assert in_transaction(lambda: actions.close_grant(line)) is True
    assert client.get(f"/{mine['file_url']}").status_code == 404
    assert client.as_(person.token).get("/me/codes").json["items"][0]["file_url"] is None
