"""Pages of shops: what is arranged, what is seen of it, and how many questions that costs."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, in_transaction
from app.core.worker import sweep_once
from app.store.catalogue import actions as catalogue
from app.store.categories.models import STARTING_CATEGORIES
from app.store.decor.models import THEMES
from app.store.payments import actions as payments
from app.store.payments.queries import payment as payment_now
from app.store.shops import actions as shops
from app.store.shops.models import MANAGER, PACKER
from tests import make
from tests.client import Client
from tests.make import order as bought
from tests.store.counting import queries_in

TEA, CUPS = list(STARTING_CATEGORIES)[:2]


def put(client: Client, shop: make.MadeShop, status: int = 200, token: str = "", **body: Any) -> dict[str, Any]:
    answer = client.as_(token or shop.owner.token).put(f"/shops/{shop.id}/page", body)
    assert answer.status_code == status, answer.text
    return answer.json


def titles(goods: list[dict[str, Any]]) -> list[str]:
    return [one["title"] for one in goods]


def sell(shop: make.MadeShop, goods: make.MadeProduct, units: int) -> None:
    made = bought.purchase([replace(bought.line(goods.sku_id, 100, units, shop.id), product_id=goods.id)])
    begun = bought.payment(made)
    kept = in_transaction(lambda: payments.play_outcome(payment_now(begun.id), "paid"))
    in_transaction(lambda: payments.settle_callback(kept))


def test_a_page_that_nobody_arranged_is_empty_and_there(app: Flask, client: Client) -> None:
    shop = make.shop()
    page = client.get(f"/shops/{shop.id}/page").json
    assert (page["theme"], page["banners"], page["featured"], page["sections"]) == (THEMES[0], [], [], [])
    assert page["shop"] == client.get(f"/shops/{shop.id}").json
    assert client.get(f"/shops/{make.person().id}/page").status_code == 404


def test_a_page_shows_banners_featured_goods_and_sections_in_their_order(app: Flask, client: Client) -> None:
    shop = make.shop()
    cup, pot, tea = (
        make.product(shop, title="茶杯", category_id=CUPS),
        make.product(shop, title="茶壶", category_id=CUPS),
        make.product(shop, title="龙井", category_id=TEA),
    )
    banner = {"upload": str(make.upload(shop.owner)), "alt": "春茶上市", "link": {"kind": "section", "section": 1}}
    content = {
        "banners": [
            banner,
            {"upload": str(make.upload(shop.owner)), "alt": "茶壶", "link": {"kind": "product", "id": str(pot.id)}},
        ],
        "featured": [str(tea.id), str(cup.id)],
        "sections": [
            {"title": "器物", "sort": "goods", "goods": [str(pot.id), str(cup.id)]},
            {"title": "茶", "sort": "category", "category_id": str(TEA)},
            {"title": "新品", "sort": "newest"},
        ],
    }
    page = put(client, shop, theme="tea", tagline="一杯好茶", content=content)
    assert page == client.get(f"/shops/{shop.id}/page").json
    assert (page["theme"], page["tagline"], titles(page["featured"])) == ("tea", "一杯好茶", ["龙井", "茶杯"])
    assert [titles(one["goods"]) for one in page["sections"]] == [["茶壶", "茶杯"], ["龙井"], ["龙井", "茶壶", "茶杯"]]
    first, second = page["banners"]
    assert first["link"]["id"] == page["sections"][1]["id"] and second["link"]["url"] == f"/goods/{pot.id}"
    assert client.get("/" + first["picture"]["url"]).status_code == 200
    put(client, shop, content={})
    assert client.get("/" + first["picture"]["url"]).status_code == 404


def test_only_goods_on_sale_are_seen(app: Flask, client: Client) -> None:
    shop = make.shop()
    goods = [make.product(shop, title=name) for name in ("好的", "停售", "下架")]
    goods.append(make.product(shop, title="草稿", state="draft"))
    ids = [str(one.id) for one in goods]
    banners = [{"upload": str(make.upload(shop.owner)), "alt": "x", "link": {"kind": "product", "id": ids[1]}}]
    sections = [{"title": "一", "sort": "goods", "goods": ids}, {"title": "二", "sort": "newest"}]
    put(client, shop, content={"featured": ids, "sections": sections, "banners": banners})
    in_transaction(lambda: catalogue.change_product(make.as_staff(shop), goods[1].id, state="off"))
    in_transaction(lambda: catalogue.take_down(goods[2].id, "假货", None))
    page = client.get(f"/shops/{shop.id}/page").json
    shown = [page["featured"], *(one["goods"] for one in page["sections"])]
    assert [titles(one) for one in shown] == [["好的"]] * 3
    assert page["banners"][0]["link"] is None
    arranged = client.as_(shop.owner.token).get(f"/shops/{shop.id}/page/arrangement").json
    assert arranged["featured"] == ids
    in_transaction(lambda: shops.close_shop(shop.id, "suspended"))
    page = client.get(f"/shops/{shop.id}/page").json
    assert (page["featured"], page["shop"]["state"]) == ([], "suspended")


@pytest.mark.parametrize("what", ["goods", "pictures", "category", "section", "theme", "too many"])
def test_what_cannot_be_on_a_page_is_refused_and_changes_nothing(app: Flask, client: Client, what: str) -> None:
    shop, other = make.shop(), make.product()
    mine = str(make.product(shop).id)
    bodies: dict[str, dict[str, Any]] = {
        "goods": {"content": {"featured": [mine, str(other.id)]}},
        "pictures": {"content": {"banners": [{"upload": str(make.upload(other.shop.owner)), "alt": "x"}]}},
        "category": {"content": {"sections": [{"title": "一", "sort": "category"}]}},
        "section": {"content": {"sections": [{"title": "一", "sort": "category", "category_id": str(other.id)}]}},
        "theme": {"theme": "<style>"},
        "too many": {"content": {"featured": [mine] * 13}},
    }
    put(client, shop, 422, **bodies[what])
    assert client.get(f"/shops/{shop.id}/page").json["version"] == 0


def test_who_saw_an_older_page_does_not_overwrite_a_newer_one(app: Flask, client: Client) -> None:
    shop = make.shop()
    seen = put(client, shop, tagline="一")["version"]
    put(client, shop, tagline="二", version=seen)
    assert put(client, shop, 409, tagline="三", version=seen)["code"] == "changed_meanwhile"
    assert client.get(f"/shops/{shop.id}/page").json["tagline"] == "二"


def test_a_page_is_arranged_by_those_who_set_the_shop_up(app: Flask, client: Client) -> None:
    shop = make.shop()
    put(client, shop, token=make.worker(shop, MANAGER).token, tagline="一")
    put(client, shop, 403, token=make.worker(shop, PACKER).token, tagline="二")
    put(client, shop, 404, token=make.person().token, tagline="二")


def test_what_sells_best_leads_its_section(app: Flask, client: Client) -> None:
    shop = make.shop()
    goods = [make.product(shop, title=name) for name in ("少", "多", "没有")]
    put(client, shop, content={"sections": [{"title": "热卖", "sort": "best"}]})
    sell(shop, goods[0], 1)
    sell(shop, goods[1], 3)
    sweep_once(["store.decor.find_best_sellers"])
    assert titles(client.get(f"/shops/{shop.id}/page").json["sections"][0]["goods"]) == ["多", "少"]
    assert sweep_once(["store.decor.find_best_sellers"]) == 0
    put(client, shop, content={})
    assert db.session.scalar(text("SELECT best_due_at FROM decor_pages")) is None


def test_a_shop_shows_its_verified_brands(app: Flask, client: Client) -> None:
    shop = make.shop()
    assert client.get(f"/shops/{shop.id}").json["type"] == "ordinary"
    make.approved(shop, "brand", "青山")
    make.approved(shop, "brand", "白石", type="authorised")
    make.application(shop, "brand", "红叶")
    found = client.get(f"/shops/{shop.id}").json
    assert found["type"] == "flagship"
    assert [(one["name"], one["type"], one["verified"]) for one in found["brands"]] == [
        ("青山", "flagship", True),
        ("白石", "authorised", True),
    ]


def test_a_page_costs_the_same_questions_whatever_stands_on_it(app: Flask, client: Client) -> None:
    shop = make.shop()

    def arrange(goods: int, sections: int) -> int:
        ids = [str(make.product(shop, category_id=CUPS).id) for _ in range(goods)]
        rows: list[dict[str, Any]] = [{"title": "一", "sort": "goods", "goods": ids} for _ in range(sections)]
        rows += [
            {"title": "二", "sort": "newest"},
            {"title": "三", "sort": "category", "category_id": str(CUPS)},
        ] * sections
        banners = [{"upload": str(make.upload(shop.owner)), "alt": "x"} for _ in range(sections)]
        put(client, shop, content={"banners": banners, "featured": ids, "sections": rows})
        client.get(f"/shops/{shop.id}/page")
        with queries_in() as sent:
            client.get(f"/shops/{shop.id}/page")
        return len(sent)

    assert arrange(1, 1) == arrange(8, 3) <= 9
