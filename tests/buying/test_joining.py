"""A guest who signs up keeps what he bought: orders, payments, cases, codes and vouchers are the person's."""

from typing import Any
from uuid import uuid4

import pytest

from app.core import worker
from app.core.errors import Refused
from app.core.guests import new_guest_token
from app.store.inventory.models import MOST_UNITS_HELD, HeldFor
from app.store.inventory.queries import require_few_holds
from tests import make
from tests.client import Client
from tests.store.test_codes import fill, virtual
from tests.store.test_vouchers import service


def bought(guest: Client, *goods: make.MadeProduct) -> dict[str, Any]:
    lines = [{"sku_id": str(one.sku_id), "quantity": 1} for one in goods]
    checkout = guest.post("/checkouts", {"lines": lines}).json["id"]
    assert guest.patch(f"/checkouts/{checkout}", {"address": make.ADDRESS}).status_code == 200
    placed = guest.post(f"/checkouts/{checkout}/purchase", {}, key=uuid4().hex)
    assert placed.status_code == 201, placed.text
    found: dict[str, Any] = placed.json
    return found


def begun(who: Client, purchase: dict[str, Any]) -> str:
    paying = who.post(f"/purchases/{purchase['id']}/payments", {"gateway": "sandbox"}, key=uuid4().hex)
    assert paying.status_code == 201, paying.text
    return str(paying.json["id"])


def pay(who: Client, payment: str) -> int:
    return who.post(f"/sandbox/payments/{payment}/outcome", {"outcome": "paid"}).status_code


LISTS = ("/me/orders", "/me/codes", "/me/vouchers", "/me/aftersales")


def counts(who: Client) -> list[int]:
    return [len(who.get(path).json["items"]) for path in LISTS]


def test_what_a_guest_bought_is_the_persons_that_he_becomes(client: Client) -> None:
    token = new_guest_token()
    guest, by = client.as_(token), client.as_(make.person().token)
    codes, haircut, cup = virtual(), service(), make.product()
    fill(client, codes, "AAAA-1")
    first = bought(guest, codes, haircut, cup)
    assert pay(guest, begun(guest, first)) == 200
    waiting = bought(guest, cup)
    payment = begun(guest, waiting)
    [order] = [one["id"] for one in first["orders"] if one["shop_id"] == str(cup.shop.id)]
    line = guest.get(f"/orders/{order}").json["lines"][0]["id"]
    case = {"kind": "refund", "lines": [{"line_id": line, "units": 1}], "reason": "missing"}
    opened = guest.post(f"/orders/{order}/aftersales", case, key=uuid4().hex)
    assert opened.status_code == 201, opened.text
    worker.drain()
    had = counts(guest)
    assert had == [4, 1, 1, 1]
    for _ in range(2):  # sent again it changes nothing
        assert by.post("/me/guest", {"guest_token": token}).status_code == 204
    assert (counts(by), counts(guest)) == (had, [0, 0, 0, 0])
    for path in (f"/purchases/{first['id']}", f"/orders/{order}", f"/purchases/{waiting['id']}"):
        assert (by.get(path).status_code, guest.get(path).status_code) == (200, 404), path
    assert (pay(guest, payment), pay(by, payment)) == (404, 200), "who pays it is the person, too"
    assert by.get(f"/purchases/{waiting['id']}").json["status"] == "paid"


def test_another_guests_things_stay_his(client: Client) -> None:
    token, other = new_guest_token(), client.as_(new_guest_token())
    kept = bought(other, make.product())
    assert client.as_(make.person().token).post("/me/guest", {"guest_token": token}).status_code == 204
    assert other.get(f"/purchases/{kept['id']}").status_code == 200


def test_what_a_guest_bought_and_holds_counts_for_the_person_that_he_becomes(client: Client) -> None:
    token = new_guest_token()
    person = make.person()
    guest, by = client.as_(token), client.as_(person.token)
    few, many = make.product(), make.product(stock=500)
    owner = client.as_(few.shop.owner.token)
    assert owner.patch(f"/skus/{few.sku_id}", {"max_units": 1}).status_code == 200
    bought(guest, few)
    assert guest.post("/checkouts", {"lines": [{"sku_id": str(many.sku_id), "quantity": 99}]}).status_code == 201
    assert by.post("/me/guest", {"guest_token": token}).status_code == 204
    opened = by.post("/checkouts", {"lines": [{"sku_id": str(few.sku_id), "quantity": 1}]})
    assert (opened.status_code, opened.json["code"]) == (409, "units")
    require_few_holds(HeldFor(person.id), [(many.sku_id, MOST_UNITS_HELD - 99)])
    with pytest.raises(Refused, match="too_much_held"):
        require_few_holds(HeldFor(person.id), [(many.sku_id, MOST_UNITS_HELD - 98)])
