"""Offers: codes find their play, apply in one order, and never give more than there is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.core.caller import Ref
from app.core.errors import Refused
from app.core.ids import new_id
from app.plays.offers import actions as offers
from app.plays.offers.actions import OfferLine, Terms
from app.store.orders.models import AdjustmentToPlace, LineToPlace

BUYER = Ref("guest", new_id())


class Off:
    """A play for tests: C100 takes 100 off the first line; redeeming notes the purchase."""

    rank = 20
    prefix = "C"

    def __init__(self) -> None:
        self.redeemed: list[tuple[str, UUID]] = []

    def quote(self, code: str, buyer: Ref, lines: Sequence[OfferLine], so_far: Terms) -> Terms:
        first, *rest = so_far.adjustments
        taken = AdjustmentToPlace(-int(code.removeprefix(self.prefix)), code, "platform")
        return replace(so_far, adjustments=((*first, taken), *rest))

    def redeem(self, code: str, buyer: Ref, lines: Sequence[OfferLine], so_far: Terms, purchase_id: UUID) -> Terms:
        self.redeemed.append((code, purchase_id))
        return self.quote(code, buyer, lines, so_far)


class Earlier(Off):
    rank = 10
    prefix = "Aaa"


class Advance(Off):
    """A play with a pool, a part to pay now, and goods that wait."""

    rank = 30

    def quote(self, code: str, buyer: Ref, lines: Sequence[OfferLine], so_far: Terms) -> Terms:
        now = int(code.removeprefix("V"))
        return replace(so_far, pools=("presale",) * len(lines), pay_now=now, ship_after_release=True)


@pytest.fixture(autouse=True)
def register(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty register for each test."""
    monkeypatch.setattr(offers, "_plays", {})
    yield


def _lines(*prices: int) -> list[LineToPlace]:
    return [LineToPlace(new_id(), new_id(), new_id(), "杯", "蓝", price, 1) for price in prices]


def _refused(work: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as refused:
        work()
    return refused.value


def test_without_codes_nothing_is_taken_off_and_all_is_paid_now() -> None:
    terms = offers.quote([], BUYER, _lines(100, 200))
    assert terms == Terms(((), ()), ("shop", "shop"), None, False)


@pytest.mark.parametrize("code", ["C1", "", "c1", "X", "优惠"])
def test_an_unknown_code_is_refused_with_the_field(code: str) -> None:
    for work in (
        lambda: offers.quote([code], BUYER, _lines(1)),
        lambda: offers.redeem([code], BUYER, _lines(1), new_id()),
    ):
        refused = _refused(work)
        assert (refused.status, list(refused.errors)) == (422, ["offers"])


def test_a_code_twice_or_too_many_codes_are_refused() -> None:
    offers.play("C")(Off)
    for codes in (["C1", "C1"], [f"C{turn}" for turn in range(1, 12)]):
        assert list(_refused(lambda codes=codes: offers.quote(codes, BUYER, _lines(10**6))).errors) == ["offers"]


def test_codes_apply_in_the_order_of_their_plays_not_of_the_buyer() -> None:
    offers.play("C")(Off)
    offers.play("Aaa")(Earlier)
    for codes in (["C7", "C5", "Aaa9"], ["Aaa9", "C5", "C7"]):
        terms = offers.quote(codes, BUYER, _lines(100, 50))
        assert [one.source for one in terms.adjustments[0]] == ["Aaa9", "C5", "C7"]
        assert terms.adjustments[1] == ()


def test_redeeming_gives_the_terms_of_the_quote_and_tells_the_play_the_purchase() -> None:
    play = Off()
    offers.play("C")(lambda: play)
    purchase = new_id()
    lines = _lines(100)
    assert offers.quote(["C7"], BUYER, lines) == offers.redeem(["C7"], BUYER, lines, purchase)
    assert play.redeemed == [("C7", purchase)]


def test_a_play_may_name_a_pool_a_part_to_pay_now_and_that_goods_wait() -> None:
    offers.play("V")(Advance)
    terms = offers.quote(["V30"], BUYER, _lines(100, 50))
    assert (terms.pools, terms.pay_now, terms.ship_after_release) == (("presale", "presale"), 30, True)
    assert _refused(lambda: offers.quote(["V151"], BUYER, _lines(100, 50))).code == "below_zero"


@pytest.mark.parametrize("code", ["C101", "C0", "C-1"])
def test_no_play_takes_off_more_than_there_is_or_adds_to_a_price(code: str) -> None:
    offers.play("C")(Off)
    assert _refused(lambda: offers.quote([code], BUYER, _lines(100))).code == "below_zero"


def test_two_plays_never_fit_one_code() -> None:
    offers.play("C")(Off)
    for prefix in ("C", "CX", ""):
        with pytest.raises(ValueError, match="prefix"):
            offers.play(prefix)(Off)
