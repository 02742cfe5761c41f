"""Coupons: claimed once a person and never more than there are, used with a purchase, and given back with it."""

import random
import time
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.buying.baskets.models import LineWanted
from app.core import clock
from app.core.caller import PERSON, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.plays.coupons import actions, queries
from app.plays.coupons.models import Coupon, CouponBatch, CouponCode, CouponLog, Held
from app.plays.offers.models import Used
from app.plays.promotions.queries import deal_of, rules_by_id
from app.store.orders.actions import cancel_purchase, lapse_due, pay_purchase
from app.store.orders.models import OrderLine, PlacedPurchase, Purchase
from app.store.payments.actions import play_outcome, settle_callback
from app.store.payments.queries import payment
from app.store.refunds.actions import cancel_order
from tests import make
from tests.client import Client
from tests.make.checkout import MadeCheckout
from tests.plays.buying import bought, left, total_of, uses_of, with_offers
from tests.store.racing import together

pytestmark = pytest.mark.usefixtures("app")


def refused(work: Any) -> Refused:
    with pytest.raises(Refused) as found:
        in_transaction(work)
    return found.value


def state(code: str) -> tuple[str, UUID | None]:
    mine = select(Coupon.state, Coupon.purchase_id).where(Coupon.id == UUID(code.partition(":")[2]))
    row = db.session.execute(mine).one()
    return row[0], row[1]


def pay(made: MadeCheckout, placed: PlacedPurchase) -> None:
    begun = in_transaction(lambda: pay_purchase(made.caller, placed.id, "sandbox"))
    kept = in_transaction(lambda: play_outcome(payment(begun.id), "paid"))
    in_transaction(lambda: settle_callback(kept))


def patient(send: Any) -> TestResponse:
    """A busy server is asked again."""
    for _ in range(100):
        answer: TestResponse = send()
        if answer.status_code != 503:
            return answer
        time.sleep(random.uniform(0.01, 0.1))
    raise AssertionError("the town stayed busy")


def test_sixty_four_at_once_claim_the_last_ten(app: Flask, client: Client) -> None:
    batch = make.coupons(quantity=10)
    people = [make.person() for _ in range(32)]
    path = f"/coupons/{batch}/claim"
    claims = [lambda by=one: patient(lambda: client.as_(by.token).post(path)) for one in people * 2]
    answers = together(app, *claims)
    assert Counter(one.status_code for one in answers) == {201: 10, 409: 54}
    assert {one.json["code"] for one in answers if one.status_code == 409} <= {"all_claimed", "claimed_already"}
    held = db.session.execute(select(Coupon.person_id, func.count()).group_by(Coupon.person_id)).all()
    assert [row[1] for row in held] == [1] * 10
    assert db.session.scalar(select(CouponBatch.claimed)) == 10


def test_one_person_claims_twice_at_once_and_has_one(app: Flask, client: Client) -> None:
    batch, buyer = make.coupons(quantity=10), make.person()
    claims = [lambda: patient(lambda: client.as_(buyer.token).post(f"/coupons/{batch}/claim"))] * 8
    assert Counter(one.status_code for one in together(app, *claims)) == {201: 1, 409: 7}
    assert db.session.scalar(select(CouponBatch.claimed)) == 1


def test_what_is_not_open_cannot_be_claimed_and_a_gift_can() -> None:
    buyer = make.person()
    now = clock.now()
    closed = [
        make.coupons(is_claimable=False),
        make.coupons(claim_from=now + timedelta(hours=1)),
        make.coupons(claim_until=now - timedelta(seconds=1)),
    ]
    for batch in closed:
        assert refused(lambda batch=batch: actions.claim_coupon(buyer.id, batch)).status == 404
    assert len(in_transaction(lambda: actions.give_coupons(None, closed[0], [buyer.id, make.person().id]))) == 2
    assert refused(lambda: actions.give_coupons(None, closed[0], [buyer.id])).code == "claimed_already"
    assert refused(lambda: actions.give_coupons(make.shop().id, closed[0], [buyer.id])).status == 404
    assert refused(lambda: actions.claim_coupon(buyer.id, new_id())).status == 404


def test_a_coupon_is_used_with_its_purchase_and_free_again_when_that_is_cancelled_or_lapses() -> None:
    buyer, cup = make.person(), make.product(price=10_000, stock=9)
    code = make.coupon(make.coupons(budget=1_000), buyer.id)
    for end in ("cancelled", "lapsed"):
        made = make.checkout(buyer=buyer, product=cup)
        assert with_offers(made, [code]) == 9_000
        placed = bought(made, 9_000)
        assert state(code) == ("used", placed.id)
        again = make.checkout(buyer=buyer, product=cup)
        assert list(refused(lambda again=again: with_offers(again, [code])).errors) == ["offers"]
        if end == "cancelled":
            in_transaction(lambda made=made, placed=placed: cancel_purchase(made.caller, placed.id))
        else:
            with clock.moved(hours=25):
                assert in_transaction(lapse_due) == 1
        assert state(code) == ("unused", None)
    why = db.session.scalars(select(CouponLog.why).order_by(CouponLog.id)).all()
    assert why == ["claimed", "used", "given back", "used", "given back"]


def test_a_stale_total_refuses_the_order_and_leaves_the_coupon_unused() -> None:
    buyer, cup = make.person(), make.product(price=10_000)
    batch = make.coupons(budget=5_000)
    code = make.coupon(batch, buyer.id)
    made = make.checkout(buyer=buyer, product=cup)
    with_offers(made, [code])
    found = refused(lambda: bought(made, 8_999))
    assert (found.status, found.code, found.errors) == (409, "total_changed", {"total": [9_000]})
    assert (state(code), uses_of(batch), left(batch)[0]) == (("unused", None), [], 5_000)
    assert db.session.scalar(select(func.count()).select_from(Purchase)) == 0
    bought(made, 9_000)
    assert state(code)[0] == "used"


def test_a_partly_cancelled_purchase_keeps_its_platform_coupon_and_a_shops_coupon_follows_its_order() -> None:
    buyer, shops = make.person(), [make.shop(), make.shop()]
    lines = [LineWanted(make.product(shop, price=10_000).sku_id, 1) for shop in shops]
    everywhere = make.coupon(make.coupons(), buyer.id)
    here = make.coupon(make.coupons(shop=shops[0]), buyer.id)
    made = make.checkout(buyer=buyer, lines=lines)
    assert with_offers(made, [everywhere, here]) == 18_000
    placed = bought(made)
    pay(made, placed)
    orders = {one.shop_id: one.id for one in placed.orders}
    in_transaction(lambda: cancel_order(made.caller, orders[shops[0].id], "不要了"))
    assert (state(here)[0], state(everywhere)[0]) == ("unused", "used")
    in_transaction(lambda: cancel_order(made.caller, orders[shops[1].id], "不要了"))
    assert state(everywhere)[0] == "unused"


def test_a_platform_coupon_of_30_over_three_shops_adds_up_in_the_orders_too() -> None:
    buyer = make.person()
    code = make.coupon(make.coupons(terms={"tiers": [{"above": 0, "off": 3_000}]}), buyer.id)
    lines = [LineWanted(make.product(make.shop(), price=price).sku_id, 1) for price in (10_000, 3_333, 1)]
    made = make.checkout(buyer=buyer, lines=lines)
    assert with_offers(made, [code]) == 10_334
    placed = bought(made, 10_334)
    assert sorted(one.total for one in placed.orders) == [1, 2_583, 7_750]
    assert sum(one.total for one in placed.orders) == placed.total == 10_334


def test_a_public_code_needs_no_claim_is_read_kindly_and_counts_by_person() -> None:
    buyer, cup = make.person(), make.product(price=10_000, stock=9)
    batch = make.coupons(is_claimable=False, quantity=None, code="Spring-30", most_per_person=1, most_uses=2)
    made = make.checkout(buyer=buyer, product=cup)
    assert with_offers(made, ["spring 30"]) == 9_000
    bought(made)
    again = make.checkout(buyer=buyer, product=cup)
    assert refused(lambda: with_offers(again, ["SPRING30"])).status == 422
    others = [make.checkout(product=cup) for _ in range(2)]
    for one in others:
        with_offers(one, ["SPRING30"])
    bought(others[0])
    assert left(batch)[1] == 0
    assert refused(lambda: bought(others[1])).status == 422
    assert bought(others[1], expected=10_000).total == 10_000  # who has seen the price without it may go on


def test_a_shops_code_works_for_its_goods_alone_and_two_shops_may_have_the_same() -> None:
    here, there = make.shop(), make.shop()
    for shop in (here, there):
        make.coupons(shop=shop, is_claimable=False, code="NEW10")
    with pytest.raises(Exception, match="uq_coupons_batches_shop_code"):
        make.coupons(shop=here, is_claimable=False, code="new-10")
    db.session.rollback()
    both = make.checkout(lines=[LineWanted(make.product(shop, price=5_000).sku_id, 1) for shop in (here, there)])
    assert with_offers(both, ["NEW10"]) == 8_000
    elsewhere = make.checkout(product=make.product(price=5_000))
    assert refused(lambda: with_offers(elsewhere, ["NEW10"])).status == 422


def test_a_single_use_code_is_hashed_works_once_and_again_after_a_cancellation() -> None:
    batch = make.coupons(is_claimable=False, quantity=None)
    [code, _] = in_transaction(lambda: actions.make_codes(None, batch, 2))
    kept = db.session.scalars(select(CouponCode.hash)).all()
    assert len(kept) == 2
    assert all(code.encode() not in bytes(one) for one in kept)
    cup = make.product(price=10_000, stock=9)
    first, second = make.checkout(product=cup), make.checkout(product=cup)
    assert with_offers(first, [code.lower()]) == 9_000
    with_offers(second, [code])
    placed = bought(first)
    assert refused(lambda: bought(second)).status == 422
    in_transaction(lambda: cancel_purchase(first.caller, placed.id))
    assert bought(second).total == 9_000


def test_of_two_purchases_that_use_one_coupon_at_once_one_wins(app: Flask) -> None:
    cup = make.product(price=10_000, stock=9)
    batch = make.coupons(is_claimable=False, quantity=None)
    [code] = in_transaction(lambda: actions.make_codes(None, batch, 1))
    made = [make.checkout(product=cup) for _ in range(4)]
    for one in made:
        with_offers(one, [code])
    found = together(app, *(lambda one=one: bought(one) for one in made))
    totals = [one.total for one in found if not isinstance(one, Refused)]
    assert totals == [9_000]
    assert {one.status for one in found if isinstance(one, Refused)} <= {409, 422}


def test_a_coupon_that_was_used_since_the_quote_is_not_used_again() -> None:
    buyer = make.person()
    batch = make.coupons()
    code = make.coupon(batch, buyer.id)
    rule = rules_by_id([batch])[batch]
    held = Held(rule, UUID(code.partition(":")[2]))
    used = [Used(deal_of(rule, [], code, code, held), 100, (new_id(),), 900)]
    who = Ref(PERSON, buyer.id)
    in_transaction(lambda: actions.Coupons().redeem(used, who, new_id()))
    assert refused(lambda: actions.Coupons().redeem(used, who, new_id())).code == "offer_gone"
    assert len(uses_of(batch)) == 1


def test_a_budget_is_never_exceeded_by_many_at_once(app: Flask) -> None:
    cup = make.product(price=10_000, stock=50)
    promotion = make.promotion("platform_reduction", {"tiers": [{"above": 0, "off": 1_000}]}, budget=4_500)
    made = [make.checkout(product=cup) for _ in range(8)]
    found = together(app, *(lambda one=one: bought(one) for one in made))
    done = [one for one in found if not isinstance(one, Refused)]
    assert {one.code for one in found if isinstance(one, Refused)} <= {"offer_gone"}
    reduced = [one for one in done if one.total == 9_000]
    assert len(reduced) <= 4
    assert left(promotion)[0] == 4_500 - 1_000 * len(reduced)
    taken = db.session.scalars(select(OrderLine.purchase_id)).all()
    assert len(taken) == len(done)


def test_my_coupons_are_usable_used_or_expired_and_each_says_what_it_saves() -> None:
    buyer, cup = make.person(), make.product(price=10_000, stock=9)
    dear = make.coupons(terms={"tiers": [{"above": 50_000, "off": 9_000}]})
    fits, over = make.coupons(), make.coupons(valid_days=1)
    codes = [make.coupon(one, buyer.id) for one in (fits, dear, over)]
    with clock.moved(days=2):
        usable, _ = queries.coupons_of(buyer.id, "usable", 20, None)
        assert {one["code"] for one in usable} == set(codes[:2])
        assert [one["code"] for one in queries.coupons_of(buyer.id, "expired", 20, None)[0]] == codes[2:]
    made = make.checkout(buyer=buyer, product=cup)
    with_offers(made, codes[:1])
    bought(made)
    assert [one["code"] for one in queries.coupons_of(buyer.id, "used", 20, None)[0]] == codes[:1]
    assert total_of(make.checkout(buyer=buyer, product=cup)) == 10_000


def test_an_app_that_names_no_state_gets_all_coupons_each_with_its_state(client: Client) -> None:
    buyer = make.person()
    batches = (make.coupons(valid_days=1), make.coupons(), make.coupons())
    over, used, fits = (make.coupon(one, buyer.id) for one in batches)
    made = make.checkout(buyer=buyer, product=make.product(price=10_000))
    with_offers(made, [used])
    bought(made)
    with clock.moved(days=2):
        again = client.post("/sessions", {"username": buyer.username, "password": buyer.password})
        by = client.as_(again.json["access_token"])
        first = by.get("/me/coupons?limit=2").json
        rest = by.get(f"/me/coupons?limit=2&cursor={first['next']}").json
        for state, code in (("usable", fits), ("used", used), ("expired", over)):
            assert [one["code"] for one in by.get(f"/me/coupons?state={state}").json["items"]] == [code]
    found = [(one["code"], one["state"]) for one in (*first["items"], *rest["items"])]
    assert found == [(fits, "usable"), (used, "used"), (over, "expired")]
    assert rest["next"] is None


def test_another_persons_coupon_is_not_there() -> None:
    code = make.coupon(make.coupons(), make.person().id)
    for wrong in (code, f"coupon:{new_id()}", "coupon:x", "nothing"):
        made = make.checkout()
        assert refused(lambda made=made, wrong=wrong: with_offers(made, [wrong])).status == 422
