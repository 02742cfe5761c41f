"""What is done to the history of prices: it is written on, in the transaction that changes a price.

Whoever calls holds the lock of the goods (catalogue), so that the spans of a variant follow each other without gaps.
"""

from collections.abc import Mapping
from uuid import UUID

from app.core import clock
from app.core.plain import prepared

_CLOSE = prepared(
    "UPDATE prices_prices p SET until_at = clock_timestamp() + :ahead"
    " FROM unnest(CAST(:skus AS uuid[]), CAST(:prices AS bigint[])) AS w (sku_id, price)"
    " WHERE p.sku_id = w.sku_id AND p.until_at IS NULL AND (p.price <> w.price OR p.is_offered <> :offered)"
)
_OPEN = prepared(
    "INSERT INTO prices_prices (sku_id, price, from_at, is_offered, by_id)"
    " SELECT w.sku_id, w.price, clock_timestamp() + :ahead, :offered, :by"
    " FROM unnest(CAST(:skus AS uuid[]), CAST(:prices AS bigint[])) AS w (sku_id, price)"
    " WHERE NOT EXISTS (SELECT FROM prices_prices p WHERE p.sku_id = w.sku_id AND p.until_at IS NULL)"
)


def note_prices(prices: Mapping[UUID, int], is_offered: bool, by: UUID | None) -> None:
    """From now on these variants cost so much (分), on sale or not; what is so already stays one span. Two statements,
    none for no variants."""
    if not prices:
        return
    skus = sorted(prices)
    given = {"skus": skus, "prices": [prices[one] for one in skus], "offered": is_offered, "ahead": clock.ahead()}
    _CLOSE.changed(**given)
    _OPEN.changed(**given, by=by)
