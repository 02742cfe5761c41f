"""Promotions on real baskets: when they apply, what they cost whom, budgets and limits to the last 分 and use."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.buying.baskets.models import LineWanted
from app.core import clock
from app.core.caller import PERSON, Caller, Ref
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.plays.offers.models import Used
from app.plays.promotions import actions, queries
from app.plays.promotions.models import PromotionLog, Scope
from app.store.orders.actions import cancel_purchase, lapse_due
from app.store.orders.models import Adjustment, Order, OrderLine
from tests import make
from tests.plays.buying import bought, left, total_of, uses_of, with_offers
from tests.statements import statements
from tests.store.racing import together

pytestmark = pytest.mark.usefixtures("app")


def tiers(above: int, off: int) -> dict[str, Any]:
    return {"tiers": [{"above": above, "off": off}]}


def change(promotion_id: UUID, shop: make.MadeShop | None = None, **changes: Any) -> Any:
    shop_id = shop.id if shop else None
    return in_transaction(lambda: actions.change_promotion(shop_id, new_id(), promotion_id, changes))


def refused(promotion_id: UUID, **changes: Any) -> str:
    with pytest.raises(Refused) as found:
        change(promotion_id, **changes)
    return found.value.code


def test_a_promotion_applies_while_it_runs_and_only_then() -> None:
    made = make.checkout(product=make.product(price=10_000))
    promotion = make.promotion("percentage", {"off": 1_000}, state="draft")
    assert total_of(made) == 10_000
    for state, total in (("running", 9_000), ("paused", 10_000), ("running", 9_000), ("ended", 10_000)):
        change(promotion, state=state)
        assert total_of(made) == total, state
    log = db.session.scalars(select(PromotionLog.after).order_by(PromotionLog.id)).all()
    assert log == ["draft", "running", "paused", "running", "ended"]
    assert refused(promotion, state="running") == "fixed"


def test_its_window_is_judged_by_the_clock_of_the_database() -> None:
    made = make.checkout(product=make.product(price=10_000))
    now = clock.now()
    window = {"starts_at": now + timedelta(minutes=2), "ends_at": now + timedelta(minutes=4)}
    make.promotion("percentage", {"off": 1_000}, **window)
    totals = []
    for seconds in (0, 180, 300):
        with clock.moved(seconds=seconds):
            totals.append(total_of(made))
    assert totals == [10_000, 9_000, 10_000]


def test_a_shops_promotion_is_for_its_goods_and_the_platforms_for_the_shops_it_names() -> None:
    here, there = make.shop(), make.shop()
    lines = [LineWanted(make.product(shop, price=10_000).sku_id, 1) for shop in (here, there)]
    made = make.checkout(lines=lines)
    make.promotion("shop_reduction", tiers(0, 500), shop=here)
    assert total_of(made) == 19_500
    scope = Scope(shops=frozenset({there.id}))
    make.promotion("platform_reduction", tiers(10_000, 2_000), scope=scope, platform_share=6_000)
    assert total_of(made) == 17_500
    placed = bought(made, 17_500)
    what = (Adjustment.amount, Adjustment.funder, OrderLine.shop_id)
    rows = db.session.execute(select(*what).join(OrderLine, OrderLine.id == Adjustment.line_id)).all()
    assert sorted(tuple(row) for row in rows) == sorted(
        [(-500, "shop", here.id), (-1_200, "platform", there.id), (-800, "shop", there.id)]
    )
    assert {one.shop_id: one.total for one in placed.orders} == {here.id: 9_500, there.id: 8_000}


def test_a_promotion_of_a_category_follows_the_goods_category() -> None:
    shop = make.shop()
    product = make.product(shop, price=10_000)
    category = db.session.scalar(db.text("SELECT id FROM catalogue_categories LIMIT 1"))
    made = make.checkout(product=product)
    make.promotion("percentage", {"off": 1_000}, shop=shop, scope=Scope(categories=frozenset({category})))
    assert total_of(made) == 10_000
    move = db.text("UPDATE catalogue_products SET category_id = :to WHERE id = :id")
    in_transaction(lambda: db.session.execute(move, {"to": category, "id": product.id}))
    assert total_of(made) == 9_000


def test_a_budget_ends_a_promotion_and_what_is_given_back_serves_the_next() -> None:
    cup = make.product(price=10_000, stock=50)
    promotion = make.promotion("platform_reduction", tiers(0, 3_000), budget=7_000)
    first, second, third = (make.checkout(product=cup) for _ in range(3))
    assert [bought(one).total for one in (first, second)] == [7_000, 7_000]
    assert left(promotion)[0] == 1_000
    assert total_of(third) == 10_000
    purchase_id = db.session.scalars(select(Order.purchase_id).order_by(Order.id)).first()
    in_transaction(lambda: cancel_purchase(first.caller, purchase_id))
    assert left(promotion)[0] == 4_000
    assert total_of(third) == 7_000
    assert [one[2] for one in uses_of(promotion)] == [False, True]


def test_a_budget_in_crumbs_is_taken_from_several_slots() -> None:
    promotion = make.promotion("platform_reduction", tiers(0, 3_000), budget=3_001, most_uses=2)
    cup = make.product(price=10_000)
    assert bought(make.checkout(product=cup)).total == 7_000
    assert left(promotion) == (1, 1)
    assert total_of(make.checkout(product=cup)) == 10_000


def test_uses_are_limited_in_all_for_a_person_and_for_his_day() -> None:
    cup, buyer = make.product(price=10_000, stock=50), make.person()
    promotion = make.promotion("percentage", {"off": 1_000}, most_per_person=3, most_per_day=2)
    totals = []
    for hours in (0, 0, 0, 24, 24):
        with clock.moved(hours=hours):
            made = make.checkout(buyer=buyer, product=cup)
            totals.append(bought(made).total)
            in_transaction(lambda: lapse_due())
    assert totals == [9_000, 9_000, 10_000, 9_000, 9_000]  # after a day the first three have lapsed, and count no more
    assert [one[2] for one in uses_of(promotion)] == [False, False, True, True]
    other = make.checkout(product=cup)
    assert total_of(other) == 9_000


def test_a_guest_gets_what_is_not_counted_by_person() -> None:
    cup = make.product(price=10_000)
    make.promotion("percentage", {"off": 1_000}, most_per_person=1)
    make.promotion("shop_reduction", tiers(0, 100), shop=cup.shop)
    buyer = Caller(guest_id=new_id()).buyer
    rules = queries.running_rules([cup.shop.id])
    assert [queries.may_use(rule, buyer, {}) for rule in sorted(rules, key=lambda one: one.kind)] == [False, True]


def test_a_running_promotion_is_fixed_but_for_its_name_end_and_budget() -> None:
    promotion = make.promotion("platform_reduction", tiers(0, 3_000), budget=10_000)
    assert refused(promotion, terms=tiers(0, 1)) == "fixed"
    assert refused(promotion, cap=5) == "fixed"
    bought(make.checkout(product=make.product(price=10_000)))
    assert refused(promotion, budget=2_999) == "spent"
    for budget, rest in ((3_000, 0), (50_000, 47_000), (None, 0)):
        change(promotion, budget=budget)
        assert left(promotion)[0] == rest
    change(promotion, name="大促", ends_at=clock.now() + timedelta(days=90))


def test_a_draft_may_be_changed_in_all_and_a_kind_belongs_to_its_owner() -> None:
    promotion = make.promotion("percentage", {"off": 1_000}, state="draft")
    change(promotion, terms={"off": 2_000}, cap=500, scope=Scope(excluded_products=frozenset({new_id()})))
    change(promotion, state="running")
    assert total_of(make.checkout(product=make.product(price=10_000))) == 9_500
    shop = make.shop()
    cases: list[tuple[str, make.MadeShop | None, dict[str, Any], str]] = [
        ("platform_reduction", shop, {}, "kind"),
        ("shop_reduction", None, {}, "kind"),
        ("shop_reduction", shop, {"platform_share": 5_000}, "platform_share"),
        ("platform_reduction", None, {"platform_share": 5_000}, "scope"),
    ]
    for kind, owner, named, field in cases:
        with pytest.raises(Refused) as found:
            make.promotion(kind, tiers(0, 100), shop=owner, **named)
        assert list(found.value.errors) == [field]


def test_figures_count_what_stands_and_revenue_what_is_paid() -> None:
    cup = make.product(price=10_000, stock=50)
    promotion = make.promotion("percentage", {"off": 1_000})
    one, two = (bought(make.checkout(product=cup, quantity=n)) for n in (1, 2))
    assert queries.brought_by([promotion])[promotion] == queries.Brought(2, 3_000, 0)
    paid = db.text("UPDATE orders_purchases SET status = 'paid', paid_at = now() WHERE id = :id")
    in_transaction(lambda: db.session.execute(paid, {"id": two.id}))
    assert queries.brought_by([promotion])[promotion] == queries.Brought(2, 3_000, 18_000)
    assert one.total == 9_000


def test_one_person_at_once_gets_no_more_uses_than_his_share(app: Flask) -> None:
    promotion = make.promotion("percentage", {"off": 1_000}, most_per_person=2, most_per_day=2)
    rule = queries.rules_by_id([promotion])[promotion]
    buyer = Ref(PERSON, make.person().id)
    used = Used(queries.deal_of(rule, []), 100, (new_id(),), 900)

    def use() -> bool:
        try:
            in_transaction(lambda: actions.take_uses([(rule, used)], buyer, new_id()))
        except Refused as refused:
            assert refused.code == "offer_gone"
        except IntegrityError as error:
            assert "uq_promotions_uses" in str(error)
        else:
            return True
        return False

    assert sum(together(app, *[use] * 4)) <= 2
    while len(uses_of(promotion)) < 2:
        assert use()
    assert [one[1] for one in uses_of(promotion)] == [1, 2]
    assert not use()


def test_a_quote_asks_as_many_questions_for_fifty_lines_and_twenty_promotions_as_for_one(app: Flask) -> None:
    buyer, numbers = make.person(), []
    for many in (1, 50):
        shops = [make.shop() for _ in range(min(many, 5))]
        for shop in shops * (many // 10):
            make.promotion("percentage", {"off": 100}, shop=shop, budget=10**6, most_per_person=9)
        codes = [make.coupon(make.coupons(shop=shop), buyer.id) for shop in shops]
        goods = [make.product(shops[turn % len(shops)], price=5_000).sku_id for turn in range(many)]
        made = make.checkout(buyer=buyer, lines=[LineWanted(sku, 1) for sku in goods])
        with_offers(made, codes)
        with statements() as asked:
            total_of(made)
        numbers.append(len(asked))
        make.promotion("percentage", {"off": 1}, most_per_person=9)  # of the first round there was none to count
    assert numbers[1] - numbers[0] <= 1
    assert max(numbers) <= 11
