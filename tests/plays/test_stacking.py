"""The written order of stacking, and what holds whatever is in the basket (hypothesis)."""

from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as some

from app.core.money import split
from app.plays.offers.models import STEPS, Terms
from app.plays.promotions.models import Rule, Scope
from tests.plays.baskets import Line, called, off, priced, rule

SHOPS = [called(name) for name in ("first", "second", "third")]
PRODUCTS = [called(f"product {turn}") for turn in range(6)]


def _tiers(above: int, taken: int) -> dict[str, Any]:
    return {"tiers": [{"above": above, "off": taken}]}


def test_the_steps_follow_the_written_order_and_each_works_on_what_is_left() -> None:
    shop = SHOPS[0]
    rules = [
        rule("free_shipping", {}, "ship"),
        rule("platform_reduction", _tiers(0, 100), "coupon", is_coupon=True),
        rule("platform_reduction", _tiers(0, 200), "across"),
        rule("shop_reduction", _tiers(0, 300), "shop coupon", shop_id=shop, is_coupon=True),
        rule("shop_reduction", _tiers(0, 400), "within", shop_id=shop),
        rule("buy_x_get_y", {"buy": 1, "get": 1, "off": 5_000}, "second", shop_id=shop),
        rule("percentage", {"off": 1_000}, "tenth", shop_id=shop),
        rule("fixed_price", {"price": 9_000}, "fixed", shop_id=shop),
    ]
    terms = priced(rules, [Line(10_000, 2, shop)], {shop: 600})
    assert [one.step for one in terms.steps] == list(STEPS)
    taken = [(one.before, one.amount, one.after) for one in terms.steps]
    assert taken == [
        (20_000, -2_000, 18_000),
        (18_000, -1_800, 16_200),
        (16_200, -4_050, 12_150),
        (12_150, -400, 11_750),
        (11_750, -300, 11_450),
        (11_450, -200, 11_250),
        (11_250, -100, 11_150),
        (600, -600, 0),
    ]


def test_of_one_group_the_best_counts_and_ties_are_always_the_same() -> None:
    shop = SHOPS[0]
    small, large = (rule("percentage", {"off": part}, shop_id=shop) for part in (1_000, 2_000))
    twin = rule("percentage", {"off": 2_000}, shop_id=shop)
    first = min(large, twin, key=lambda one: str(one.id))
    for rules in ([small, large, twin], [twin, large, small]):
        terms = priced(rules, [Line(1_000, shop_id=shop)])
        assert [one.offer for one in terms.steps] == [f"promotion:{first.id}"]


def test_the_second_best_serves_the_lines_that_the_best_left_aside() -> None:
    shop = SHOPS[0]
    named = [rule("percentage", {"off": part}, shop_id=shop, scope=Scope(products=frozenset(which)))
             for part, which in ((3_000, PRODUCTS[:2]), (1_000, PRODUCTS[1:3]))]  # fmt: skip
    lines = [Line(1_000, shop_id=shop, product_id=one) for one in PRODUCTS[:4]]
    assert off(priced(named, lines)) == [300, 300, 100, 0]


def test_promotions_without_a_group_stack_on_all() -> None:
    shop = SHOPS[0]
    rules = [rule("percentage", {"off": 1_000}, shop_id=shop, stack_group="") for _ in range(2)]
    assert off(priced(rules, [Line(1_000, shop_id=shop)])) == [190]


def test_scope_exclusions_minimum_and_budget_decide_whether_it_applies() -> None:
    shop, category = SHOPS[0], called("category")
    lines = [Line(1_000, 1, shop, PRODUCTS[0], category), Line(1_000, 1, shop, PRODUCTS[1])]
    cases: list[tuple[dict[str, Any], list[int]]] = [
        ({"scope": Scope(categories=frozenset({category}))}, [100, 0]),
        ({"scope": Scope(excluded_products=frozenset(PRODUCTS[:1]))}, [0, 100]),
        ({"scope": Scope(excluded_categories=frozenset({category}))}, [0, 100]),
        ({"scope": Scope(products=frozenset(PRODUCTS[1:2]), categories=frozenset({category}))}, [100, 100]),
        ({"min_spend": 2_000}, [100, 100]),
        ({"min_spend": 2_001}, [0, 0]),
        ({"budget_left": 200}, [100, 100]),
        ({"budget_left": 199}, [0, 0]),
        ({"cap": 99}, [50, 49]),
        ({"scope": Scope(shops=frozenset(SHOPS[1:]))}, [0, 0]),
    ]
    for named, taken in cases:
        assert sorted(off(priced([rule("percentage", {"off": 1_000}, **named)], lines))) == sorted(taken), named


def test_a_lines_own_floor_is_kept_whoever_takes_off() -> None:
    lines = [Line(1_000, 2, SHOPS[0], PRODUCTS[0], floor=900), Line(1_000, 1, SHOPS[0], PRODUCTS[1])]
    for one in (rule("percentage", {"off": 5_000}), rule("platform_reduction", _tiers(0, 3_000))):
        taken = off(priced([one], lines))
        assert taken[0] <= 200, one.kind
        assert taken[1] <= 1_000
    assert off(priced([rule("platform_reduction", _tiers(0, 3_000))], lines)) == [200, 1_000]


def _lines(most: int = 8) -> Any:
    line = some.builds(
        Line,
        price=some.integers(0, 20_000),
        quantity=some.integers(1, 5),
        shop_id=some.sampled_from(SHOPS),
        product_id=some.sampled_from(PRODUCTS),
        floor=some.sampled_from([0, 0, 0, 500]),
    )
    return some.lists(line, min_size=1, max_size=most)


def _rule(draw: Any) -> Rule:
    kind = draw(some.sampled_from(["fixed_price", "percentage", "buy_x_get_y", "platform_reduction", "shop_reduction"]))
    amount = draw(some.integers(1, 9_000))
    terms: dict[str, Any] = {
        "fixed_price": {"price": amount},
        "percentage": {"off": amount},
        "buy_x_get_y": {"buy": amount % 3 + 1, "get": amount % 2 + 1, "off": amount},
    }.get(kind, _tiers(amount * 2, amount))
    shop = draw(some.sampled_from(SHOPS)) if kind == "shop_reduction" else draw(some.sampled_from([None, *SHOPS]))
    if kind == "platform_reduction":
        shop = None
    share = draw(some.sampled_from([0, 3_333, 6_000, 10_000])) if shop is None else 0
    named = {"cap": draw(some.sampled_from([None, 777])), "min_spend": draw(some.sampled_from([0, 5_000]))}
    group = draw(some.sampled_from(["one", "one", "two", ""]))
    return rule(
        kind, terms, shop_id=shop, platform_share=share, stack_group=group, is_coupon=draw(some.booleans()), **named
    )


rules_of = some.composite(lambda draw: [_rule(draw) for _ in range(draw(some.integers(0, 6)))])()


def _costs(terms: Terms, lines: list[Line]) -> list[int]:
    return [line.price * line.quantity - taken for line, taken in zip(lines, off(terms), strict=True)]


@settings(max_examples=300)
@given(rules_of, _lines())
def test_sums_are_exact_and_no_line_goes_below_nothing_or_its_floor(rules: list[Rule], lines: list[Line]) -> None:
    terms = priced(rules, lines)
    for line, cost in zip(lines, _costs(terms, lines), strict=True):
        assert cost >= min(line.floor, line.price) * line.quantity
    assert sum(one.amount for one in terms.steps) == -sum(one.amount for one in terms.used)
    for one in terms.used:
        mine = [step for step in terms.steps if step.offer == one.deal.source]
        shares = [sum(-step.amount for step in mine if step.funder == who) for who in ("platform", "shop")]
        assert shares == split(one.amount, [one.deal.platform_share, 10_000 - one.deal.platform_share])
        about = one.deal.about
        assert isinstance(about, Rule)
        assert about.cap is None or one.amount <= about.cap
    for place in range(len(lines)):
        steps = terms.off_line(place)
        assert all(one.before + one.amount == one.after for one in steps)
        assert all(one.after == two.before for one, two in pairwise(steps))
        assert [STEPS.index(one.step) for one in steps] == sorted(STEPS.index(one.step) for one in steps)


@settings(max_examples=200)
@given(rules_of, _lines(), some.randoms(use_true_random=False))
def test_the_order_of_lines_and_of_rules_makes_no_difference(rules: list[Rule], lines: list[Line], chance: Any) -> None:
    order = list(range(len(lines)))
    chance.shuffle(order)
    mixed = chance.sample(rules, len(rules))
    there = _costs(priced(rules, lines), lines)
    back = _costs(priced(mixed, [lines[place] for place in order]), [lines[place] for place in order])
    # Two lines that are alike in all may change places: neither is the first.
    assert sorted(zip(lines, there, strict=True), key=repr) == sorted(
        zip((lines[place] for place in order), back, strict=True), key=repr
    )


@settings(max_examples=200)
@given(some.integers(1, 10_000), some.integers(0, 9_000), _lines(), _lines(1))
def test_another_line_never_changes_what_a_price_or_percentage_makes_of_the_others(
    part: int, price: int, lines: list[Line], more: list[Line]
) -> None:
    for one in (rule("percentage", {"off": part}), rule("fixed_price", {"price": price})):
        alone, together = priced([one], lines), priced([one], [*lines, *more])
        assert _costs(together, [*lines, *more])[: len(lines)] == _costs(alone, lines)


@settings(max_examples=200)
@given(rules_of, _lines(), some.integers(0, 3_000))
def test_a_budget_that_is_short_of_it_gives_nothing(rules: list[Rule], lines: list[Line], budget: int) -> None:
    bounded = [Rule(**{**_fields(one), "budget_left": budget}) for one in rules]
    assert all(one.amount <= budget for one in priced(bounded, lines).used)


def _fields(one: Rule) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Rule.__slots__}


def test_a_rule_of_one_shop_never_touches_the_lines_of_another() -> None:
    shops: list[UUID] = SHOPS[:2]
    lines = [Line(5_000, 1, shop) for shop in shops]
    for kind, terms in (("percentage", {"off": 5_000}), ("shop_reduction", _tiers(0, 1_000))):
        taken = off(priced([rule(kind, terms, shop_id=shops[1])], lines))
        assert taken[0] == 0
        assert taken[1] > 0
