"""What every part of a score says."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select

from app.core import clock
from app.core.caller import PERSON
from app.core.db import db
from app.store.fulfilment.models import CANCELLED, OrderProgress
from app.store.orders.models import Order, Purchase
from app.store.scores.models import WINDOW
from app.store.shops.models import Staff


@dataclass(frozen=True, slots=True)
class Measure:
    """`share` from 0 (as bad as can be) to 1, counted from `of` things."""

    share: float
    of: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part; its module in this folder holds one named `part`. `weight` beside the others; `measure(shop ids)`
    answers for those of which there is something to count, in a constant number of queries."""

    name: str
    zh: str
    en: str
    weight: int
    measure: Callable[[Collection[UUID]], Mapping[UUID, Measure]]


def window_began() -> ColumnElement[Any]:
    """SQL: what is older counts no more."""
    return clock.db_now() - WINDOW


def orders_of(shop_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many paid orders of the window each shop has, without those of which nothing is left, and without those that
    its own staff bought: who sells to himself is no better for it. One query."""
    mine = (OrderProgress.shop_id.in_(shop_ids), OrderProgress.began_at >= window_began())
    counted = select(OrderProgress.shop_id, func.count()).where(*mine, OrderProgress.fulfilment != CANCELLED)
    bought = exists().where(Order.id == OrderProgress.order_id, Purchase.id == Order.purchase_id)
    by_staff = (Staff.shop_id == OrderProgress.shop_id, Purchase.buyer_kind == PERSON)
    counted = counted.where(~bought.where(*by_staff, Staff.person_id == Purchase.buyer_id))
    return {row[0]: row[1] for row in db.session.execute(counted.group_by(OrderProgress.shop_id))}


def few_of(orders: Mapping[UUID, int], bad: Select[UUID, int], worst: float) -> dict[UUID, Measure]:
    """The measure of something that should be rare: its rate among orders, where `worst` and above is 0. `bad`: SQL for
    (shop, how many). One query."""
    counts = {row[0]: row[1] for row in db.session.execute(bad)} if orders else {}
    return {shop: Measure(max(0.0, 1 - counts.get(shop, 0) / of / worst), of) for shop, of in orders.items()}
