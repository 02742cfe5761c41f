"""Goods that a moderator looks at first, and goods that go on sale and off at a time."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from app.core import clock, worker
from app.core.config import settings
from app.core.db import db
from app.store.catalogue.models import ProductLog
from tests import make
from tests.client import Client
from tests.pages import with_second_factor
from tests.store.racing import refusals, together


@pytest.fixture
def reviewed(app: Flask) -> Iterator[None]:
    settings.goods_review = True
    yield
    settings.goods_review = False


@pytest.fixture
def desk(client: Client) -> Client:
    return client.as_(make.person(roles=("moderator",)).token)


def waits(desk: Client) -> list[dict]:
    return desk.get("/desk/goods").json["items"]


def log_of(product_id: UUID) -> list[tuple[str, str, str]]:
    rows = db.session.query(ProductLog).filter(ProductLog.product_id == product_id).order_by(ProductLog.id)
    return [(row.before, row.after, row.why) for row in rows]


@pytest.mark.usefixtures("reviewed")
def test_goods_are_on_sale_once_a_moderator_let_them_pass(client: Client, desk: Client) -> None:
    goods = make.product()
    owner = client.as_(goods.shop.owner.token)
    assert client.get(f"/products/{goods.id}").status_code == 404
    assert owner.get(f"/products/{goods.id}").json["state"] == "draft"
    [seen] = waits(desk)
    assert (seen["id"], seen["title"]) == (str(goods.id), goods.title)
    path = f"/desk/goods/{goods.id}"
    assert desk.post(f"{path}/approval", {"seen": "2026-01-01T00:00:00"}).status_code == 409
    assert desk.post(f"{path}/approval", {"seen": seen["seen"]}).status_code == 204
    assert client.get(f"/products/{goods.id}").json["state"] == "on_sale" and waits(desk) == []
    assert log_of(goods.id) == [("in_review", "on_sale", "")]
    assert owner.patch(f"/products/{goods.id}", {"state": "off"}).json["state"] == "off"
    assert owner.patch(f"/products/{goods.id}", {"state": "on_sale"}).json["state"] == "on_sale", "it was approved"


@pytest.mark.usefixtures("reviewed")
def test_what_is_changed_is_off_sale_until_it_was_looked_at_again(client: Client, desk: Client) -> None:
    goods = make.product()
    owner = client.as_(goods.shop.owner.token)
    desk.post(f"/desk/goods/{goods.id}/approval", {"seen": waits(desk)[0]["seen"]})
    assert owner.patch(f"/skus/{goods.sku_id}", {"price": 100}).status_code == 200
    assert client.get(f"/products/{goods.id}").json["state"] == "on_sale", "a price is the shop's own"
    assert owner.patch(f"/products/{goods.id}", {"title": "别的东西"}).json["state"] == "off"
    [seen] = waits(desk)
    assert desk.post(f"/desk/goods/{goods.id}/refusal", {"seen": seen["seen"], "reason": "图文不符"}).status_code == 204
    assert log_of(goods.id)[-1] == ("in_review", "off", "图文不符") and waits(desk) == []
    assert owner.patch(f"/products/{goods.id}", {"state": "on_sale"}).json["state"] == "off"
    assert len(waits(desk)) == 1


@pytest.mark.usefixtures("reviewed")
def test_a_change_while_a_moderator_looks_refuses_his_approval(client: Client, desk: Client) -> None:
    goods = make.product()
    [seen] = waits(desk)
    client.as_(goods.shop.owner.token).patch(f"/products/{goods.id}", {"title": "假货"})
    refused = desk.post(f"/desk/goods/{goods.id}/approval", {"seen": seen["seen"]})
    assert (refused.status_code, refused.json["code"]) == (409, "changed_meanwhile")
    assert client.get(f"/products/{goods.id}").status_code == 404


@pytest.mark.usefixtures("reviewed")
def test_of_two_moderators_one_decides(app: Flask, client: Client, desk: Client) -> None:
    goods = make.product()
    [seen] = waits(desk)
    path, body = f"/desk/goods/{goods.id}", {"seen": seen["seen"], "reason": "不行"}
    works = [lambda what=what: desk.post(f"{path}/{what}", body).status_code for what in ("approval", "refusal")]
    found = together(app, *works * 3)
    assert sorted(found) == [204, 409, 409, 409, 409, 409] and refusals(found) == []


@pytest.mark.usefixtures("reviewed")
def test_a_moderator_works_through_the_page(app: Flask, client: Client) -> None:
    goods, bad = make.product(), make.product()
    desk = with_second_factor(app, make.person(roles=("moderator",)))[0].open("/admin/goods")
    assert goods.title in desk.text and bad.title in desk.text
    desk.send(f"{goods.id}/approval").follow()
    assert goods.title not in desk.text
    desk.send(f"{bad.id}/refusal", reason=" ")
    assert desk.status == 422
    desk.open("/admin/goods").send(f"{bad.id}/refusal", reason="图片模糊").follow()
    assert "没有待审核的商品" in desk.text
    assert client.get(f"/products/{goods.id}").status_code == 200


def test_goods_go_on_sale_and_off_at_their_times_each_once(client: Client) -> None:
    goods = make.product(state="draft")
    owner, path = client.as_(goods.shop.owner.token), f"/products/{goods.id}"
    with clock.moved(hours=0):
        now = clock.now()
        times = {"on_sale_at": now + clock.timedelta(hours=1), "off_sale_at": now + clock.timedelta(hours=3)}
    told = {name: clock.iso(at) for name, at in times.items()}
    assert owner.patch(path, told).status_code == 200
    assert worker.sweep_once(["store.curation.keep_times"]) == 0
    with clock.moved(hours=2):
        assert worker.sweep_once(["store.curation.keep_times"]) == 1
        assert client.get(path).json["state"] == "on_sale"
    with clock.moved(hours=4):
        assert worker.sweep_once(["store.curation.keep_times"]) == 1
        assert client.get(path).json["state"] == "off"
        assert worker.sweep_once(["store.curation.keep_times"]) == 0
    assert log_of(goods.id) == [("draft", "on_sale", "on_sale_at"), ("on_sale", "off", "off_sale_at")]


def test_a_time_that_comes_for_goods_taken_off_by_hand_changes_nothing(client: Client) -> None:
    goods = make.product(terms={"off_sale_at": clock.now() + clock.timedelta(hours=1)})
    owner = client.as_(goods.shop.owner.token)
    owner.patch(f"/products/{goods.id}", {"state": "off"})
    with clock.moved(hours=2):
        assert worker.sweep_once(["store.curation.keep_times"]) == 1
        assert client.get(f"/products/{goods.id}").json["state"] == "off"
        assert worker.sweep_once(["store.curation.keep_times"]) == 0
    assert owner.patch(f"/products/{goods.id}", {"on_sale_at": None}).status_code == 200


def test_a_kind_of_goods_stays_once_somebody_has_begun_to_buy(client: Client) -> None:
    goods = make.product()
    owner = client.as_(goods.shop.owner.token)
    assert owner.patch(f"/products/{goods.id}", {"goods_kind": "service"}).json["goods_kind"] == "service"
    body = {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]}
    assert client.as_(make.person().token).post("/checkouts", body).status_code == 201
    refused = owner.patch(f"/products/{goods.id}", {"goods_kind": "physical"})
    assert (refused.status_code, refused.json["code"]) == (409, "kind_is_fixed")
