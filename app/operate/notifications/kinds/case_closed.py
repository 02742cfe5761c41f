"""My after-sales case has come to its end."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from app.core.caller import PERSON, Ref
from app.core.db import db
from app.core.errors import said
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import ORDERS
from app.store.aftersales.events import CaseClosed
from app.store.aftersales.models import CASE, EXPIRED, GRANTED, REJECTED, REPLACED, WITHDRAWN, Case
from app.store.orders.models import OrderLine

HOW = {
    GRANTED: said("已退款", "the money goes back"),
    REPLACED: said("已换货", "others are on their way"),
    WITHDRAWN: said("已撤销", "it was withdrawn"),
    REJECTED: said("已驳回", "it was rejected"),
    EXPIRED: said("已超时关闭", "its time ran out"),
}


def cases_seen(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """One's own cases, by the first goods of their orders, and how they ended. One query."""
    mine = (Case.buyer_kind == PERSON, Case.buyer_id == viewer_id)
    asked = select(Case.id, Case.state, OrderLine.title).join(OrderLine, OrderLine.order_id == Case.order_id)
    asked = asked.where(Case.id.in_(ids), *mine).ext(distinct_on(Case.id)).order_by(Case.id, OrderLine.position)
    return {row.id: Seen(Ref(CASE, row.id), row.title, HOW.get(row.state, "")) for row in db.session.execute(asked)}


class CaseClosedKind(Kind):
    name = "case_closed"
    tab = ORDERS
    called = {"zh": "售后结果", "en": "After-sales results"}
    zh = "「{title}」的售后{note}"
    en = "Your case about “{title}” is over: {note}"
    is_undone = False
    facts = (CaseClosed,)
    look = staticmethod(cases_seen)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.case_id, None) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Case.buyer_id, Case.id, Case.id, Case.closed_at)
        over = (Case.id.in_([one.target_id for one in keys]), Case.closed_at.is_not(None), Case.buyer_kind == PERSON)
        return told_by(asked.where(*over))


kind = CaseClosedKind()
