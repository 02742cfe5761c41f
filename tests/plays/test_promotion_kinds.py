"""Kinds of promotions: what each takes off, to the 分."""

import pytest
from marshmallow import ValidationError

from app.plays.promotions.kinds import KINDS
from app.plays.promotions.models import Scope
from tests.plays.baskets import Line, called, off, priced, rule

REDUCTION = {"tiers": [{"above": 10_000, "off": 1_000}, {"above": 20_000, "off": 3_000}]}


def test_the_kinds_are_those_of_the_written_order() -> None:
    assert {kind.name: kind.step for kind in KINDS.values()} == {
        name: name
        for name in (
            "fixed_price",
            "percentage",
            "buy_x_get_y",
            "shop_reduction",
            "platform_reduction",
            "free_shipping",
        )
    }


def test_a_platform_coupon_over_three_shops_is_split_to_the_last_fen() -> None:
    shops = [called(name) for name in "abc"]
    lines = [Line(price, shop_id=shop) for price, shop in zip((10_000, 3_333, 1), shops, strict=True)]
    coupon = rule("platform_reduction", {"tiers": [{"above": 0, "off": 3_000}]}, is_coupon=True)
    terms = priced([coupon], lines)
    assert sum(off(terms)) == 3_000
    assert off(terms) == [2_250, 750, 0]
    assert all(one.step == "platform_coupon" and one.after >= 0 and one.funder == "platform" for one in terms.steps)


@pytest.mark.parametrize(
    ("price", "quantity", "taken"), [(9_999, 1, 0), (10_000, 1, 1_000), (19_999, 1, 1_000), (5_000, 4, 3_000)]
)
def test_a_reduction_begins_at_its_tier_to_the_fen(price: int, quantity: int, taken: int) -> None:
    shop = called("shop")
    assert off(priced([rule("shop_reduction", REDUCTION, shop_id=shop)], [Line(price, quantity)])) == [taken]


@pytest.mark.parametrize(("price", "taken"), [(29_999, 0), (30_000, 5_000), (60_000, 10_000), (95_000, 12_000)])
def test_each_time_over_is_taken_off_up_to_the_cap(price: int, taken: int) -> None:
    terms = {"tiers": [{"above": 30_000, "off": 5_000}], "every": True}
    assert off(priced([rule("platform_reduction", terms, cap=12_000)], [Line(price)])) == [taken]


def test_a_percentage_is_of_each_line_by_itself_and_rounds_down() -> None:
    assert off(priced([rule("percentage", {"off": 1_500})], [Line(999), Line(1), Line(333, 3)])) == [149, 0, 149]


def test_a_fixed_price_is_of_a_unit_and_never_raises_one() -> None:
    dear, cheap = called("dear"), called("cheap")
    lines = [Line(9_900, 2, sku=dear), Line(500, sku=cheap), Line(8_800)]
    fixed = rule("fixed_price", {"price": 8_000, "prices": [{"sku_id": str(dear), "price": 7_000}]})
    assert off(priced([fixed], lines)) == [5_800, 0, 800]


@pytest.mark.parametrize(
    ("terms", "taken"),
    [
        ({"buy": 2, "get": 1}, [0, 0, 500]),  # 5 units: one is free, the cheapest
        ({"buy": 1, "get": 1}, [0, 1_000, 500]),
        ({"buy": 1, "get": 1, "off": 5_000}, [0, 500, 250]),  # the second at half its price
        ({"buy": 5, "get": 1}, [0, 0, 0]),
    ],
)
def test_of_so_many_units_the_cheapest_cost_less(terms: dict[str, int], taken: list[int]) -> None:
    assert off(priced([rule("buy_x_get_y", terms)], [Line(9_000, 2), Line(1_000, 2), Line(500)])) == taken


def test_free_shipping_counts_what_goods_cost_after_all_other_offers() -> None:
    here, there = called("here"), called("there")
    lines = [Line(10_000, shop_id=here), Line(9_900, shop_id=there)]
    free = rule("free_shipping", {"above": 9_900}, platform_share=6_000, scope=Scope(shops=frozenset({here, there})))
    terms = priced([rule("percentage", {"off": 200}, shop_id=here), free], lines, {here: 801, there: 1_000})
    assert terms.freight == {here: 801, there: 1_000}
    assert [(one.shop_id, one.amount, one.funder) for one in terms.off_freight(there)] == [
        (there, -600, "platform"),
        (there, -400, "shop"),
    ]
    assert terms.off_freight(here) == []  # 98.00 by now
    assert terms.freight_left == 801


def test_freight_is_taken_off_up_to_what_the_promotion_gives() -> None:
    shop = called("shop")
    terms = priced([rule("free_shipping", {"most": 500}, shop_id=shop)], [Line(100)], {shop: 800})
    assert terms.freight_left == 300
    assert [one.funder for one in terms.off_freight(shop)] == ["shop"]


@pytest.mark.parametrize(
    ("kind", "terms", "field"),
    [
        ("percentage", {"off": 0}, "off"),
        ("percentage", {"off": 10_001}, "off"),
        ("percentage", {"off": 12.5}, "off"),
        ("fixed_price", {}, "price"),
        ("buy_x_get_y", {"buy": 0, "get": 1}, "buy"),
        ("shop_reduction", {"tiers": []}, "tiers"),
        ("shop_reduction", {"tiers": [{"above": 10, "off": 11}]}, "tiers"),
        ("shop_reduction", {"tiers": [{"above": 10, "off": 5}, {"above": 10, "off": 6}]}, "tiers"),
        ("shop_reduction", {"tiers": [{"above": 0, "off": 5}], "every": True}, "every"),
        ("free_shipping", {"above": -1}, "above"),
    ],
)
def test_terms_that_make_no_sense_name_their_field(kind: str, terms: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        KINDS[kind].stored(terms)
    assert list(refused.value.messages_dict) == [field]
