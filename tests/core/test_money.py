"""Money: parts add up, and yuan are read exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import money

amounts = st.integers(min_value=-money.LARGEST, max_value=money.LARGEST)
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30)


@given(amounts, weights)
def test_the_parts_of_a_split_add_up_and_none_is_off_by_more_than_one(total: int, shares: list[int]) -> None:
    parts = money.split(total, shares)
    assert sum(parts) == total
    whole = sum(shares)
    if whole:
        for part, share in zip(parts, shares, strict=True):
            assert abs(part - Decimal(total) * share / whole) < 1


@given(st.integers(min_value=0, max_value=money.LARGEST))
def test_yuan_and_fen_are_inverse(amount: int) -> None:
    assert money.from_yuan(money.yuan(amount)) == amount


@pytest.mark.parametrize("text", ["12.345", "", "abc", "NaN", "Infinity", "-1", "1e999", "1,000", "99999999999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        money.from_yuan(text)


@pytest.mark.parametrize("bad", [[], [1, -1]])
def test_a_split_needs_weights(bad: list[int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        money.split(100, bad)
