"""Orders after which nothing went back; one refund in five is as bad as can be."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from app.store.aftersales.models import FAULTS, GRANTED, REPLACED, Case
from app.store.scores.kinds.base import Measure, Part, few_of, orders_of, window_began


def measure(shop_ids: Collection[UUID]) -> dict[UUID, Measure]:
    """Goods that somebody sends back without a reason say nothing of a shop, those with a fault do."""
    mine = (Case.shop_id.in_(shop_ids), Case.opened_at >= window_began(), Case.state.in_((GRANTED, REPLACED)))
    back = select(Case.shop_id, func.count(Case.order_id.distinct())).where(*mine, Case.reason.in_(FAULTS))
    return few_of(orders_of(shop_ids), back.group_by(Case.shop_id), 0.2)


part = Part("refunds", "品质退款少", "Few refunds for faults", 15, measure)
