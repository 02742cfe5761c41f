"""Freight to the 分: regions, pieces, weight, and what is free (no database)."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.ids import new_id
from app.people.addresses.models import PROVINCES, city_of, province_of
from app.store.freight.models import FreightRule, region_of
from app.store.freight.queries import FreightPlan, plan_of

SHOP = new_id()


@dataclass(frozen=True)
class Sent:
    """A line of a basket as freight sees it."""

    quantity: int = 1
    weight: int = 500
    shop_id: UUID = SHOP
    product_id: UUID = field(default_factory=new_id)
    is_sent: bool = True


@dataclass(frozen=True)
class Template:
    """A template's row."""

    rules: list[dict[str, Any]]
    unit: str = "piece"
    is_default: bool = True
    shop_id: UUID = SHOP
    products: tuple[UUID, ...] | None = None
    id: UUID = field(default_factory=new_id)


def template(*rules: FreightRule, **named: Any) -> Template:
    return Template([asdict(one) for one in rules], **named)


def plan(lines: list[Sent], province: str, *templates: Template, city: str = "") -> FreightPlan:
    return plan_of(templates, lines, {"province": province, "city": city})


USUAL = FreightRule(first=1, first_price=800, further=1, further_price=200, free_amount=9_900)
FAR = FreightRule(("新疆", "西藏"), first=1, first_price=2_050, further=1, further_price=1_525)


def test_two_pieces_to_xinjiang_cost_what_the_rule_says_however_it_is_written() -> None:
    for name in ("新疆", "新疆维吾尔自治区", " 新疆 "):
        assert plan([Sent(2)], name, template(USUAL, FAR)).fees([50_000]) == {SHOP: 3_575}
    assert plan([Sent(2)], "浙江省", template(USUAL, FAR)).fees([9_899]) == {SHOP: 1_000}


@pytest.mark.parametrize(("amount", "fee"), [(9_899, 800), (9_900, 0), (9_901, 0)])
def test_free_above_99_is_free_at_99_to_the_fen(amount: int, fee: int) -> None:
    assert plan([Sent()], "江苏", template(USUAL)).fees([amount]) == {SHOP: fee}


@pytest.mark.parametrize(("grams", "fee"), [(400, 600), (1_000, 600), (1_001, 900), (1_500, 900), (1_501, 1_200)])
def test_weight_is_charged_for_each_begun_further_unit(grams: int, fee: int) -> None:
    rule = FreightRule(first=1_000, first_price=600, further=500, further_price=300)
    assert plan([Sent(1, grams)], "广东", template(rule, unit="weight")).fees([100]) == {SHOP: fee}


def test_free_by_pieces_counts_all_that_the_template_charges() -> None:
    rule = FreightRule(first_price=700, free_pieces=3)
    for pieces, fee in ((2, 700), (3, 0)):
        assert plan([Sent(1), Sent(pieces - 1)], "四川", template(rule)).fees([1, 1]) == {SHOP: fee}


def test_a_city_goes_before_its_province_and_that_before_elsewhere() -> None:
    rules = (
        FreightRule(("浙江/杭州",), first_price=1),
        FreightRule(("浙江",), first_price=2),
        FreightRule(first_price=3),
    )
    cases = [("浙江省", "杭州市", 1), ("浙江", "宁波市", 2), ("江苏省", "杭州市", 3), ("Ontario", "Ottawa", 3)]
    for province, city, fee in cases:
        assert plan([Sent()], province, template(*rules), city=city).fees([1]) == {SHOP: fee}, (province, city)


def test_where_no_rule_leads_or_one_says_no_goods_are_not_sent() -> None:
    near, far = Sent(), Sent()
    closed = template(FreightRule(("香港",), delivered=False), FreightRule(first_price=5))
    only_home = template(FreightRule(("上海",), first_price=9), is_default=False, products=(far.product_id,))
    assert plan([near, far], "香港特别行政区", closed, only_home).undelivered == [0, 1]
    assert plan([near, far], "北京市", closed, only_home).undelivered == [1]
    assert plan([near, far], "上海市", closed, only_home).undelivered == []
    assert plan([near, far], "上海市", closed, only_home).fees([1, 1]) == {SHOP: 14}


def test_each_template_charges_its_own_goods_and_a_shop_without_one_nothing() -> None:
    heavy, light, other = Sent(1, 9_000), Sent(), Sent(shop_id=new_id())
    by_weight = template(FreightRule(first=1_000, first_price=1_000, further=1_000, further_price=500),
                         unit="weight", is_default=False, products=(heavy.product_id,))  # fmt: skip
    found = plan([heavy, light, other], "福建", by_weight, template(FreightRule(first_price=600)))
    assert found.fees([1, 1, 1]) == {SHOP: 5_600}


def test_what_is_not_sent_has_no_freight_and_goes_anywhere() -> None:
    code = Sent(is_sent=False)
    found = plan([code], "香港", template(FreightRule(delivered=False)))
    assert (found.fees([1]), found.undelivered) == ({}, [])


NAMES = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "宁夏回族自治区": "宁夏",
    "西藏自治区": "西藏",
    "香港特别行政区": "香港",
    "澳门": "澳门",
    "台湾省": "台湾",
    "上海市": "上海",
    "海南省": "海南",
    "省": None,
    "东京": None,
}
CITIES = {
    "杭州市": "杭州",
    "阿里地区": "阿里",
    "锡林郭勒盟": "锡林郭勒",
    "市": "市",
    "伊犁哈萨克自治州": "伊犁",
    "大理白族自治州": "大理",
    "延边朝鲜族自治州": "延边",
    "湘西土家族苗族自治州": "湘西",
    "阿坝藏族羌族自治州": "阿坝",
    "海西蒙古族藏族自治州": "海西",
    "黔东南苗族侗族自治州": "黔东南",
    "克孜勒苏柯尔克孜自治州": "克孜勒苏",
    "德宏傣族景颇族自治州": "德宏",
}


@pytest.mark.parametrize(("name", "short"), NAMES.items())
def test_a_province_has_one_name_however_it_is_written(name: str, short: str | None) -> None:
    assert province_of(name) == short


def test_there_are_34_of_them_and_each_is_itself() -> None:
    assert len(PROVINCES) == len(set(PROVINCES)) == 34
    assert [province_of(name) for name in PROVINCES] == list(PROVINCES)


@pytest.mark.parametrize(("name", "short"), CITIES.items())
def test_a_city_loses_what_its_name_ends_in(name: str, short: str) -> None:
    assert city_of(name) == short
    assert region_of(f"浙江省/{name}") == f"浙江/{short}"


_rules = some.builds(
    FreightRule,
    first=some.integers(1, 5),
    first_price=some.integers(0, 3_000),
    further=some.integers(1, 5),
    further_price=some.integers(0, 3_000),
)


@given(_rules, some.integers(1, 60), some.integers(0, 60))
def test_more_units_never_cost_less_and_by_at_most_what_they_are_charged(
    rule: FreightRule, units: int, more: int
) -> None:
    before, after = rule.costs(units, units, 0), rule.costs(units + more, units + more, 0)
    assert before <= after <= before + -(-more // rule.further) * rule.further_price


@given(_rules, some.integers(1, 10), some.integers(0, 20_000), some.integers(0, 20_000))
def test_a_free_amount_is_all_or_nothing(rule: FreightRule, units: int, free: int, amount: int) -> None:
    bounded = FreightRule(**{**asdict(rule), "free_amount": free})
    assert bounded.costs(units, units, amount) == (0 if amount >= free else rule.costs(units, units, amount))
