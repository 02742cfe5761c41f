"""Questions about payees, batches and payouts."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select, tuple_

from app.core import clock, paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.plain import array_of, prepared
from app.core.sealing import opened
from app.store.bills.models import CONFIRMED, Bill
from app.store.payouts.channels import open_channels
from app.store.payouts.models import SEALED_FOR, Payee, PayeeLog, PayoutBatch, PayoutBill, ShopPayout
from app.store.shops.queries import shops_by_id


def payee_of(shop_id: UUID) -> dict[str, Any] | None:
    """Who gets a shop's money, without the account number but its end; None where nobody is entered."""
    found = db.session.get(Payee, shop_id)
    if found is None:
        return None
    shown = {name: getattr(found, name) for name in ("channel", "name", "bank", "ends_with")}
    return {"shop_id": shop_id, "kind": "payee", **shown, "hold_until": iso(found.hold_until)}


def payee_log(shop_id: UUID) -> Sequence[PayeeLog]:
    """The last changes of a payee, the latest first."""
    mine = select(PayeeLog).where(PayeeLog.shop_id == shop_id).order_by(PayeeLog.id.desc())
    return db.session.scalars(mine.limit(20)).all()


def channels() -> list[tuple[str, str, str]]:
    """(name, what it is called in Chinese and English) of each channel that is open."""
    return [(one.name, one.zh, one.en) for one in open_channels()]


def payees_to_pay(channel: str, shop_ids: Collection[UUID], most: int, after: UUID | None = None) -> Sequence[Payee]:
    """Payees on a channel with confirmed bills that no payout pays yet, and who are not held back now, in the order of
    their shops; of these shops alone, () of all. `after`: those behind this shop."""
    in_payout = select(PayoutBill.bill_id).where(PayoutBill.bill_id == Bill.id).exists()
    waits = select(Bill.id).where(Bill.shop_id == Payee.shop_id, Bill.state == CONFIRMED, ~in_payout).exists()
    wanted = select(Payee).where(Payee.channel == channel, Payee.hold_until <= clock.db_now(), waits)
    if shop_ids:
        wanted = wanted.where(Payee.shop_id.in_(shop_ids))
    if after is not None:
        wanted = wanted.where(Payee.shop_id > after)
    return db.session.scalars(wanted.order_by(Payee.shop_id).limit(most)).all()


def bills_to_pay(shop_id: UUID) -> Sequence[Bill]:
    """A shop's confirmed bills that no payout pays yet, locked, the oldest first."""
    in_payout = select(PayoutBill.bill_id).where(PayoutBill.bill_id == Bill.id).exists()
    mine = select(Bill).where(Bill.shop_id == shop_id, Bill.state == CONFIRMED, ~in_payout).order_by(Bill.id)
    return db.session.scalars(mine.with_for_update()).all()


def waits_for_bills(shop_id: UUID, bill_ids: Collection[UUID]) -> int:
    """What of a shop's settled money is of entries that neither these bills hold nor any that was paid or is being
    paid: it is paid with bills of its own. Below 0 where later entries took more than they brought. One query."""
    return int(_WAITING.rows(shop=shop_id, bills=array_of(bill_ids))[0].waiting)


_WAITING = prepared(
    "SELECT coalesce(sum(e.to_settled), 0)::bigint AS waiting FROM settlement_entries e WHERE e.shop_id = :shop"
    " AND e.at >= coalesce((SELECT min(b.begins) FROM bills_bills b WHERE b.shop_id = :shop AND b.state <> 'paid'),"
    "  (SELECT t.billed_until FROM bills_shops t WHERE t.shop_id = :shop), '-infinity')"
    " AND NOT EXISTS (SELECT FROM bills_bills b WHERE b.shop_id = e.shop_id AND e.at >= b.begins AND e.at < b.ends"
    "  AND (b.state = 'paid' OR b.id = ANY(CAST(:bills AS uuid[]))"
    "   OR EXISTS (SELECT FROM payouts_bills p WHERE p.bill_id = b.id)))"
)


def bill_ids_of(payout_id: UUID) -> list[UUID]:
    return list(db.session.scalars(select(PayoutBill.bill_id).where(PayoutBill.payout_id == payout_id)))


def batch_or_missing(batch_id: UUID) -> PayoutBatch:
    """Raises Refused 404."""
    found = db.session.get(PayoutBatch, batch_id)
    if found is None:
        raise missing("没有这个打款批次", "There is no such batch.")
    return found


def batches(limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of batches, the latest first, with how many payouts each has and their sum. Two queries."""
    scope = "desk/payouts"
    wanted = select(PayoutBatch).order_by(PayoutBatch.made_at.desc(), PayoutBatch.id.desc()).limit(limit + 1)
    place = paging.values_of(scope, cursor)
    if place is not None:
        at, last_id = datetime.fromisoformat(place[0]), UUID(place[1])
        wanted = wanted.where(tuple_(PayoutBatch.made_at, PayoutBatch.id) < (at, last_id))
    found = list(db.session.scalars(wanted))
    last = found[limit - 1] if len(found) > limit else None
    following = paging.cursor(scope, [iso(last.made_at), str(last.id)]) if last else None
    return {"items": shown_batches(found[:limit]), "next": following}


def shown_batches(found: Sequence[PayoutBatch]) -> list[dict[str, Any]]:
    """Batches ready for JSON. One query."""
    sums = select(ShopPayout.batch_id, ShopPayout.state, func.count(), cast(func.sum(ShopPayout.amount), BigInteger))
    mine = sums.where(ShopPayout.batch_id.in_([one.id for one in found]))
    rows = db.session.execute(mine.group_by(ShopPayout.batch_id, ShopPayout.state)).all() if found else []
    return [
        {
            "id": one.id,
            "kind": "payout_batch",
            "channel": one.channel,
            "state": one.state,
            "made_by": one.made_by,
            "made_at": iso(one.made_at),
            "decided_by": one.decided_by,
            "decided_at": iso(one.decided_at) if one.decided_at else None,
            "why": one.why,
            "count": sum(count for batch_id, _, count, _ in rows if batch_id == one.id),
            "amount": sum(amount for batch_id, _, _, amount in rows if batch_id == one.id),
            "states": {state: count for batch_id, state, count, _ in rows if batch_id == one.id},
        }
        for one in found
    ]


def payouts_of(batch_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a batch's payouts with their shops. Two queries."""
    scope = f"desk/payouts:{batch_id}"
    wanted = select(ShopPayout).where(ShopPayout.batch_id == batch_id).order_by(ShopPayout.id).limit(limit + 1)
    place = paging.values_of(scope, cursor)
    found = list(db.session.scalars(wanted.where(ShopPayout.id > UUID(place[0])) if place else wanted))
    following = paging.cursor(scope, [str(found[limit - 1].id)]) if len(found) > limit else None
    shops = shops_by_id({one.shop_id for one in found[:limit]})
    told = ("id", "shop_id", "amount", "state", "name", "bank", "ends_with", "tries", "reason")
    return {
        "items": [
            {"kind": "payout", "shop_name": shops[one.shop_id].name if one.shop_id in shops else ""}
            | {name: getattr(one, name) for name in told}
            for one in found[:limit]
        ],
        "next": following,
    }


def file_lines(batch_id: UUID, most: int = 500) -> Iterator[Sequence[tuple[ShopPayout, str]]]:
    """The payouts of a batch with their account numbers, always in the same order, some at a time."""
    last = UUID(int=0)
    while True:
        wanted = select(ShopPayout).where(ShopPayout.batch_id == batch_id, ShopPayout.id > last)
        found = db.session.scalars(wanted.order_by(ShopPayout.id).limit(most)).all()
        if not found:
            return
        yield [(one, opened(SEALED_FOR, one.account)) for one in found]
        last = found[-1].id


def batches_of(payout_ids: Sequence[UUID]) -> set[UUID]:
    """The batches that these payouts are in."""
    mine = select(ShopPayout.batch_id).where(ShopPayout.id.in_(payout_ids))
    return set(db.session.scalars(mine)) if payout_ids else set()


def unanswered(batch_ids: set[UUID]) -> list[tuple[UUID, int]]:
    """(id, amount) of what these batches have sent and nobody has told of."""
    wanted = select(ShopPayout.id, ShopPayout.amount).where(ShopPayout.batch_id.in_(batch_ids))
    rows = db.session.execute(wanted.where(ShopPayout.state == "sent").order_by(ShopPayout.id)) if batch_ids else ()
    return [(row[0], row[1]) for row in rows]


def payout(payout_id: UUID) -> ShopPayout | None:
    """The payout, None for an unknown one."""
    return db.session.get(ShopPayout, payout_id, populate_existing=True)
