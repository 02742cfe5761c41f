"""Questions about deposits, penalties and appeals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_

from app.core import paging
from app.core.clock import iso
from app.core.config import settings
from app.core.db import db
from app.core.errors import missing
from app.store.deposits.models import (
    ENOUGH,
    OPEN,
    OWING,
    PAID,
    PAYABLE,
    SHORT,
    WAITING,
    Appeal,
    Deposit,
    DepositWithdrawal,
    Penalty,
    TopUp,
)
from app.store.payments.queries import CLOSED, SETTLED, tells_standing
from app.store.payments.queries import WAITING as STILL_WAITING
from app.store.shops.models import Shop

PENALTIES = "penalties"
"""Our income (below 0) of penalties."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a shop stands with its deposit; amounts in 分."""

    held: int
    owed: int
    required: int
    short_since: datetime | None

    @property
    def state(self) -> str:
        if self.owed:
            return OWING
        return ENOUGH if self.held >= self.required else SHORT

    @property
    def lacking(self) -> int:
        """What must be paid in for all to be well."""
        return max(0, self.required + self.owed - self.held)

    @property
    def surplus(self) -> int:
        """What may be taken out; nothing while a penalty is owed."""
        return 0 if self.owed else max(0, self.held - self.required)


def deposit_account(shop_id: UUID) -> str:
    """What we hold of a shop's deposit (below 0)."""
    return f"deposit:{shop_id}"


def stand_of(shop_id: UUID) -> Stand:
    """How the shop stands. One query."""
    return as_stand(db.session.get(Deposit, shop_id))


def as_stand(row: Deposit | None) -> Stand:
    if row is None:
        return Stand(0, 0, settings.shop_deposit, None)
    required = settings.shop_deposit if row.required is None else row.required
    return Stand(row.held, row.owed, required, row.short_since)


@tells_standing(PAYABLE, page="/portal/shops")
def standing_of(top_up_id: UUID) -> str:
    """How a top-up stands with its payments."""
    state = db.session.scalar(select(TopUp.state).where(TopUp.id == top_up_id))
    return {WAITING: STILL_WAITING, PAID: SETTLED}.get(state or "", CLOSED)


def penalties_of(shop_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a shop's penalties with their appeals, newest first. One query."""
    scope = f"penalties:{shop_id}"
    place = paging.values_of(scope, cursor)
    wanted = _penalties().where(Penalty.shop_id == shop_id)
    if place is not None:
        wanted = wanted.where(tuple_(Penalty.at, Penalty.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    rows = db.session.execute(wanted.order_by(Penalty.at.desc(), Penalty.id.desc()).limit(limit + 1)).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.at), str(last.id)]) if last else None
    return {"items": [penalty_json(*row) for row in rows[:limit]], "next": following}


def penalty_of(penalty_id: UUID, shop_id: UUID | None = None) -> dict[str, Any]:
    """One penalty with its appeal, of this shop if one is named. Raises Refused 404."""
    wanted = _penalties().where(Penalty.id == penalty_id)
    if shop_id is not None:
        wanted = wanted.where(Penalty.shop_id == shop_id)
    row = db.session.execute(wanted).first()
    if row is None:
        raise missing("没有这笔扣款", "There is no such penalty.")
    return penalty_json(*row)


def top_ups_of(shop_id: UUID, limit: int) -> Sequence[TopUp]:
    """The last payments into a shop's deposit, newest first. One query."""
    paid = select(TopUp).where(TopUp.shop_id == shop_id, TopUp.state == PAID)
    return db.session.scalars(paid.order_by(TopUp.created_at.desc(), TopUp.id.desc()).limit(limit)).all()


def withdrawals_of(shop_id: UUID, limit: int) -> Sequence[DepositWithdrawal]:
    """What a shop last took out of its deposit, newest first. One query."""
    mine = select(DepositWithdrawal).where(DepositWithdrawal.shop_id == shop_id)
    return db.session.scalars(mine.order_by(DepositWithdrawal.at.desc(), DepositWithdrawal.id).limit(limit)).all()


def open_appeals(limit: int, cursor: str | None) -> tuple[list[tuple[Appeal, Penalty, str]], str | None]:
    """A page of (appeal, penalty, the shop's name) that nobody has decided, the longest waiting first. One query."""
    place = paging.values_of("admin/appeals", cursor)
    wanted = select(Appeal, Penalty, Shop.name).join(Penalty, Penalty.id == Appeal.penalty_id)
    wanted = wanted.join(Shop, Shop.id == Penalty.shop_id).where(Appeal.state == OPEN)
    if place is not None:
        wanted = wanted.where(tuple_(Appeal.at, Appeal.id) > (datetime.fromisoformat(place[0]), UUID(place[1])))
    rows = [
        (one, of, name) for one, of, name in db.session.execute(wanted.order_by(Appeal.at, Appeal.id).limit(limit + 1))
    ]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return rows[:limit], paging.cursor("admin/appeals", [iso(last.at), str(last.id)]) if last else None


def penalty_json(penalty: Penalty, appeal: Appeal | None) -> dict[str, Any]:
    """A penalty ready for JSON."""
    told = {"words": appeal.words, "state": appeal.state, "answer": appeal.answer, "at": appeal.at} if appeal else None
    return {
        "id": penalty.id,
        "kind": "penalty",
        "amount": penalty.amount,
        "taken": penalty.taken,
        "reason": penalty.reason,
        "about": {"kind": penalty.about_kind, "id": penalty.about_id},
        "state": penalty.state,
        "at": penalty.at,
        "appeal": told,
    }


def _penalties() -> Select[Penalty, Appeal]:
    return select(Penalty, Appeal).outerjoin(Appeal, Appeal.penalty_id == Penalty.id)
