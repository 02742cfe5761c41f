"""Anybody may be as many guests as he likes: what one may have counts by the phone number, too."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.buying.checkout.models import Changes
from app.buying.placing.actions import BuyNow, buy_now
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.guests import new_guest_token
from app.core.ids import new_id
from app.store.orders.models import Purchase, dialled
from tests import make
from tests.client import Client
from tests.make import ADDRESS
from tests.make.product import MadeProduct
from tests.store.racing import refusals, together


def buy(client: Client, sku: object, phone: str) -> Any:
    address = {**ADDRESS, "phone": phone}
    return client.post(f"/skus/{sku}/purchase", {"quantity": 1, "address": address, "pay": False}, key="buy")


@pytest.fixture
def few(client: Client) -> MadeProduct:
    found = make.product(stock=50)
    assert client.as_(found.shop.owner.token).patch(f"/skus/{found.sku_id}", {"max_units": 1}).status_code == 200
    return found


@pytest.mark.parametrize("phone", ["13800000000", "138-0000 0000", "+86 138 0000 0000"])
def test_a_second_guest_or_a_person_with_the_same_number_has_had_his(
    client: Client, few: MadeProduct, phone: str
) -> None:
    assert buy(client.as_(new_guest_token()), few.sku_id, "13800000000").status_code == 201
    for one in (new_guest_token(), make.person().token):
        again = buy(client.as_(one), few.sku_id, phone)
        assert (again.status_code, again.json["code"]) == (409, "units")
    assert buy(client.as_(new_guest_token()), few.sku_id, "13900000000").status_code == 201
    assert buy(client.as_(new_guest_token()), make.product().sku_id, phone).status_code == 201, "without a maximum"


def test_what_was_given_up_does_not_count(client: Client, few: MadeProduct) -> None:
    first = client.as_(new_guest_token())
    bought = buy(first, few.sku_id, "13800000000").json
    assert first.post(f"/purchases/{bought['id']}/cancellation").status_code < 300
    assert buy(client.as_(new_guest_token()), few.sku_id, "13800000000").status_code == 201


def test_two_people_may_live_behind_one_number(client: Client, few: MadeProduct) -> None:
    """Who is signed in is known; only guests are not."""
    for _ in range(2):
        assert buy(client.as_(make.person().token), few.sku_id, "13800000000").status_code == 201


def test_of_ten_guests_with_one_number_at_once_one_has_it(app: Flask, few: MadeProduct) -> None:
    wanted = BuyNow(few.sku_id, 1, given=Changes(address=ADDRESS), is_to_pay=False)

    def one_call() -> object:
        return in_transaction(lambda: buy_now(Caller(guest_id=new_id()), wanted).placed.id)

    found = together(app, *[one_call] * 10)
    assert sorted(refusals(found)) == ["units"] * 9
    assert db.session.scalar(select(func.count()).select_from(Purchase)) == 1


def test_a_number_is_told_by_what_is_dialled() -> None:
    assert dialled("+86 (138) 0000-0000") == dialled("13800000000") == "13800000000"
    assert dialled("010-5555 1234") == "01055551234"
