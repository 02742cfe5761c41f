"""Alerts of stock: a shop is told what runs low, people are told when what they wait for is there again."""

from uuid import UUID

from flask import Flask

from app.core import worker
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.eventlog import EventRow
from app.store.alerts import actions
from app.store.catalogue.actions import change_product
from app.store.inventory.actions import set_stock
from tests import make
from tests.client import Client
from tests.store.racing import together


def told() -> list[tuple[str, str]]:
    rows = db.session.query(EventRow).filter(EventRow.name == "BackInStock").order_by(EventRow.id)
    return [(row.body["person_id"], row.body["sku_id"]) for row in rows]


def refill(sku: UUID, units: int) -> None:
    in_transaction(lambda: set_stock(sku, units))
    worker.drain()


def test_a_shop_sees_what_runs_low_until_it_is_refilled(client: Client) -> None:
    goods = make.product(stock=10)
    owner, path = client.as_(goods.shop.owner.token), f"/shops/{goods.shop.id}/alerts"
    assert owner.put(f"/skus/{goods.sku_id}/low-stock", {"low_at": 3}).status_code == 204
    assert owner.get(path).json["items"] == []
    refill(goods.sku_id, 3)
    [low] = owner.get(path).json["items"]
    assert (low["id"], low["title"], low["available"], low["low_at"]) == (str(goods.sku_id), goods.title, 3, 3)
    refill(goods.sku_id, 1)
    assert [one["available"] for one in owner.get(path).json["items"]] == [1]
    refill(goods.sku_id, 4)
    assert owner.get(path).json["items"] == []
    assert owner.put(f"/skus/{goods.sku_id}/low-stock", {"low_at": 9}).status_code == 204
    worker.drain()
    assert len(owner.get(path).json["items"]) == 1
    assert owner.put(f"/skus/{goods.sku_id}/low-stock", {"low_at": None}).status_code == 204
    assert owner.get(path).json["items"] == []


def test_who_waits_is_told_once_when_there_is_something_again(client: Client) -> None:
    goods, one, other = make.product(stock=0), make.person(), make.person()
    path = f"/skus/{goods.sku_id}/alert"
    assert [client.as_(who.token).put(path).status_code for who in (one, one, other)] == [204] * 3
    assert client.as_(other.token).delete(path).status_code == 204
    refill(goods.sku_id, 5)
    worker.sweep_once(["store.alerts.tell_who_waits"])
    assert told() == [(str(one.id), str(goods.sku_id))]
    assert client.as_(one.token).put(path).json["code"] == "in_stock"
    refill(goods.sku_id, 0)
    refill(goods.sku_id, 5)
    worker.sweep_once(["store.alerts.tell_who_waits"])
    assert len(told()) == 1


def test_who_waits_goes_on_waiting_if_it_is_gone_again_or_off_sale(client: Client) -> None:
    goods, who = make.product(stock=0), make.person()
    owner = Caller(person_id=goods.shop.owner.id)
    assert client.as_(who.token).put(f"/skus/{goods.sku_id}/alert").status_code == 204
    refill(goods.sku_id, 5)
    in_transaction(lambda: set_stock(goods.sku_id, 0))
    assert worker.sweep_once(["store.alerts.tell_who_waits"]) == 1 and told() == []
    in_transaction(lambda: change_product(owner, goods.id, state="off").id)
    refill(goods.sku_id, 5)
    assert worker.sweep_once(["store.alerts.tell_who_waits"]) == 1 and told() == []
    in_transaction(lambda: change_product(owner, goods.id, state="on_sale").id)
    refill(goods.sku_id, 0)
    refill(goods.sku_id, 2)
    worker.sweep_once(["store.alerts.tell_who_waits"])
    assert told() == [(str(who.id), str(goods.sku_id))]


def test_many_workers_tell_each_person_once(app: Flask) -> None:
    goods, people = make.product(stock=0), [make.person() for _ in range(20)]
    for who in people:
        in_transaction(lambda who=who: actions.wait_for(Caller(person_id=who.id), goods.sku_id))
    refill(goods.sku_id, 5)
    together(app, *[lambda: in_transaction(lambda: actions.tell_due(3))] * 7)
    while in_transaction(lambda: actions.tell_due(3)):
        pass
    assert sorted(told()) == sorted((str(who.id), str(goods.sku_id)) for who in people)


def test_hidden_goods_are_not_waited_for(client: Client) -> None:
    draft, who = make.product(stock=0, state="draft"), make.person()
    assert client.as_(who.token).put(f"/skus/{draft.sku_id}/alert").status_code == 404
