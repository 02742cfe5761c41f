"""What is done with deposits: paid in, penalties taken and given back, surplus paid out.

The shop's row of deposits_deposits is locked first, so that what is held and owed is counted by one at a time; money
moves by journals in the same transaction.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import audit, clock
from app.core.caller import PERSON, SHOP, Caller, Ref
from app.core.config import settings
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit
from app.core.failpoints import reach
from app.core.idempotency import made_by_another
from app.core.ids import new_id
from app.core.money import price
from app.core.plain import prepared
from app.store.deposits.events import DepositFilled, DepositRanShort, PenaltyReturned, PenaltyTaken
from app.store.deposits.models import (
    APPEAL_GRANTED,
    APPEAL_REFUSED,
    ENOUGH,
    GRANTED,
    LEAST_TOP_UP,
    OPEN,
    PAID,
    PAYABLE,
    PENALTY,
    REFUSED,
    REQUIREMENT,
    RETURNED,
    STANDING,
    WAITING,
    Appeal,
    Deposit,
    DepositWithdrawal,
    Penalty,
    Taking,
    TopUp,
)
from app.store.deposits.queries import PENALTIES, as_stand, deposit_account
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import REFUNDS_DUE, gateway_account
from app.store.payments.actions import begin_payment
from app.store.payments.events import PaymentSettled
from app.store.payments.models import PAGE, How
from app.store.payments.queries import PaymentToPay, to_pay
from app.store.repayments.actions import ask_refund
from app.store.settlement.actions import enter_deposit, move_into_deposit
from app.store.shops.models import MONEY
from app.store.shops.queries import require_right, shop_or_missing


def pay_in(
    caller: Caller, shop_id: UUID, amount: int, gateway: str, scene: str = PAGE, openid: str = ""
) -> PaymentToPay:
    """Begin to pay `amount` into the shop's deposit; the payer goes on at the answer's pay_url.

    Raises Refused: 404, 403 without the right MONEY, 422 for too little and for a gateway that is not there.
    """
    require_right(shop_id, caller.person, MONEY)
    if amount < LEAST_TOP_UP:
        raise bad_field("amount", f"至少 {LEAST_TOP_UP // 100} 元", f"At least ¥{LEAST_TOP_UP // 100}.")
    made = TopUp(id=new_id(), shop_id=shop_id, person_id=caller.person, amount=amount, state=WAITING)
    db.session.add(made)
    db.session.flush()
    how = How(scene, openid, caller.ip, f"/portal/shops/{shop_id}/deposit", "店铺保证金")
    until = clock.now() + timedelta(seconds=settings.unpaid_seconds)
    payment = begin_payment(Ref(PAYABLE, made.id), Ref(PERSON, caller.person), amount, gateway, how, until)
    return to_pay(payment, how)


def take_payment(settled: PaymentSettled) -> None:
    """Money came in: it is in the deposit, and pays first what is owed. Never refuses: of a second payment of the same
    top-up the money is due back."""
    shop_id = db.session.scalar(select(TopUp.shop_id).where(TopUp.id == settled.payable_id))
    here = (TopUp.id == settled.payable_id, TopUp.state == WAITING)
    came = update(TopUp).where(*here).values(state=PAID, paid_at=clock.db_now())
    if shop_id is None or not changed(came):
        ask_refund(settled.payment_id, settled.amount, "deposit_paid_twice")
        entries = [(gateway_account(settled.gateway), settled.amount), (REFUNDS_DUE, -settled.amount)]
        post_journal("late_payment", Ref("payment", settled.payment_id), entries)
        return
    deposit = _locked(shop_id)
    entries = [(gateway_account(settled.gateway), settled.amount), (deposit_account(shop_id), -settled.amount)]
    post_journal("deposit_paid", Ref("top_up", settled.payable_id), entries)
    deposit.held += settled.amount
    _take_owed(deposit)
    _tell(deposit)


def take_penalty(
    shop_id: UUID, amount: int, reason: str, about: Ref, by: UUID | None = None, penalty_id: UUID | None = None
) -> UUID:
    """A shop pays a penalty (分, > 0) for `reason` about something (an order): from its deposit; what that does not
    cover from what it is to be paid out, now or as soon as there is some (collect_owed). Done again for the same reason
    and thing it answers the same id and takes nothing. `by`: who of the staff, None for the house itself; he brings a
    `penalty_id`, and is told where that reason has had its penalty: 422. Raises ValueError for no amount.
    """
    if amount <= 0:
        raise ValueError("a penalty is above 0")
    deposit = _locked(shop_id)
    told = {"shop_id": shop_id, "reason": reason, "about_kind": about.kind, "about_id": about.id}
    made = penalty_id or new_id()
    row = {**told, "amount": amount, "taken": 0, "by_id": by, "state": STANDING, "at": clock.db_now()}
    if not changed(insert(Penalty).values(id=made, **row).on_conflict_do_nothing()):
        return _taken_before(told, amount, penalty_id)
    emit(PenaltyTaken(made, shop_id))
    if by is not None:
        audit.record(by, PENALTY, Ref(SHOP, shop_id), f"{reason}: {amount}")
    deposit.owed += amount
    _take_owed(deposit)
    _collect(deposit)
    _tell(deposit)
    return made


def collect_owed(most: int = 20) -> int:
    """Take what shops owe of penalties out of what they are to be paid out; answers how many shops had some. A sweep:
    a shop earns after its penalty, too."""
    found = [row.shop_id for row in _OWING.rows(most=most)]
    for shop_id in found:
        deposit = _locked(shop_id)
        _collect(deposit)
        _tell(deposit)
    reach("sweep.before_commit")
    return len(found)


_OWING = prepared(
    "SELECT d.shop_id FROM deposits_deposits d JOIN settlement_shops s ON s.shop_id = d.shop_id"
    " WHERE d.owed > 0 AND s.settled > 0 ORDER BY d.shop_id LIMIT :most FOR UPDATE OF d SKIP LOCKED"
)


def appeal(caller: Caller, penalty_id: UUID, words: str) -> None:
    """Say that a penalty of one's shop is wrong. Raises Refused: 404, 403 without the right MONEY, 409 for one that was
    appealed or given back."""
    found = db.session.get(Penalty, penalty_id)
    if found is None:
        raise missing("没有这笔扣款", "There is no such penalty.")
    require_right(found.shop_id, caller.person, MONEY)
    if found.state != STANDING:
        raise Refused(409, "returned_already", "这笔扣款已经退回", "This penalty has been given back.")
    made = {"penalty_id": penalty_id, "by_id": caller.person, "words": words, "state": OPEN}
    db.session.add(Appeal(id=new_id(), at=clock.db_now(), **made))
    db.session.flush()


def decide_appeal(staff_id: UUID, appeal_id: UUID, granted: bool, answer: str) -> None:
    """Grant an appeal, which gives back what was taken by a new journal, or refuse it.

    Raises Refused 404, 409 for one that was decided already, 422 without an answer.
    """
    if not answer.strip():
        raise bad_field("answer", "请说明原因", "Say why.")
    found = db.session.get(Appeal, appeal_id)
    if found is None:
        raise missing()
    penalty = db.session.get(Penalty, found.penalty_id)
    assert penalty is not None
    deposit = _locked(penalty.shop_id)
    told = {"answer": answer, "decided_by": staff_id, "decided_at": clock.db_now()}
    deciding = update(Appeal).where(Appeal.id == appeal_id, Appeal.state == OPEN)
    if not changed(deciding.values(state=GRANTED if granted else REFUSED, **told)):
        raise Refused(409, "decided_already", "已经有人处理过", "This has been decided already.")
    if granted:
        _give_back(deposit, penalty.id)
    audit.record(staff_id, APPEAL_GRANTED if granted else APPEAL_REFUSED, Ref(SHOP, penalty.shop_id), answer)


def pay_out_surplus(caller: Caller, shop_id: UUID, amount: int, withdrawal_id: UUID | None = None) -> None:
    """What is above the required deposit stands in the shop's next bill, and is paid out with that. `withdrawal_id`:
    of a form, which sent twice takes it out once.

    Raises Refused: 404, 403 without the right MONEY, 409 for more than the surplus.
    """
    require_right(shop_id, caller.person, MONEY)
    deposit = _locked(shop_id)
    known = db.session.get(DepositWithdrawal, withdrawal_id) if withdrawal_id else None
    if known is not None and known.shop_id != shop_id:
        raise made_by_another()
    if known is not None:
        return
    stand = as_stand(deposit)
    if amount > stand.surplus:
        zh, en = "超过可退的保证金", "More than is above the required deposit."
        raise Refused(409, "not_surplus", zh, en, errors={"amount": [stand.surplus]})
    deposit.held -= amount
    made = DepositWithdrawal(id=withdrawal_id or new_id(), shop_id=shop_id, person_id=caller.person, amount=amount)
    db.session.add(made)
    db.session.flush()
    enter_deposit(shop_id, amount, Ref("deposit_withdrawal", made.id), deposit_account(shop_id))


def require_deposit(staff_id: UUID, shop_id: UUID, amount: int | None) -> None:
    """What this shop must leave with us; None: what SHOP_DEPOSIT says. Raises Refused 404."""
    shop_or_missing(shop_id)
    deposit = _locked(shop_id)
    deposit.required = amount
    _tell(deposit)
    audit.record(staff_id, REQUIREMENT, Ref(SHOP, shop_id), "" if amount is None else str(amount))


def _locked(shop_id: UUID) -> Deposit:
    db.session.execute(insert(Deposit).values(shop_id=shop_id).on_conflict_do_nothing())
    wanted = select(Deposit).where(Deposit.shop_id == shop_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def _take_owed(deposit: Deposit) -> None:
    """Take what is owed as far as it is held, the oldest penalty first."""
    owed = (Penalty.shop_id == deposit.shop_id, Penalty.state == STANDING, Penalty.taken < Penalty.amount)
    due = select(Penalty).where(*owed).order_by(Penalty.id).execution_options(populate_existing=True)
    for penalty in db.session.scalars(due).all():
        part = min(deposit.held, penalty.amount - penalty.taken)
        if part == 0:
            break
        taking = Taking(id=new_id(), penalty_id=penalty.id, amount=part)
        db.session.add(taking)
        penalty.taken += part
        deposit.held -= part
        deposit.owed -= part
        entries = [(deposit_account(deposit.shop_id), part), (PENALTIES, -part)]
        post_journal("penalty", Ref("penalty_taking", taking.id), entries)
    db.session.flush()


def _collect(deposit: Deposit) -> None:
    """Take the rest of what is owed out of what the shop is to be paid out: by way of its deposit, so that each part of
    a penalty is taken from there."""
    if not deposit.owed:
        return
    subject = Ref("deposit_collection", new_id())
    deposit.held += move_into_deposit(deposit.shop_id, deposit.owed, subject, deposit_account(deposit.shop_id))
    _take_owed(deposit)


def _taken_before(told: dict[str, Any], amount: int, penalty_id: UUID | None) -> UUID:
    known = db.session.scalars(select(Penalty).filter_by(**told)).one_or_none()
    if known is None:
        raise made_by_another()
    if penalty_id is not None and (penalty_id, amount) != (known.id, known.amount):
        taken = price(known.amount)
        raise bad_field("reason", f"已因同一原因扣过 {taken}", f"For this reason {taken} has been taken before.")
    return known.id


def _give_back(deposit: Deposit, penalty_id: UUID) -> None:
    """The penalty is void: what was taken is held again, what was not is no more owed."""
    wanted = select(Penalty).where(Penalty.id == penalty_id).execution_options(populate_existing=True)
    penalty = db.session.scalars(wanted).one()
    penalty.state = RETURNED
    deposit.owed -= penalty.amount - penalty.taken
    deposit.held += penalty.taken
    if penalty.taken:
        entries = [(PENALTIES, penalty.taken), (deposit_account(deposit.shop_id), -penalty.taken)]
        post_journal("penalty_returned", Ref("penalty", penalty_id), entries)
    db.session.flush()
    emit(PenaltyReturned(penalty_id, deposit.shop_id))
    _take_owed(deposit)
    _tell(deposit)


def _tell(deposit: Deposit) -> None:
    """Say, once, that there is too little, or enough again."""
    is_well = as_stand(deposit).state == ENOUGH
    if is_well and deposit.short_since is not None:
        deposit.short_since = None
        emit(DepositFilled(deposit.shop_id))
    elif not is_well and deposit.short_since is None:
        deposit.short_since = clock.now()
        emit(DepositRanShort(deposit.shop_id))
    db.session.flush()
