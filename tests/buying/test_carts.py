"""Carts: what is in them adds up, never overflows, follows its owner, and leaves with what is bought."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.buying.carts import actions, queries
from app.buying.carts.models import MOST_CART_LINES, Cart, CartLine
from app.buying.carts.schemas import AddedOut, CartOut
from app.core import clock
from app.core.caller import GUEST, PERSON, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.guests import guest_of, new_guest_token
from app.core.ids import new_id
from app.core.worker import sweep_once
from app.store.catalogue import actions as catalogue
from app.store.inventory.actions import set_stock
from tests import make
from tests.client import Client
from tests.make import ADDRESS
from tests.statements import statements
from tests.store.racing import together


def shown(client: Client) -> dict[str, Any]:
    answer = client.get("/cart/lines")
    assert answer.status_code == 200, answer.text
    schema = CartOut()
    assert schema.dump(schema.load(answer.json)) == answer.json
    return answer.json


def add(client: Client, sku_id: UUID, quantity: int = 1, **more: Any) -> dict[str, Any]:
    answer = client.post("/cart/lines", {"sku_id": str(sku_id), "quantity": quantity, **more})
    assert answer.status_code == 201, answer.text
    assert AddedOut().dump(answer.json) == answer.json
    return answer.json


def counted(buyer: Ref) -> tuple[int, int]:
    """(lines as counted, lines there are)."""
    rows = db.session.scalars(select(CartLine.id).where(CartLine.buyer_id == buyer.id)).all()
    return queries.lines_count(buyer), len(rows)


def test_a_stranger_who_adds_goods_is_a_guest_from_then_on(client: Client) -> None:
    cup = make.product(price=9_900, stock=5)
    made = add(client, cup.sku_id, 2)
    guest = client.as_(made["guest_token"])
    assert add(guest, cup.sku_id, 1) == {**made, "quantity": 3, "guest_token": None}
    line = shown(guest)["items"][0]
    assert (line["id"], line["quantity"], line["price"], line["state"]) == (made["id"], 3, 9_900, "ok")
    assert client.get("/cart/lines").status_code == 401


def test_quantities_add_up_to_the_most_and_a_line_keeps_the_link_it_came_by(client: Client) -> None:
    cup, buyer = make.product(stock=500), make.person()
    by, first, second = client.as_(buyer.token), make.link(cup), make.link(cup)
    add(by, cup.sku_id, 60, link=first.code)
    add(by, cup.sku_id, 60, link=second.code)
    add(by, cup.sku_id, 1)
    [line] = shown(by)["items"]
    assert (line["quantity"], line["link"]) == (99, second.code)
    assert counted(Ref(PERSON, buyer.id)) == (1, 1)
    refusals = [
        ({"sku_id": str(new_id())}, 422),
        ({"sku_id": str(cup.sku_id), "link": make.link().code}, 422),
        ({"sku_id": str(cup.sku_id), "quantity": 0}, 422),
        ({"sku_id": str(cup.sku_id), "quantity": 100}, 422),
    ]
    for body, status in refusals:
        assert by.post("/cart/lines", body).status_code == status, body


def test_adding_is_one_statement_after_who_asks(client: Client) -> None:
    cup, buyer = make.product(), make.person()
    by = client.as_(buyer.token)
    add(by, cup.sku_id)
    with statements() as asked:
        add(by, cup.sku_id)
    assert len([one for one in asked if "core_kept_answers" not in one and "accounts_" not in one]) == 1, asked


def test_what_changed_since_is_said(client: Client) -> None:
    kept, off, gone, dear, few, none = (make.product(price=1_000, stock=5) for _ in range(6))
    by = client.as_(make.person().token)
    for one in (kept, off, gone, dear, few, none):
        add(by, one.sku_id, 2)
    in_transaction(lambda: catalogue.change_product(make.as_staff(off.shop), off.id, state="off"))
    in_transaction(lambda: catalogue.take_down(gone.id, "侵权", new_id()))
    in_transaction(lambda: catalogue.change_sku(make.as_staff(dear.shop), dear.sku_id, price=1_200))
    in_transaction(lambda: set_stock(few.sku_id, 1))
    in_transaction(lambda: set_stock(none.sku_id, 0))
    cart = shown(by)
    assert [one["state"] for one in cart["items"]] == ["sold_out", "few", "ok", "gone", "off", "ok"]
    assert cart["items"][2]["price_change"] == {"from": 1_000, "to": 1_200}
    assert cart["items"][3]["product"] is None
    assert cart["ticked"] == {"lines": 2, "units": 4, "amount": 4_400, "total": 4_400}
    assert by.post("/cart/lines", {"sku_id": str(off.sku_id)}).status_code == 409


def test_lines_stand_by_shop_and_ticked_ones_are_priced_with_offers(client: Client) -> None:
    here, there = make.shop(), make.shop()
    by = client.as_(make.person().token)
    ids = [add(by, make.product(shop, price=10_000).sku_id)["id"] for shop in (here, there, here)]
    make.promotion("percentage", {"off": 1_000}, shop=here)
    cart = shown(by)
    assert [(one["id"], one["line_ids"]) for one in cart["shops"]] == [
        (str(here.id), [ids[2], ids[0]]),
        (str(there.id), [ids[1]]),
    ]
    assert cart["ticked"]["total"] == 28_000
    changed = by.patch("/cart/lines", {"lines": [{"id": ids[0], "is_ticked": False}, {"id": ids[1], "quantity": 3}]})
    assert changed.json["ticked"] == {"lines": 2, "units": 4, "amount": 40_000, "total": 39_000}
    assert by.patch(f"/cart/lines/{ids[2]}", {"quantity": 2}).json["ticked"]["units"] == 5
    assert by.patch(f"/cart/lines/{new_id()}", {"quantity": 2}).status_code == 404
    assert by.delete(f"/cart/lines/{ids[2]}").status_code == 204
    assert len(shown(by)["items"]) == 2
    assert by.delete("/cart/lines").status_code == 204
    assert shown(by)["items"] == []


def test_a_cart_shows_the_same_number_of_questions_for_any_number_of_lines(client: Client) -> None:
    by = client.as_(make.person().token)
    numbers = []
    for _ in range(2):
        for _ in range(4):
            add(by, make.product().sku_id)
        with statements() as asked:
            shown(by)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 8


@pytest.mark.usefixtures("app")
def test_a_hundred_lines_are_the_most_whoever_adds_at_once(app: Flask) -> None:
    buyer = Ref(PERSON, make.person().id)
    product = make.product()
    fill = text(
        "INSERT INTO carts_lines (id, buyer_id, is_guest, product_id, sku_id, quantity, price_added)"
        " SELECT gen_random_uuid(), :buyer, false, :product, gen_random_uuid(), 1, 1 FROM generate_series(1, 96)"
    )
    in_transaction(lambda: db.session.execute(fill, {"buyer": buyer.id, "product": product.id}))
    in_transaction(lambda: db.session.add(Cart(buyer_id=buyer.id, buyer_kind=PERSON, lines=96)))
    skus = [make.product().sku_id for _ in range(8)]

    def put(sku_id: UUID) -> bool:
        try:
            in_transaction(lambda: actions.add_to_cart(buyer, sku_id, 1))
        except Exception as error:
            assert "ck_carts_carts_lines" in str(error)
            return False
        return True

    assert Counter(together(app, *(lambda sku=one: put(sku) for one in skus))) == {True: 4, False: 4}
    assert counted(buyer) == (MOST_CART_LINES, MOST_CART_LINES)
    in_transaction(lambda: actions.remove_lines(buyer))
    assert counted(buyer) == (0, 0)


def test_a_full_cart_says_so(client: Client) -> None:
    buyer = make.person()
    in_transaction(lambda: db.session.add(Cart(buyer_id=buyer.id, buyer_kind=PERSON, lines=100)))
    answer = client.as_(buyer.token).post("/cart/lines", {"sku_id": str(make.product().sku_id)})
    assert (answer.status_code, answer.json["code"]) == (409, "cart_full")


def test_a_guests_cart_joins_the_person_that_he_becomes(client: Client) -> None:
    cup, bowl, jar = (make.product(stock=500) for _ in range(3))
    token = new_guest_token()
    guest, by = client.as_(token), client.as_(make.person().token)
    add(guest, cup.sku_id, 60, link=make.link(cup).code)
    add(guest, bowl.sku_id, 2)
    held = guest.post("/checkouts", {"lines": [{"sku_id": str(bowl.sku_id), "quantity": 1}]}).json["id"]
    add(by, cup.sku_id, 60)
    add(by, jar.sku_id, 1)
    for _ in range(2):  # sent again it changes nothing
        assert by.post("/me/guest", {"guest_token": token}).status_code == 204
    lines = {one["product"]["id"]: one["quantity"] for one in shown(by)["items"]}
    assert lines == {str(cup.id): 99, str(bowl.id): 2, str(jar.id): 1}
    assert shown(guest)["items"] == []
    assert (guest.get(f"/checkouts/{held}").status_code, by.get(f"/checkouts/{held}").status_code) == (404, 200)
    guest_id = guest_of(token)
    assert guest_id is not None
    assert counted(Ref(GUEST, guest_id)) == (0, 0)
    assert by.post("/me/guest", {"guest_token": "g.x.y"}).status_code == 422


def test_what_is_bought_from_the_cart_leaves_it_with_the_purchase(client: Client) -> None:
    cup, bowl, jar = (make.product(price=1_000, stock=9) for _ in range(3))
    by = client.as_(make.person().token)
    link = make.link(cup)
    bought, more, kept = add(by, cup.sku_id, 2, link=link.code), add(by, bowl.sku_id, 2), add(by, jar.sku_id, 1)
    opened = by.post("/checkouts", {"cart_lines": [bought["id"], more["id"]]})
    assert opened.status_code == 201, opened.text
    assert [(one["quantity"], one["link"]) for one in opened.json["lines"]] == [(2, link.code), (2, None)]
    add(by, bowl.sku_id, 3)
    assert len(shown(by)["items"]) == 3
    path = f"/checkouts/{opened.json['id']}"
    assert by.patch(path, {"address": ADDRESS}).status_code == 200
    assert by.post(f"{path}/purchase", {"expected_total": 4_000}, key=uuid4().hex).status_code == 201
    left = {one["id"]: one["quantity"] for one in shown(by)["items"]}
    assert left == {more["id"]: 3, kept["id"]: 1}
    assert by.post("/checkouts", {"cart_lines": [bought["id"]]}).status_code == 422
    assert by.post("/checkouts", {}).status_code == 422


@pytest.mark.usefixtures("app")
def test_anothers_line_is_not_changed_bought_or_removed() -> None:
    owner, other = Ref(PERSON, make.person().id), Ref(PERSON, make.person().id)
    line = in_transaction(lambda: actions.add_to_cart(owner, make.product().sku_id, 1)).id
    with pytest.raises(Refused):
        in_transaction(lambda: actions.change_lines(other, [actions.LineChange(line, 5)]))
    with pytest.raises(Refused):
        queries.wants_in(other, [line])
    in_transaction(lambda: actions.remove_lines(other, [line]))
    in_transaction(lambda: actions.take_out(other, {line: 1}))
    assert counted(owner) == (1, 1)


@pytest.mark.usefixtures("app")
def test_what_a_guest_left_in_his_cart_long_ago_is_forgotten_and_a_persons_stays() -> None:
    cup, bowl = make.product(), make.product()
    guest, person = Ref(GUEST, new_id()), Ref(PERSON, make.person().id)
    for buyer in (guest, person):
        in_transaction(lambda buyer=buyer: actions.add_to_cart(buyer, cup.sku_id, 1))
    with clock.moved(days=150):
        in_transaction(lambda: actions.add_to_cart(guest, bowl.sku_id, 1))
        assert sweep_once(["buying.carts.forget_old_carts"]) == 0
    with clock.moved(days=201):
        assert sweep_once(["buying.carts.forget_old_carts"]) == 1
    assert (counted(guest), counted(person)) == ((1, 1), (1, 1))
