"""Offers: codes find their play, apply in the written order, and never give more than there is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from app.core.caller import Ref
from app.core.errors import Refused
from app.core.ids import new_id
from app.plays.offers import actions, queries
from app.plays.offers.models import NOTHING, Cut, Deal, Found, Play, Terms, Used, Wished
from tests.plays.baskets import BUYER, Line


@dataclass(frozen=True)
class Taking:
    """What deals of Off are about."""

    play: str


class Off(Play):
    """A play for tests: C100 takes 100 off the first line; redeeming notes the purchase."""

    step, prefix = "platform_coupon", "C"

    def __init__(self) -> None:
        self.redeemed: list[tuple[str, UUID]] = []

    def deals(self, codes: Sequence[str], wished: Wished) -> Found:
        return Found([self._deal(code, len(wished.lines)) for code in codes])

    def _deal(self, code: str, many: int) -> Deal:
        amount = int(code.removeprefix(self.prefix))
        cut = Cut([amount, *(0 for _ in range(many - 1))], {}, frozenset({0})) if amount else NOTHING
        return Deal(self.step, code, code, lambda left, freight: cut, code=code, about=Taking(self.prefix))

    def owns(self, deal: Deal) -> bool:
        return deal.about == Taking(self.prefix)

    def redeem(self, used: Sequence[Used], buyer: Ref, purchase_id: UUID) -> None:
        self.redeemed += [(one.deal.source, purchase_id) for one in used]


class Earlier(Off):
    step, prefix = "percentage", "Aaa"


class Advance(Play):
    """A play with a pool, a part to pay now, and goods that wait."""

    def arrange(self, codes: Sequence[str], wished: Wished, terms: Terms) -> Terms:
        if not codes:
            return terms
        now = int(codes[0].removeprefix("V"))
        return replace(terms, pools=("presale",) * len(wished.lines), pay_now=now, ship_after_release=True)


@pytest.fixture(autouse=True)
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty register for each test."""
    monkeypatch.setattr(queries, "_plays", {})
    yield


def _lines(*prices: int) -> list[Line]:
    return [Line(price) for price in prices]


def _refused(work: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as refused:
        work()
    return refused.value


def test_without_codes_nothing_is_taken_off_and_all_is_paid_now() -> None:
    assert queries.quote([], BUYER, _lines(100, 200)) == Terms((), ("shop", "shop"))


@pytest.mark.parametrize("code", ["C1", "", "c1", "X", "优惠"])
def test_an_unknown_code_does_nothing_and_is_named(code: str) -> None:
    terms = queries.quote([code], BUYER, _lines(1))
    assert (terms.steps, list(terms.unfit)) == ((), [code])
    refused = _refused(lambda: queries.require_fitting(terms))
    assert (refused.status, list(refused.errors)) == (422, ["offers"])


def test_what_no_play_knows_goes_to_the_last_one() -> None:
    queries.play("C", last=True)(Off)
    terms = queries.quote(["C1"], BUYER, _lines(100))
    assert [one.amount for one in terms.steps] == [-1]
    with pytest.raises(ValueError, match="invalid literal"):
        queries.quote(["word"], BUYER, _lines(100))  # it was asked


def test_a_code_that_gives_nothing_is_named_with_its_reason() -> None:
    queries.play("C")(Off)
    terms = queries.quote(["C0", "C5"], BUYER, _lines(100))
    assert {code: one.status for code, one in terms.unfit.items()} == {"C0": 422}
    assert [one.amount for one in terms.steps] == [-5]


def test_a_code_twice_or_too_many_codes_are_refused() -> None:
    queries.play("C")(Off)
    for codes in (["C1", "C1"], [f"C{turn}" for turn in range(1, 12)]):
        assert list(_refused(lambda codes=codes: queries.quote(codes, BUYER, _lines(10**6))).errors) == ["offers"]


def test_codes_apply_in_the_written_order_not_that_of_the_buyer() -> None:
    queries.play("C")(Off)
    queries.play("Aaa")(Earlier)
    for codes in (["C7", "C5", "Aaa9"], ["Aaa9", "C5", "C7"]):
        terms = queries.quote(codes, BUYER, _lines(100))
        assert [one.source for one in terms.adjustments[0]] == ["Aaa9", "C5", "C7"]


def test_redeeming_tells_each_play_what_of_its_own_was_used_and_the_purchase() -> None:
    first, second = Off(), Earlier()
    queries.play("C")(lambda: first)
    queries.play("Aaa")(lambda: second)
    purchase = new_id()
    actions.redeem(queries.quote(["C7", "C0", "Aaa1"], BUYER, _lines(100)), BUYER, purchase)
    assert (first.redeemed, second.redeemed) == ([("C7", purchase)], [("Aaa1", purchase)])


def test_savings_tell_what_each_code_gives_by_itself_and_ask_once() -> None:
    asked: list[Sequence[str]] = []

    class Asked(Off):
        def deals(self, codes: Sequence[str], wished: Wished) -> Found:
            asked.append(codes)
            return super().deals(codes, wished)

    queries.play("C")(Asked)
    many = [f"C{turn}" for turn in range(30)]
    assert queries.savings(many, BUYER, _lines(1_000)) == {f"C{turn}": turn for turn in range(30)}
    assert len(asked) == 1


def test_a_play_may_name_a_pool_a_part_to_pay_now_and_that_goods_wait() -> None:
    queries.play("V")(Advance)
    terms = queries.quote(["V30"], BUYER, _lines(100, 50))
    assert (terms.pools, terms.pay_now, terms.ship_after_release) == (("presale", "presale"), 30, True)
    assert _refused(lambda: queries.quote(["V151"], BUYER, _lines(100, 50))).code == "below_zero"


def test_no_play_takes_off_more_than_there_is_or_adds_to_a_price() -> None:
    queries.play("C")(Off)
    assert _refused(lambda: queries.quote(["C101"], BUYER, _lines(100))).code == "below_zero"
    assert queries.quote(["C-1"], BUYER, _lines(100)).steps == ()


def test_two_plays_never_fit_one_code() -> None:
    queries.play("C", last=True)(Off)
    for prefix in ("C", "CX", ""):
        with pytest.raises(ValueError, match="prefix"):
            queries.play(prefix)(Off)
