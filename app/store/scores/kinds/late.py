"""Orders that were sent in time; one late in ten is as bad as can be."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from app.store.lateness.models import Late
from app.store.scores.kinds.base import Measure, Part, few_of, orders_of, window_began


def measure(shop_ids: Collection[UUID]) -> dict[UUID, Measure]:
    late = select(Late.shop_id, func.count()).where(Late.shop_id.in_(shop_ids), Late.at >= window_began())
    return few_of(orders_of(shop_ids), late.group_by(Late.shop_id), 0.1)


part = Part("late", "按时发货", "Sent in time", 30, measure)
