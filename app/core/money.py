"""Money: whole minor units (分) and an ISO 4217 code; never a float."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

CURRENCY = "CNY"
LARGEST = 10**12
"""The largest amount accepted anywhere, in 分 (ten thousand million yuan)."""


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` divided in proportion to `weights` by the method of the largest remainder: the parts add up exactly.

    All-zero weights count as equal ones. Ties go to the earlier part. Raises ValueError for no or negative weights.
    """
    if not weights or min(weights) < 0:
        raise ValueError("split needs at least one weight and none below zero")
    shares = list(weights) if any(weights) else [1] * len(weights)
    whole = sum(shares)
    sign = -1 if total < 0 else 1
    parts = [abs(total) * share // whole for share in shares]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(abs(total) * shares[i] % whole), i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return [sign * part for part in parts]


def from_yuan(text: str) -> int:
    """分 from yuan written with at most two decimals ("12", "12.5", "12.50"). Raises ValueError otherwise."""
    try:
        yuan = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"not an amount: {text!r}") from None
    if not yuan.is_finite():
        raise ValueError(f"not an amount: {text!r}")
    if not 0 <= yuan <= LARGEST // 100:
        raise ValueError(f"out of range: {text!r}")
    cents = yuan * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"more than two decimals: {text!r}")
    return int(cents)


def yuan(amount: int) -> str:
    """分 as yuan with two decimals, for people: 9900 -> "99.00"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def price(amount: int) -> str:
    """分 as people read a price: 123450 -> "¥1,234.50"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}¥{abs(amount) // 100:,}.{abs(amount) % 100:02d}"
