"""The doors of checkouts: strangers become guests, input is bounded, a key is done once."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from app.buying.checkout import actions
from app.buying.checkout.models import Checkout
from app.buying.checkout.schemas import CheckoutOut
from app.buying.placing.schemas import PlacedPurchaseOut
from app.core import clock
from app.core.db import db, in_transaction
from app.core.guests import guest_of
from app.core.ids import new_id
from app.store.catalogue import actions as catalogue
from app.store.inventory.queries import available
from app.store.orders.models import Purchase
from tests import make
from tests.client import Client
from tests.make import ADDRESS


def body(answer: TestResponse, status: int = 201) -> dict[str, Any]:
    """The JSON of an answer that is exactly as the schema says."""
    assert answer.status_code == status, answer.text
    schema = PlacedPurchaseOut() if answer.json["kind"] == "purchase" else CheckoutOut()
    assert schema.dump(schema.load(answer.json)) == answer.json
    return answer.json


def opened(client: Client, *lines: tuple[Any, int]) -> dict[str, Any]:
    return body(client.post("/checkouts", {"lines": [{"sku_id": str(sku), "quantity": n} for sku, n in lines]}))


def addressed(client: Client, checkout: dict[str, Any]) -> dict[str, Any]:
    return body(client.patch(f"/checkouts/{checkout['id']}", {"address": ADDRESS}), 200)


def test_a_stranger_becomes_a_guest_who_buys_with_the_token_he_was_given(client: Client) -> None:
    cup, kol = make.product(price=9900), make.person()
    link = make.link(cup, kol, post_id=new_id())
    given = {"sku_id": str(cup.sku_id), "quantity": 2}
    made = body(client.post(f"/links/{link.code}/checkout", given))
    assert guest_of(made["guest_token"]) is not None
    guest = client.as_(made["guest_token"])
    assert made["lines"][0] | {"id": ""} == {
        "id": "",
        "product": {"id": str(cup.id), "kind": "product", "title": cup.title},
        "shop": {"id": str(cup.shop.id), "kind": "shop", "name": cup.shop.name},
        "sku": {"id": str(cup.sku_id), "name": made["lines"][0]["sku"]["name"]},
        "price": 9900,
        "quantity": 2,
        "amount": 19800,
        "link": link.code,
    }
    assert (made["state"], made["total"], made["currency"], made["adjustments"]) == ("open", 19800, "CNY", [])
    shown = addressed(guest, made)
    assert (shown["address"], shown["guest_token"], shown["lines"]) == (ADDRESS, None, made["lines"])
    placed = body(guest.post(f"/checkouts/{made['id']}/purchase", {"expected_total": 19800}, key="k1"))
    assert (placed["status"], placed["total"], len(placed["orders"])) == ("unpaid", 19800, 1)
    shown = body(guest.get(f"/checkouts/{made['id']}"), 200)
    assert (shown["state"], shown["purchase_id"]) == ("purchased", placed["id"])
    bought = guest.get(f"/purchases/{placed['id']}").json["orders"][0]["lines"][0]
    attribution = {"link_id": str(link.id), "post_id": str(link.post_id), "promoter_id": str(kol.id)}
    assert bought["attribution"] == {**attribution, "own_purchase": False}
    assert client.get(f"/purchases/{placed['id']}").status_code == 401


def test_a_guests_click_by_api_is_owed_when_he_buys_without_naming_a_link(client: Client) -> None:
    cup, link = make.product(), None
    link = make.link(cup)
    token = opened(client, (cup.sku_id, 1))["guest_token"]
    guest = client.as_(token)
    assert guest.get(f"/links/{link.code}").status_code == 200
    made = opened(guest, (cup.sku_id, 1))
    assert made["guest_token"] is None
    addressed(guest, made)
    placed = body(guest.post(f"/checkouts/{made['id']}/purchase", {}, key="k"))
    line = guest.get(f"/purchases/{placed['id']}").json["orders"][0]["lines"][0]
    assert line["attribution"]["link_id"] == str(link.id)


def test_the_link_door_sells_only_what_the_link_sells(client: Client) -> None:
    cup, bowl = make.product(), make.product()
    link = make.link(cup)
    path = f"/links/{link.code}/checkout"
    wrong = client.post(path, {"sku_id": str(bowl.sku_id), "quantity": 1})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["sku_id"])
    assert client.post("/links/1111111111/checkout", {"sku_id": str(cup.sku_id)}).status_code == 404
    in_transaction(lambda: catalogue.take_down(cup.id, "侵权", new_id()))
    assert client.post(path, {"sku_id": str(cup.sku_id)}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "lines"),
        ({"lines": []}, "lines"),
        ({"lines": [{"sku_id": "x", "quantity": 1}]}, "lines"),
        ({"lines": [{"sku_id": str(new_id()), "quantity": 0}]}, "lines"),
        ({"lines": [{"sku_id": str(new_id()), "quantity": 100}]}, "lines"),
        ({"lines": [{"sku_id": str(new_id()), "quantity": 1.5}]}, "lines"),
        ({"lines": [{"sku_id": str(new_id()), "quantity": True}]}, "lines"),
        ({"lines": [{"sku_id": str(new_id()), "quantity": 1, "link": "x" * 21}]}, "lines"),
        ({"lines": [{"sku_id": str(new_id()), "quantity": 1}] * 21}, "lines"),
        ({"lines": [{"sku_id": str(new_id()), "quantity": 1}], "offers": ["x"] * 11}, "offers"),
    ],
)
def test_lines_out_of_bounds_are_refused_with_the_field(client: Client, sent: dict[str, Any], field: str) -> None:
    answer = client.post("/checkouts", sent)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("phone", "电话"),
        ("phone", "1234"),
        ("phone", "1" * 21),
        ("phone", "12345\n"),
        ("phone", "１３８００００００００"),
        ("phone", "-----"),
        ("phone", None),
        ("phone", 13800000000),
        ("name", " "),
        ("name", "名" * 51),
        ("street", ""),
        ("street", "路" * 201),
        ("city", "\x00杭州"),
        ("city", "\ud800"),
        ("province", ["浙江省"]),
        ("district", "区" * 51),
    ],
)
def test_a_dead_address_is_refused_with_its_part(client: Client, part: str, value: Any) -> None:
    made = make.checkout(address=None)
    buyer = client.as_(made.buyer.token)
    given = {**ADDRESS, part: value} if value is not None else {k: v for k, v in ADDRESS.items() if k != part}
    answer = buyer.patch(f"/checkouts/{made.id}", {"address": given, "note": "快"})
    if value == "\ud800":
        assert answer.status_code in {400, 422}
    else:
        assert (answer.status_code, list(answer.json["errors"]["address"])) == (422, [part])
    kept = db.session.get_one(Checkout, made.id)
    assert (kept.address, kept.note) == (None, "")


@pytest.mark.parametrize(("tongue", "word"), [("zh", "5 到 20 位数字"), ("en", "5 to 20 digits")])
def test_what_is_wrong_is_said_in_the_persons_language_only(client: Client, tongue: str, word: str) -> None:
    goods = make.product()
    opened = client.post("/checkouts", {"lines": [{"sku_id": str(goods.sku_id), "quantity": 1}]}).json
    buyer = client.as_(opened["guest_token"])
    headers = {"Accept-Language": tongue}
    phone = buyer.patch(f"/checkouts/{opened['id']}", {"address": {**ADDRESS, "phone": "abc"}}, headers=headers)
    assert phone.status_code == 422
    (said,) = phone.json["errors"]["address"]["phone"]
    assert said.startswith(word)
    wrong = {"lines": [{"sku_id": str(new_id()), "quantity": 1}]}
    lines = buyer.patch(f"/checkouts/{opened['id']}", wrong, headers=headers).json["errors"]["lines"]
    assert lines["0"]["sku_id"] == ["没有这个规格" if tongue == "zh" else "There is no such SKU."]


def test_good_phones_pass_and_a_city_without_districts_too(client: Client) -> None:
    made = make.checkout(address=None)
    for phone in ("12345", "+86 138-0000-0000", "010 - 6666 8888"):
        given = {**ADDRESS, "phone": phone, "district": ""}
        shown = body(client.as_(made.buyer.token).patch(f"/checkouts/{made.id}", {"address": given}), 200)
        assert shown["address"] == given


def test_one_key_is_done_once_another_body_is_422_and_another_key_409(client: Client) -> None:
    made = make.checkout()
    buyer, path = client.as_(made.buyer.token), f"/checkouts/{made.id}/purchase"
    assert buyer.post(path, {}).status_code == 400
    first = body(buyer.post(path, {"expected_total": made.total}, key="k1"))
    assert body(buyer.post(path, {"expected_total": made.total}, key="k1")) == first
    other_body = buyer.post(path, {"expected_total": made.total + 1}, key="k1")
    assert (other_body.status_code, other_body.json["code"]) == (422, "key_reused")
    other_key = buyer.post(path, {"expected_total": made.total}, key="k2")
    assert (other_key.status_code, other_key.json["code"]) == (409, "already_purchased")
    assert other_key.json["errors"] == {"purchase_id": [first["id"]]}
    assert db.session.scalar(select(func.count()).select_from(Purchase)) == 1


def test_a_refused_purchase_is_not_remembered_under_its_key(client: Client) -> None:
    made = make.checkout(address=None)
    buyer, path = client.as_(made.buyer.token), f"/checkouts/{made.id}/purchase"
    assert buyer.post(path, {}, key="k1").status_code == 422
    body(buyer.patch(f"/checkouts/{made.id}", {"address": ADDRESS}), 200)
    body(buyer.post(path, {}, key="k1"))


def test_someone_elses_checkout_is_404_and_a_strangers_401(client: Client) -> None:
    made = make.checkout()
    path, other = f"/checkouts/{made.id}", client.as_(make.person().token)
    guest = client.as_(opened(client, (make.product().sku_id, 1))["guest_token"])
    for who, status in ((other, 404), (guest, 404), (client, 401)):
        assert who.get(path).status_code == status
        assert who.patch(path, {"note": "x"}).status_code == status
        assert who.post(f"{path}/purchase", {}, key="k").status_code == status
    assert other.get(f"/checkouts/{new_id()}").status_code == 404


def test_an_expired_checkout_says_so_and_shows_as_released(client: Client) -> None:
    made = make.checkout()
    buyer = client.as_(made.buyer.token)
    with clock.moved(seconds=601):
        assert body(buyer.get(f"/checkouts/{made.id}"), 200)["state"] == "released"
        for answer in (
            buyer.patch(f"/checkouts/{made.id}", {"note": "x"}),
            buyer.post(f"/checkouts/{made.id}/purchase", {}, key="k"),
        ):
            assert (answer.status_code, answer.json["code"]) == (409, "expired")


def test_a_cart_of_two_shops_is_paid_as_one(client: Client) -> None:
    buyer = client.as_(make.person().token)
    cup, bowl = make.product(price=100), make.product(price=20, stock=3)
    made = opened(buyer, (cup.sku_id, 1), (bowl.sku_id, 3))
    addressed(buyer, made)
    changed = [{"sku_id": str(bowl.sku_id), "quantity": 2}, {"sku_id": str(cup.sku_id), "quantity": 1}]
    shown = body(buyer.patch(f"/checkouts/{made['id']}", {"lines": changed, "note": "请一起寄"}), 200)
    assert (shown["total"], shown["note"], shown["address"]) == (140, "请一起寄", ADDRESS)
    assert available([cup.sku_id, bowl.sku_id]) == {cup.sku_id: 9, bowl.sku_id: 1}
    placed = body(buyer.post(f"/checkouts/{made['id']}/purchase", {}, key="k"))
    assert sorted(one["total"] for one in placed["orders"]) == [40, 100]


def test_showing_a_checkout_costs_the_same_number_of_queries_for_any_number_of_lines(
    client: Client, count_queries: Any
) -> None:
    buyer = make.person()
    numbers = []
    for many in (1, 8):
        lines = [make.product() for _ in range(many)]
        made = opened(client.as_(buyer.token), *((one.sku_id, 1) for one in lines))
        with count_queries() as found:
            body(client.as_(buyer.token).get(f"/checkouts/{made['id']}"), 200)
        numbers.append(len(found))
    assert numbers[0] == numbers[1] <= 7


def test_a_change_that_meets_a_deadlock_is_done_at_the_second_try(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cup, tries = make.product(stock=5), []
    made = opened(client, (cup.sku_id, 1))
    change = actions.change_checkout

    def deadlocked_once(*given: Any) -> Any:
        tries.append(given)
        if len(tries) == 1:
            db.session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '40P01'; END $$"))
        return change(*given)

    monkeypatch.setattr(actions, "change_checkout", deadlocked_once)
    lines = {"lines": [{"sku_id": str(cup.sku_id), "quantity": 3}]}
    changed = body(client.as_(made["guest_token"]).patch(f"/checkouts/{made['id']}", lines), 200)
    assert (changed["lines"][0]["quantity"], len(tries)) == (3, 2)
