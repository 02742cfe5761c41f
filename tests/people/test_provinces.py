"""Provinces in addresses: known in all usual spellings, kept in one, and nothing else is a province."""

import pytest
from flask import Flask

from app.core.db import db, in_transaction
from app.people.addresses.actions import add_address
from app.people.addresses.models import PROVINCES, full_province, province_of
from tests import make
from tests.client import Client
from tests.make import ADDRESS

XINJIANG = "新疆维吾尔自治区"
SPELLINGS = {
    XINJIANG: (
        "新疆",
        "新疆维吾尔自治区",
        " 新 疆 ",
        "新疆省",
        "新疆維吾爾自治區",
        "Xinjiang",
        "XINJIANG Uygur Autonomous Region",
    ),
    "台湾省": ("台湾", "臺灣", "台灣省", "Taiwan", "Taiwan Province"),
    "北京市": ("北京", "北京市", "Beijing", "Beijing Shi", "beijing municipality"),
    "香港特别行政区": ("香港", "香港特別行政區", "Hong Kong", "HongKong SAR", "Xianggang"),
    "澳门特别行政区": ("澳門", "Macau", "Macao"),
    "内蒙古自治区": ("內蒙古", "Inner Mongolia", "Nei Mongol", "Neimenggu"),
    "西藏自治区": ("西藏", "Tibet", "Xizang Autonomous Region"),
    "陕西省": ("陝西", "Shaanxi", "Shaanxi Province"),
    "山西省": ("山西", "Shanxi Sheng"),
    "广西壮族自治区": ("广西", "廣西壯族自治區", "Guangxi Zhuang Autonomous Region"),
    "宁夏回族自治区": ("寧夏", "Ningxia Hui AR"),
}


@pytest.mark.parametrize(("full", "spelt"), [(full, one) for full, many in SPELLINGS.items() for one in many])
def test_a_province_is_known_in_all_usual_spellings(full: str, spelt: str) -> None:
    assert full_province(spelt) == full


@pytest.mark.parametrize("name", ["火星", "Mars", "新", "省", "", "Xin", "杭州", "New Territories", "浙江浙江", "疆新"])
def test_nothing_else_is_a_province(name: str) -> None:
    assert full_province(name) is None


def test_each_is_known_by_its_full_and_its_english_name() -> None:
    assert all(province_of(full_province(one) or "") == one for one in PROVINCES)
    assert [province_of(english) for english in PROVINCES.values()] == list(PROVINCES)


def test_an_address_keeps_it_in_one_spelling_and_no_other_is_taken(client: Client) -> None:
    by = client.as_(make.person().token)
    kept = by.post("/me/addresses", {**ADDRESS, "province": "Xinjiang"}).json
    assert kept["province"] == XINJIANG
    assert by.patch(f"/me/addresses/{kept['id']}", {"province": "浙江"}).json["province"] == "浙江省"
    for language, words in (("zh-CN", "内蒙古、辽宁"), ("en", "Inner Mongolia, Liaoning")):
        refused = by.patch(f"/me/addresses/{kept['id']}", {"province": "火星"}, headers={"Accept-Language": language})
        assert refused.status_code == 422
        assert words in refused.json["errors"]["province"][0]
    assert by.post("/me/addresses", {**ADDRESS, "province": "火星"}).status_code == 422


def test_an_old_address_is_still_there_to_be_read_and_must_be_mended_before_it_is_used(
    app: Flask, client: Client
) -> None:
    person, goods = make.person(), make.product()
    by = client.as_(person.token)
    old, good = (
        in_transaction(lambda name=name: add_address(person.id, {**ADDRESS, "province": name}).id)
        for name in ("火星", "Xinjiang")
    )
    db.session.remove()
    assert {one["province"] for one in by.get("/me/addresses").json["items"]} == {"火星", "Xinjiang"}
    checkout = by.post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]}).json
    refused = by.patch(f"/checkouts/{checkout['id']}", {"address_id": str(old)})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["province"])
    taken = by.patch(f"/checkouts/{checkout['id']}", {"address_id": str(good)})
    assert taken.json["address"]["province"] == XINJIANG


def test_warehouses_and_second_hand_articles_stand_in_provinces_too(client: Client) -> None:
    shop = make.shop()
    by = client.as_(shop.owner.token)
    place = {"province": "Zhejiang", "city": "杭州", "street": "文三路 1 号"}
    path = f"/shops/{shop.id}/warehouses"
    assert by.post(path, {"name": "仓", "address": place}).json["address"]["province"] == "浙江省"
    refused = by.post(path, {"name": "仓二", "address": {**place, "province": "火星"}})
    assert "province" in refused.json["errors"]["address"]
    article = {"title": "灯", "condition": "good", "price": 100, "way": "meet", "place": place}
    assert by.post("/second-hand", article).json["place"]["province"] == "浙江省"
    refused = by.post("/second-hand", {**article, "place": {**place, "province": "火星"}})
    assert "province" in refused.json["errors"]["place"]
