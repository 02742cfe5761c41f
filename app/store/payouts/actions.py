"""What is done about payouts: enter a payee, make a batch, approve it, send it, record what came of it.

The money leaves settled:<id> when a batch is made, so nothing else can take it, and waits in payouts:due. Locks are
taken in one order: the batch, shops in the order of their ids, their bills, the ledger.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from app.core import clock
from app.core.audit import record
from app.core.caller import SYSTEM, Caller, Ref
from app.core.db import changed, db, in_transaction
from app.core.errors import Refused, missing
from app.core.events import emit
from app.core.failpoints import reach
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.core.plain import Row, prepared
from app.core.sealing import opened, sealed
from app.store.bills.actions import mark_paid
from app.store.bills.models import Bill
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import PAYOUTS
from app.store.payouts.channels import channel_named
from app.store.payouts.channels.base import PAID, REFUSED, ChannelAnswer, PayoutRequest
from app.store.payouts.events import PayoutDone, PayoutFailed
from app.store.payouts.models import (
    APPROVE,
    APPROVED,
    DONE,
    FAILED,
    HOLD_AFTER_CHANGE,
    MADE,
    MAKE,
    MOST_ROUNDS,
    MOST_SHOPS,
    REJECT,
    REJECTED,
    SEALED_FOR,
    SENT,
    WAITING,
    Payee,
    PayeeLog,
    PayoutBatch,
    PayoutBill,
    ShopPayout,
)
from app.store.payouts.queries import batch_or_missing, bill_ids_of, bills_to_pay, payees_to_pay, waits_for_bills
from app.store.settlement.actions import lock_standing, pay_out, take_back_payout
from app.store.shops.models import MONEY
from app.store.shops.queries import require_right

DUE = "payouts:due"
"""What left shops' accounts and is on its way to them (below 0)."""
PAYOUT = "payout"
LEASE = timedelta(seconds=30)


def enter_payee(caller: Caller, shop_id: UUID, channel: str, name: str, bank: str, account: str) -> None:
    """Say who gets a shop's money. Nothing is paid to a new one for 24 hours.

    Raises Refused 404, 403 without the right to see to money, and for a shop's key: a program that is stolen must not
    send money elsewhere; 422 for a channel that is none.
    """
    require_right(shop_id, caller.person, MONEY)
    if caller.shop_id is not None:
        raise Refused(403, "not_for_keys", "店铺密钥不能更改收款账户", "A shop's key may not say who is paid.")
    channel_named(channel)
    known = db.session.get(Payee, shop_id, with_for_update=True)
    if known and (known.channel, known.name, known.bank) == (channel, name, bank) and _holds(known, account):
        return
    made = Payee(shop_id=shop_id, channel=channel, name=name, bank=bank, account=sealed(SEALED_FOR, account))
    made.ends_with = account[-4:]
    made.hold_until = db.session.execute(select(clock.db_now() + HOLD_AFTER_CHANGE)).scalar_one()
    before = _in_words(known) if known else ""
    db.session.add(PayeeLog(shop_id=shop_id, who_id=caller.person, before=before, after=_in_words(made)))
    db.session.merge(made)
    db.session.flush()


def make_batch(
    caller: Caller, channel: str, shop_ids: Collection[UUID] = (), batch_id: UUID | None = None
) -> PayoutBatch:
    """Put what confirmed bills leave to pay by this channel into a batch; another admin approves it. `shop_ids`: only
    these shops are paid, () all.

    A shop gets what its bills say, at most what is still its: corrections may have taken some of it since. `batch_id`:
    of a form, which sent twice makes one. Raises Refused 409 "nothing_to_pay", 422 for a channel that is none.
    """
    known = _known_batch(batch_id, caller.person) if batch_id is not None else None
    if known is not None:
        return known
    channel_named(channel)
    batch = PayoutBatch(id=batch_id or new_id(), channel=channel, made_by=caller.person)
    db.session.add(batch)
    db.session.flush()
    made = _make_payouts(batch.id, channel, shop_ids)
    if not made:
        zh, en = "没有可以打款的账单", "There are no bills to pay by this channel."
        raise Refused(409, "nothing_to_pay", zh, en)
    record(caller.person, MAKE, Ref("payout_batch", batch.id), f"{sum(made)} 分")
    return batch


def approve_batch(caller: Caller, batch_id: UUID) -> PayoutBatch:
    """Another admin than who made it agrees: the channel is asked, or the bank's file may be written.

    Raises Refused 404, 409 "same_person", "wrong_state".
    """
    batch = _decided(caller, batch_id, APPROVED, "")
    if channel_named(batch.channel).asks:
        mine = update(ShopPayout).where(ShopPayout.batch_id == batch_id, ShopPayout.state == WAITING)
        changed(mine.values(next_try_at=clock.db_now()))
    record(caller.person, APPROVE, Ref("payout_batch", batch_id))
    return batch


def reject_batch(caller: Caller, batch_id: UUID, why: str) -> PayoutBatch:
    """Nothing of it is paid; the money is the shops' again. Raises Refused 404, 409 "wrong_state"."""
    batch = _decided(caller, batch_id, REJECTED, why)
    mine = select(ShopPayout).where(ShopPayout.batch_id == batch_id, ShopPayout.state == WAITING)
    for payout in db.session.scalars(mine.order_by(ShopPayout.shop_id)).all():
        _fail(payout, f"rejected: {why}")
    record(caller.person, REJECT, Ref("payout_batch", batch_id), why)
    return batch


def send_file(batch_id: UUID) -> None:
    """A bank file of an approved batch is about to be written. Raises Refused 404, 409 "wrong_state"."""
    batch = batch_or_missing(batch_id)
    if batch.state != APPROVED or channel_named(batch.channel).asks:
        raise _wrong_state(batch)
    mine = update(ShopPayout).where(ShopPayout.batch_id == batch_id, ShopPayout.state == WAITING)
    changed(mine.values(state=SENT, tries=ShopPayout.tries + 1))


def take_due(most: int) -> list[tuple[str, PayoutRequest]]:
    """Payouts that their channels are to be asked for now, each held for who asks. For a sweep."""
    return [
        (row.channel, PayoutRequest(row.id, row.shop_id, row.amount, row.name, row.bank, _account_of(row)))
        for row in _TAKE.rows(most=most, lease=LEASE, ahead=clock.ahead())
    ]


def ask(due: tuple[str, PayoutRequest]) -> None:
    """Ask the channel, and record what it answers. Opens transactions of its own."""
    channel, request = due
    answer = channel_named(channel).ask(request)
    reach(f"payout.answered.{answer.what}")
    in_transaction(lambda: take_answer(request.id, answer))


def take_answer(payout_id: UUID, answer: ChannelAnswer) -> bool:
    """What became of a payout; answers whether it has ended by that. Told again, it changes nothing. Raises Refused 404
    for one that does not exist."""
    payout = db.session.get(ShopPayout, payout_id, with_for_update=True, populate_existing=True)
    if payout is None:
        raise missing("没有这笔打款", "There is no such payout.")
    if payout.state != SENT:
        return False
    if answer.what == PAID:
        _finish(payout)
    elif answer.what == REFUSED:
        _fail(payout, answer.reason)
    else:
        wait = timedelta(seconds=min(3600, 10 * 2 ** min(payout.tries, 9)))
        payout.next_try_at = db.session.execute(select(clock.db_now() + wait)).scalar_one()
        payout.reason = answer.reason
    db.session.flush()
    return payout.state != SENT


def _known_batch(batch_id: UUID, person_id: UUID) -> PayoutBatch | None:
    one_at_a_time(batch_id)
    known = db.session.get(PayoutBatch, batch_id)
    if known is not None and known.made_by != person_id:
        raise made_by_another()
    return known


def close_empty_bills(shop_id: UUID) -> None:
    """A shop's confirmed bills are paid by that, where nothing is left for them."""
    bills, left = _left_to_pay(shop_id)
    if left <= 0:
        mark_paid([one.id for one in bills], (SYSTEM, None), "nothing is to be paid")


def _make_payouts(batch_id: UUID, channel: str, shop_ids: Collection[UUID]) -> list[int]:
    """The amounts of up to MOST_SHOPS payouts; shops for which nothing is left are passed over."""
    made: list[int] = []
    last: UUID | None = None
    for _ in range(MOST_ROUNDS):
        payees = payees_to_pay(channel, shop_ids, MOST_SHOPS - len(made), after=last)
        if not payees:
            break
        made += [amount for amount in (_make_payout(batch_id, payee) for payee in payees) if amount]
        last = payees[-1].shop_id
    return made


def _make_payout(batch_id: UUID, payee: Payee) -> int:
    """Answers its amount, 0 where nothing is left: its bills are paid by that."""
    bills, left = _left_to_pay(payee.shop_id)
    if not bills:
        return 0  # another batch was faster
    made = ShopPayout(id=new_id(), batch_id=batch_id, shop_id=payee.shop_id)
    made.amount = pay_out(payee.shop_id, left, Ref(PAYOUT, made.id), DUE)
    if not made.amount:
        mark_paid([one.id for one in bills], (SYSTEM, None), "corrections or penalties took it")
        return 0
    for name in ("name", "bank", "account", "ends_with"):
        setattr(made, name, getattr(payee, name))
    db.session.add(made)
    db.session.flush()
    db.session.add_all(PayoutBill(bill_id=one.id, payout_id=made.id) for one in bills)
    db.session.flush()
    return made.amount


def _left_to_pay(shop_id: UUID) -> tuple[Sequence[Bill], int]:
    """A shop's bills to pay, and how much: what is settled but for entries that wait for a bill of their own, so that a
    correction or penalty that came after a bill is taken once, here or there.

    Of two batches made at once the second waits here, and then sees which bills the first has taken: a lock on the
    bills would not show it that.
    """
    one_at_a_time(shop_id)
    bills = bills_to_pay(shop_id)
    standing = lock_standing(shop_id)
    return bills, standing.settled - waits_for_bills(shop_id, [one.id for one in bills])


def _decided(caller: Caller, batch_id: UUID, after: str, why: str) -> PayoutBatch:
    batch = batch_or_missing(batch_id)
    who = {"decided_by": caller.person, "decided_at": clock.db_now()}
    if after == APPROVED and batch.made_by == caller.person:
        raise Refused(409, "same_person", "须由另一位管理员批准", "Another admin must approve it.")
    taken = update(PayoutBatch).where(PayoutBatch.id == batch_id, PayoutBatch.state == MADE)
    if not changed(taken.values(state=after, why=why, **who)):
        db.session.refresh(batch)
        raise _wrong_state(batch)
    db.session.refresh(batch)
    return batch


def _finish(payout: ShopPayout) -> None:
    _end(payout, DONE, "")
    post_journal("payout_done", Ref(PAYOUT, payout.id), [(DUE, payout.amount), (PAYOUTS, -payout.amount)])
    mark_paid(bill_ids_of(payout.id), (SYSTEM, None), f"payout {payout.id}")
    emit(PayoutDone(payout.id, payout.shop_id))


def _fail(payout: ShopPayout, reason: str) -> None:
    _end(payout, FAILED, reason)
    take_back_payout(payout.shop_id, payout.amount, Ref(PAYOUT, payout.id), DUE)
    db.session.execute(delete(PayoutBill).where(PayoutBill.payout_id == payout.id))
    emit(PayoutFailed(payout.id, payout.shop_id))


def _end(payout: ShopPayout, state: str, reason: str) -> None:
    payout.ended_at = db.session.execute(select(clock.db_now())).scalar_one()
    payout.state, payout.reason, payout.next_try_at = state, reason, None
    db.session.flush()


def _wrong_state(batch: PayoutBatch) -> Refused:
    zh, en = "批次的状态不允许这样操作", "The batch does not stand where this could be done."
    return Refused(409, "wrong_state", zh, en, errors={"state": [batch.state]})


def _holds(payee: Payee, account: str) -> bool:
    """Whether this is his account. One that cannot be read any more is none: it may always be entered anew."""
    try:
        return opened(SEALED_FOR, payee.account) == account
    except Refused:
        return False


def _account_of(row: Row) -> str:
    return opened(SEALED_FOR, bytes(row.account))


def _in_words(payee: Payee) -> str:
    return f"{payee.channel}, {payee.name}, {payee.bank}, …{payee.ends_with}"


_TAKE = prepared(
    "WITH due AS (SELECT id FROM payouts_payouts WHERE next_try_at <= now() + :ahead"
    "  ORDER BY next_try_at LIMIT :most FOR UPDATE SKIP LOCKED)"
    " UPDATE payouts_payouts p SET state = 'sent', tries = tries + 1, next_try_at = now() + :ahead + :lease"
    " FROM payouts_batches b, due WHERE b.id = p.batch_id AND p.id = due.id"
    " RETURNING b.channel, p.id, p.shop_id, p.amount, p.name, p.bank, p.account"
)
