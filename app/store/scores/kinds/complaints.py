"""Orders about which nobody had to call for the moderators; one in fifty is as bad as can be."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from app.store.aftersales.models import DISPUTED, Case, CaseLog
from app.store.scores.kinds.base import Measure, Part, few_of, orders_of, window_began


def measure(shop_ids: Collection[UUID]) -> dict[UUID, Measure]:
    mine = (Case.shop_id.in_(shop_ids), Case.opened_at >= window_began(), CaseLog.after == DISPUTED)
    complaints = select(Case.shop_id, func.count(Case.id.distinct())).join(CaseLog, CaseLog.case_id == Case.id)
    return few_of(orders_of(shop_ids), complaints.where(*mine).group_by(Case.shop_id), 0.02)


part = Part("complaints", "投诉少", "Few complaints", 15, measure)
