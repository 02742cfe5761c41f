"""What is done to variants. The caller has locked their product, and tells of the change."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.clock import in_china
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.ids import new_id
from app.core.money import price as shown
from app.store.inventory.actions import set_stock, set_stocks
from app.store.inventory.queries import available, require_available
from app.store.prices.actions import note_prices
from app.store.prices.models import Span, lowest_of, true_list_prices
from app.store.prices.queries import spans_of
from app.store.variants.models import Sku, SkuWanted
from app.store.variants.queries import (
    COUNTED,
    pools_of,
    require_filled,
    require_uncounted,
    require_unsold,
    skus_of,
)

_PLAIN = ("name", "attributes", "code", "bar_code", "weight", "min_units", "max_units", "picture_id", "state")


def add_skus(
    product_id: UUID, shop_id: UUID, wanted: Sequence[SkuWanted], by: UUID, *, behind: int = 0, is_offered: bool
) -> None:
    """Add variants behind the first so many of a product; `is_offered`: the product is on sale."""
    skus = [new_sku(product_id, shop_id, place, one) for place, one in enumerate(wanted, behind)]
    db.session.add_all(skus)
    db.session.flush()
    if is_offered and not behind:
        require_filled(skus)
    if any(one.stock for one in wanted) and pools_of([sku.id for sku in skus]):
        raise bad_field("stock", *COUNTED)
    set_stocks({sku.id: one.stock for sku, one in zip(skus, wanted, strict=True)}, by)
    note_prices({sku.id: sku.price for sku in skus}, is_offered, by)


def new_sku(product_id: UUID, shop_id: UUID, position: int, wanted: SkuWanted) -> Sku:
    """A variant that is not in the session yet."""
    told = {name: getattr(wanted, name) for name in ("name", "price", "code", "bar_code", "weight")}
    limits = {"min_units": wanted.min_units, "max_units": wanted.max_units, "attributes": dict(wanted.attributes)}
    sku = Sku(id=new_id(), product_id=product_id, shop_id=shop_id, position=position, **told, **limits, stale_at=None)
    sku.write_head()
    return sku


def change_variant(
    sku: Sku, shop_id: UUID, wanted: Mapping[str, Any], pictures: Collection[UUID], by: UUID, *, is_offered: bool
) -> bool:
    """Change what is named in `wanted` (fields of Sku, `stock`, and `seen`, what the stock was thought to be); answers
    whether more than the stock changed. `list_price` None takes it away; where only the price is named, a list price
    that is not true any more goes.

    Raises Refused 422: for a list price that is not true, another's picture, or a stock that has changed.
    """
    named = {name: wanted[name] for name in _PLAIN if name in wanted}
    if named.get("picture_id") is not None and named["picture_id"] not in pictures:
        raise bad_field("picture_id", "规格图须是商品图片之一", "It must be one of the pictures of the product.")
    for name, value in named.items():
        setattr(sku, name, value)
    sku.shop_id = shop_id
    if "price" in wanted or "list_price" in wanted:
        _set_price(sku, wanted)
    if wanted.keys() & {"price", "state"}:
        note_prices({sku.id: sku.price}, is_offered and sku.is_on_sale, by)
    if named or "price" in wanted or "list_price" in wanted:
        sku.write_head()
        db.session.flush()
    _set_stock(sku.id, wanted, by)
    return bool(named.keys() | (wanted.keys() & {"price", "list_price"}))


def _set_price(sku: Sku, wanted: Mapping[str, Any]) -> None:
    spans, now = spans_of([sku.id])
    price = wanted.get("price", sku.price)
    true = true_list_prices(spans[sku.id], price, now)
    listed = wanted.get("list_price", sku.list_price if sku.list_price in true else None)
    if listed is not None and listed not in true:
        raise _untrue(true)
    sku.price, sku.list_price = price, listed
    _set_until(sku, spans[sku.id], true, now)


def _set_until(sku: Sku, spans: Sequence[Span], true: Mapping[int, datetime], now: datetime) -> None:
    lowest = lowest_of(spans, sku.price, now)
    sku.lowest = lowest.price if lowest.price < sku.price else None
    ends = [true.get(sku.list_price) if sku.list_price is not None else None, lowest.until]
    sku.stale_at = min((one for one in ends if one is not None), default=None)


def _untrue(true: Mapping[int, datetime]) -> Refused:
    """422, with what might be struck through instead."""
    zh = "划线价须是近 30 天内实际售卖满 24 小时、且不高于降价前 7 天最低价的价格"
    en = "A list price must have been asked for 24 hours in the last 30 days, and be the lowest of the week before."
    if true:
        best = max(true)
        zh += f"；可用 {shown(best)}（至 {in_china(true[best])}）"
        en += f" {shown(best)} is one, until {in_china(true[best])} in China."
    return bad_field("list_price", zh, en)


def _set_stock(sku_id: UUID, wanted: Mapping[str, Any], by: UUID) -> None:
    if wanted.get("stock") is None:
        return
    require_uncounted(sku_id, wanted["stock"])
    if wanted.get("seen") is not None:
        require_available(sku_id, wanted["seen"])
    set_stock(sku_id, wanted["stock"], by=by)


def offer(product_id: UUID, is_offered: bool, by: UUID | None) -> None:
    """From now on the variants of a product are on sale, or not: that is written into the history of their prices.
    Raises Refused 409 "no_codes" for whoever (`by`) would put goods on sale whose buyers get nothing."""
    skus = skus_of([product_id])[product_id]
    if is_offered and by is not None:
        require_filled(skus)
    note_prices({sku.id: sku.price for sku in skus if sku.is_on_sale}, is_offered, by)


def change_kind(product_id: UUID, by: UUID, *, is_offered: bool) -> None:
    """A product is of another kind of goods now. What is handed over out of a pool has no stock until that is filled.

    Raises Refused 409 for goods that somebody has begun to buy, "no_codes" as offer.
    """
    require_unsold(product_id)
    db.session.flush()
    skus = skus_of([product_id])[product_id]
    if is_offered:
        require_filled(skus)
    set_stocks({one: 0 for one, is_filled in pools_of([sku.id for sku in skus]).items() if not is_filled}, by)


def drop_pictures(product_id: UUID, kept: Collection[UUID]) -> None:
    """Variants that showed a picture which its product shows no more show none."""
    for sku in skus_of([product_id])[product_id]:
        if sku.picture_id is not None and sku.picture_id not in kept:
            sku.picture_id = None
            sku.write_head()


def write_intake(skus: Iterable[Sku], stocks: Mapping[UUID, int], offered: Collection[UUID]) -> None:
    """Write variants of an import, new and changed ones, with their stocks; `offered` are the ids of those on sale."""
    made = list(skus)
    db.session.add_all(made)
    db.session.flush()
    _write_stocks(stocks)
    for is_offered in (True, False):
        note_prices({one.id: one.price for one in made if (one.id in offered) == is_offered}, is_offered, None)


def _write_stocks(stocks: Mapping[UUID, int]) -> None:
    """Of variants with a pool the file may say what it likes: new ones have none, others what they had."""
    pools = pools_of(stocks.keys())
    known = available(pools)
    set_stocks({one: 0 if one in pools else units for one, units in stocks.items() if one not in known})


def reprice(sku: Sku, price: int) -> None:
    """A new price out of an import: what was struck through beside the old one goes, and is looked at anew by the
    sweep."""
    if sku.price != price:
        sku.price, sku.list_price, sku.stale_at = price, None, clock.now()
    sku.write_head()


def refresh_due(most: int = 200) -> int:
    """Write anew the list price and the lowest price of variants of which one holds no more; answers how many. A sweep.

    Of a variant that is being changed at this moment another round finds out.
    """
    due = select(Sku).where(Sku.stale_at <= clock.db_now()).order_by(Sku.stale_at).limit(most)
    skus = list(db.session.scalars(due.with_for_update(skip_locked=True)))
    spans, now = spans_of([sku.id for sku in skus])
    for sku in skus:
        true = true_list_prices(spans[sku.id], sku.price, now)
        if sku.list_price not in true:
            sku.list_price = None
        _set_until(sku, spans[sku.id], true, now)
        sku.write_head()
    return len(skus)
