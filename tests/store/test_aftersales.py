"""After-sales cases: what may be asked, how a case moves, what it gives back, and what time does to it."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.aftersales import actions
from app.store.aftersales.models import ANSWER_WITHIN, CHECK_WITHIN, FAULT_DAYS, SEND_WITHIN, LineClaimed, Wish
from app.store.catalogue.actions import change_sku
from app.store.delivery.actions import receive, ship
from app.store.fulfilment.queries import lines_of
from app.store.inventory.queries import available
from app.store.ledger.queries import balance, wallet_account
from app.store.orders.models import Parcel
from app.store.returns import actions as returns
from app.store.shops.models import PACKER
from tests import make as town
from tests.client import Client
from tests.make import order as make
from tests.store.racing import refusals, together

SWEEP = ["store.aftersales.end_due_cases"]
BACK = {"carrier": "sf", "number": "SF1234567890123", "paid": 1800}


def set_policy(shop_id: UUID, address: str = "杭州仓 1 号") -> None:
    in_transaction(lambda: returns.set_policy(shop_id, address, False).shop_id)


class Bought:
    """A paid order of a person's in a shop, as clients of both sides, sent and received as far as is said."""

    def __init__(self, client: Client, quantity: int = 2, price: int = 1000, **named: Any) -> None:
        self.client, self.shop, who = client, town.shop(), town.person()
        self.sku = make.sku(10)
        parcels = {self.shop.id: Parcel(named.pop("freight", 0))}
        goods = [make.line(self.sku, price, quantity, self.shop.id, **named)]
        bought = make.purchase(goods, make.Buyer(who.token, Ref(PERSON, who.id)), parcels=parcels)
        self.purchase, self.person = make.paid(bought), who
        self.id = self.purchase.placed.orders[0].id
        self.lines = make.line_ids(self.id)
        set_policy(self.shop.id)
        self.buyer, self.staff = client.as_(who.token), client.as_(self.shop.owner.token)

    def sent(self, units: int | None = None) -> "Bought":
        wanted = None if units is None else {self.lines[0]: units}
        seller = Caller(person_id=self.shop.owner.id)
        in_transaction(lambda: ship(seller, self.id, "sandbox", uuid4().hex, wanted))
        return self

    def received(self) -> "Bought":
        self.sent()
        in_transaction(lambda: receive(Caller(person_id=self.person.id), self.id))
        return self

    def ask(self, kind: str = "return", units: int = 1, **more: Any) -> Any:
        lines = [{"line_id": str(self.lines[0]), "units": units}]
        asked = {"kind": kind, "reason": "no_reason", "lines": lines, **more}
        return self.buyer.post(f"/orders/{self.id}/aftersales", asked, key=uuid4().hex)

    def do(self, who: Client, case: Any, step: str, **sent: Any) -> Any:
        return who.post(f"/aftersales/{case.json['id']}/{step}", sent, key=uuid4().hex)

    def stands(self) -> tuple[str, str, str]:
        seen = self.buyer.get(f"/orders/{self.id}").json
        return seen["payment"], seen["fulfilment"], seen["aftersale"]


def long_ago(order_id: UUID, days: int) -> None:
    """As if it had been paid and received so many days before."""
    ago = "- make_interval(days => :days)"
    earlier = f"began_at = began_at {ago}, received_at = received_at {ago}"
    change = text(f"UPDATE fulfilment_orders SET {earlier} WHERE order_id = :id")
    in_transaction(lambda: db.session.execute(change, {"id": order_id, "days": days}))


def test_goods_come_back_and_their_money_goes_back(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    case = order.ask()
    assert (case.status_code, case.json["state"], order.stands()[2]) == (201, "requested", "open")
    agreed = order.do(order.staff, case, "approval")
    assert (agreed.json["state"], agreed.json["return_address"]) == ("approved", "杭州仓 1 号")
    assert order.do(order.buyer, case, "parcel", **BACK).json["state"] == "sent_back"
    done = order.do(order.staff, case, "arrival", is_sellable=True).json
    assert (done["state"], done["refund"]) == ("granted", {"amount": 1000, "status": "due"})
    assert [one["after"] for one in done["log"]] == ["requested", "approved", "sent_back", "granted"]
    assert order.stands() == ("partly_refunded", "received", "partly_refunded")
    assert available([order.sku])[order.sku] == 9
    assert balance(wallet_account(order.person.id)) == 0, "the buyer pays the way back of what he does not want"


def test_the_shop_pays_the_way_back_of_a_fault_up_to_a_limit(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    case = order.ask(reason="damaged")
    order.do(order.staff, case, "approval")
    assert order.do(order.buyer, case, "parcel", **BACK).json["way_back"] == 1500
    order.do(order.staff, case, "arrival")
    assert balance(wallet_account(order.person.id)) == -1500
    assert available([order.sku])[order.sku] == 8, "what is damaged is not sold again"


def test_an_insured_way_back_is_paid_without_a_fault_too(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    order.staff.put(f"/shops/{order.shop.id}/return-policy", {"address": "杭州", "is_insured": True})
    case = order.ask()
    order.do(order.staff, case, "approval")
    assert order.do(order.buyer, case, "parcel", **{**BACK, "paid": 900}).json["way_back"] == 900


def test_what_was_not_sent_is_refunded_at_once(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=3)
    case = order.ask("refund", 2)
    assert (case.json["state"], case.json["refund"]["amount"]) == ("granted", 2000)
    assert order.stands() == ("partly_refunded", "unfulfilled", "partly_refunded")
    assert available([order.sku])[order.sku] == 9


def test_ship_one_return_one_cancel_the_rest(app: Flask, client: Client) -> None:
    """The issue's walk over the three axes, through the doors."""
    order = Bought(client, quantity=3)
    assert order.stands() == ("paid", "unfulfilled", "none")
    order.sent(1)
    assert order.stands() == ("paid", "partly_shipped", "none")
    case = order.ask("return", reason="wrong")
    assert order.stands() == ("paid", "partly_shipped", "open")
    order.do(order.staff, case, "approval")
    order.do(order.buyer, case, "parcel", **BACK)
    order.do(order.staff, case, "arrival")
    assert order.stands() == ("partly_refunded", "partly_shipped", "partly_refunded")
    order.buyer.post(f"/orders/{order.id}/cancellation", {}, key="rest")
    assert order.stands() == ("refunded", "shipped", "refunded")


def test_money_goes_back_for_goods_that_are_kept(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    case = order.ask("refund", reason="different", amount=300)
    done = order.do(order.staff, case, "approval").json
    assert (done["state"], done["refund"]["amount"]) == ("granted", 300)
    again = order.ask("refund", 2, reason="different")
    assert order.do(order.staff, again, "approval").json["refund"]["amount"] == 1700, "both stayed bought"


def test_other_goods_come_for_those_sent_back(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    case = order.ask("exchange", reason="wrong")
    order.do(order.staff, case, "approval")
    order.do(order.buyer, case, "parcel", **BACK)
    assert order.do(order.staff, case, "arrival").status_code == 422, "by which parcel?"
    done = order.do(order.staff, case, "arrival", carrier="sf", number="SF0000000000001").json
    assert (done["state"], done["new_number"], done["refund"]) == ("replaced", "SF0000000000001", None)
    assert order.stands() == ("paid", "received", "none")


def test_a_fallen_price_is_made_good_once_for_each_fall(app: Flask, client: Client) -> None:
    goods = town.product(price=1000, stock=9)
    who = town.person()
    held = [make.line(goods.sku_id, 1000, 2, goods.shop.id)]
    bought = make.paid(make.purchase(held, make.Buyer(who.token, Ref(PERSON, who.id))))
    order_id = bought.placed.orders[0].id
    buyer = client.as_(who.token)
    asked = {"kind": "price", "reason": "other", "lines": [{"line_id": str(make.line_ids(order_id)[0]), "units": 2}]}

    def ask() -> Any:
        return buyer.post(f"/orders/{order_id}/aftersales", asked, key=uuid4().hex)

    assert ask().json["code"] == "price_not_lower"
    seller = town.as_staff(goods.shop)
    in_transaction(lambda: change_sku(seller, goods.sku_id, price=900))
    assert ask().json["refund"]["amount"] == 200
    assert ask().json["code"] == "price_not_lower"
    in_transaction(lambda: change_sku(seller, goods.sku_id, price=850))
    assert ask().json["refund"]["amount"] == 100
    long_ago(order_id, 8)
    assert ask().json["code"] == "too_late"


@pytest.mark.parametrize(
    ("return_days", "reason", "after", "code"),
    [
        (7, "no_reason", 6, None),
        (7, "no_reason", 8, "too_late"),
        (0, "no_reason", 0, "not_returnable"),
        (0, "damaged", FAULT_DAYS - 1, None),
        (7, "damaged", FAULT_DAYS + 1, "too_late"),
    ],
)
def test_how_long_goods_may_come_back(
    app: Flask, client: Client, return_days: int, reason: str, after: int, code: str | None
) -> None:
    order = Bought(client, return_days=return_days).received()
    long_ago(order.id, after)
    assert order.ask(reason=reason).json.get("code") == code


def test_virtual_goods_are_not_sent_back(app: Flask, client: Client) -> None:
    order = Bought(client, goods_kind="virtual").received()
    assert order.ask(reason="damaged").json["code"] == "not_returnable"


def test_more_than_was_paid_is_not_asked_for(app: Flask, client: Client) -> None:
    order = Bought(client, freight=500).received()
    too_much = order.ask("refund", reason="damaged", amount=1001)
    assert (too_much.status_code, too_much.json["code"]) == (422, "refund_too_large")
    assert order.ask("refund", reason="damaged", freight=501).json["code"] == "refund_too_large"
    assert order.ask("refund", reason="damaged", amount=1000, freight=500).status_code == 201
    assert order.ask("refund", 2).json["code"] == "wrong_quantity", "one of the two is claimed"


def test_a_refusal_is_appealed_and_a_moderator_decides(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    case = order.ask("refund", reason="different")
    assert order.do(order.staff, case, "refusal", words="与描述一致").json["state"] == "refused"
    assert order.do(order.buyer, case, "appeal", words="颜色明显不同").json["state"] == "disputed"
    moderator = client.as_(town.person(roles=("moderator",)).token)
    waiting = moderator.get("/desk/aftersales?state=disputed&limit=50").json["items"]
    assert case.json["id"] in {one["id"] for one in waiting}
    path = f"/desk/aftersales/{case.json['id']}/decision"
    ruling = {"outcome": "granted", "words": "照片属实", "amount": 400}
    assert order.staff.post(path, ruling, key="x").status_code == 403
    done = moderator.post(path, ruling, key=uuid4().hex).json
    assert (done["state"], done["refund"]["amount"], done["log"][-1]["who"]) == ("granted", 400, "desk")
    again = moderator.post(path, ruling, key=uuid4().hex)
    assert (again.status_code, again.json["code"]) == (409, "wrong_state")


def test_what_a_moderator_grants_is_for_all_lines_of_a_case_together(app: Flask) -> None:
    shop, who, moderator = town.shop(), town.person(), town.person(roles=("moderator",))
    buyer, seller, desk = (Caller(person_id=one) for one in (who.id, shop.owner.id, moderator.id))
    goods = [make.line(make.sku(10), price, 1, shop.id) for price in (3000, 1000, 1)]
    order_id = make.paid(make.purchase(goods, make.Buyer(who.token, Ref(PERSON, who.id)))).placed.orders[0].id
    in_transaction(lambda: ship(seller, order_id, "sandbox", uuid4().hex))
    wish = Wish("refund", "different", [LineClaimed(one, 1) for one in make.line_ids(order_id)])
    case = in_transaction(lambda: actions.open_case(buyer, order_id, wish).id)
    in_transaction(lambda: actions.refuse(seller, case, "与描述一致"))
    in_transaction(lambda: actions.appeal(buyer, case, "颜色明显不同"))
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: actions.decide(desk, case, "granted", "太多", 4002))
    assert refused.value.code == "refund_too_large"
    in_transaction(lambda: actions.decide(desk, case, "granted", "照片属实", 800))
    assert [one.refunded_amount for one in lines_of(order_id)] == [600, 200, 0]


def test_of_what_was_not_sent_all_goes_back_and_not_a_fen_more(app: Flask, client: Client) -> None:
    order = Bought(client, quantity=2)
    more = order.ask("refund", 1, amount=1001)
    assert (more.status_code, more.json["code"]) == (422, "refund_too_large")
    case = order.ask("refund", 1, amount=300).json
    assert (case["amount"], case["refund"]["amount"]) == (None, 1000), "the rest would be nobody's"


def test_a_moderator_may_have_the_goods_sent_back_first_or_reject(app: Flask, client: Client) -> None:
    moderator = client.as_(town.person(roles=("moderator",)).token)
    for outcome, aftersale in (("approved", "open"), ("rejected", "none")):
        order = Bought(client).received()
        case = order.ask()
        order.do(order.staff, case, "refusal", words="已使用")
        order.do(order.buyer, case, "appeal", words="没有")
        path = f"/desk/aftersales/{case.json['id']}/decision"
        done = moderator.post(path, {"outcome": outcome, "words": "看过照片"}, key=uuid4().hex).json
        assert (done["state"], order.stands()[2]) == (outcome, aftersale)


def test_a_buyer_withdraws_until_goods_are_on_their_way(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    case = order.ask()
    order.do(order.staff, case, "approval")
    assert order.do(order.buyer, case, "withdrawal").json["state"] == "withdrawn"
    assert order.stands()[2] == "none"
    assert order.do(order.buyer, case, "parcel", **BACK).json["code"] == "wrong_state"


def test_who_does_not_answer_in_time_has_agreed_or_given_up(app: Flask, client: Client) -> None:
    answered = {"refund": "granted", "return": "approved"}
    for kind, after in answered.items():
        order = Bought(client).received()
        case = order.ask(kind, reason="damaged")
        assert _after(order, case, ANSWER_WITHIN) == after
    assert _after(order, case, ANSWER_WITHIN + SEND_WITHIN) == "expired"
    assert order.stands()[2] == "none"
    order = Bought(client).received()
    case = order.ask()
    order.do(order.staff, case, "approval")
    order.do(order.buyer, case, "parcel", **BACK)
    assert _after(order, case, CHECK_WITHIN) == "granted"


def _after(order: Bought, case: Any, past: timedelta) -> str:
    with clock.moved(seconds=past.total_seconds() + 5):
        worker.sweep_once(SWEEP)
    found: str = order.buyer.get(f"/aftersales/{case.json['id']}").json["state"]
    return found


def test_a_case_is_of_its_buyer_and_its_shop_only(app: Flask, client: Client) -> None:
    order, strange = Bought(client).received(), Bought(client)
    case = order.ask()
    path = f"/aftersales/{case.json['id']}"
    for other in (strange.buyer, strange.staff):
        assert other.get(path).status_code == 404
        for step in ("approval", "refusal", "withdrawal", "parcel", "arrival", "appeal"):
            sent = {"parcel": BACK, "withdrawal": {}, "arrival": {}}.get(step, {"words": "x"})
            assert other.post(f"{path}/{step}", sent, key=uuid4().hex).status_code == 404, step
        assert other.get(f"/orders/{order.id}/aftersales").status_code == 404
    packer = client.as_(town.worker(order.shop, PACKER).token)
    assert packer.get(path).status_code == 200
    assert packer.post(f"{path}/approval", {}, key="p").status_code == 403
    assert order.buyer.post(f"{path}/approval", {}, key="b").status_code == 404


def test_of_an_approval_and_a_withdrawal_at_once_one_happens(app: Flask, client: Client) -> None:
    for _ in range(3):
        order = Bought(client).received()
        case_id = UUID(order.ask("refund", reason="damaged").json["id"])
        seller, buyer = Caller(person_id=order.shop.owner.id), Caller(person_id=order.person.id)
        both = [
            partial(in_transaction, partial(actions.approve, seller, case_id, "")),
            partial(in_transaction, partial(actions.withdraw, buyer, case_id)),
        ]
        assert refusals(together(app, *both)) == ["wrong_state"]


def test_pictures_of_a_case_are_seen_by_its_sides_by_signed_addresses(app: Flask, client: Client) -> None:
    order = Bought(client).received()
    upload = town.upload(order.person)
    case = order.ask(reason="damaged", uploads=[str(upload)])
    [picture] = order.staff.get(f"/aftersales/{case.json['id']}").json["pictures"]
    assert "s=" in picture["url"]
    assert order.ask(reason="damaged", uploads=[str(town.upload(town.person()))]).status_code == 422
