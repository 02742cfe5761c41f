"""After-sales cases that the shop answered itself, before its time was over."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from app.core.caller import SHOP, SYSTEM
from app.core.db import db
from app.store.aftersales.models import REQUESTED, Case, CaseLog
from app.store.scores.kinds.base import Measure, Part, window_began


def measure(shop_ids: Collection[UUID]) -> dict[UUID, Measure]:
    """What the shop let pass was agreed to by the system, which says so; what it grants at once (价保, before goods are
    sent) needs no answer, and bears no words."""
    by_shop, by_system = CaseLog.who == SHOP, (CaseLog.who == SYSTEM) & (CaseLog.words != "")
    mine = (Case.shop_id.in_(shop_ids), Case.opened_at >= window_began(), CaseLog.before == REQUESTED)
    counted = select(Case.shop_id, func.count().filter(by_shop), func.count()).join(CaseLog, CaseLog.case_id == Case.id)
    rows = db.session.execute(counted.where(*mine, by_shop | by_system).group_by(Case.shop_id))
    return {row[0]: Measure(row[1] / row[2], row[2]) for row in rows}


part = Part("answers", "售后答复及时", "After-sales answered in time", 20, measure)
