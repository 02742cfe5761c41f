"""What a newcomer finds in the shops of the demo town beside its goods."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.config import settings
from app.core.db import db
from app.operate.demo import queries
from app.operate.demo.kinds import KINDS
from app.operate.demo.queries import planted_id
from app.store.variants.queries import skus_of
from app.store.warehouses.models import Warehouse
from tests.client import Client
from tests.operate.test_demo import items, seed, sign_in


@pytest.fixture
def accounts(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    monkeypatch.setattr(settings, "accounts_file", str(tmp_path / "accounts.json"))
    monkeypatch.setattr(queries, "KINDS", {"tea": KINDS["tea"]})
    assert seed(app)[0] == 0
    assert seed(app)[0] == 0, "and again"
    found: dict[str, dict[str, str]] = json.loads((tmp_path / "accounts.json").read_text())
    return found


def test_the_shop_has_a_counter_a_coupon_a_service_and_people_sell_used_things(
    client: Client, accounts: dict[str, dict[str, str]]
) -> None:
    shop, reader = planted_id("shop:mist"), sign_in(client, accounts["reader"])
    counter = db.session.scalars(select(Warehouse).where(Warehouse.shop_id == shop)).one()
    assert counter.is_default and counter.pick_up_hours
    assert reader.post(f"/coupons/{planted_id('stall:coupon')}/claim", key="c").status_code == 201
    [coupon] = items(reader, "/me/coupons")
    assert coupon["name"] == "湖滨店开业券"
    service = planted_id("stall:service")
    sku = skus_of([service])[service][0].id
    bought = reader.post(f"/skus/{sku}/purchase", {"quantity": 1, "gateway": "sandbox"}, key="p")
    assert bought.status_code == 201, bought.json
    assert {one["id"] for one in items(client, "/second-hand")} == {
        str(planted_id("stall:meet")),
        str(planted_id("stall:parcel")),
    }
    [resold] = items(client, f"/shops/{planted_id('stall:personal-shop')}/products")
    assert resold["title"] == "山野大豆蜡烛，松针香" and resold["price"] == 8600
