"""What is done about wallets: fill one by a payment, have money paid out of it."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.core import audit, clock
from app.core.caller import PERSON, Caller, Ref
from app.core.config import settings
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import PAYOUTS, WITHDRAWALS_DUE, gateway_account, wallet_account
from app.store.payments.actions import begin_payment
from app.store.payments.events import PaymentSettled
from app.store.payments.models import How, Payment
from app.store.payments.queries import PaymentToPay, to_pay
from app.store.wallets.models import (
    APPROVED,
    ASKED,
    FILE_READ,
    FINISHED,
    PAID,
    REFUSED,
    RETURNED,
    SENT,
    Payout,
    Withdrawal,
    WithdrawalLog,
)
from app.store.wallets.queries import TOP_UP

WALLET, WITHDRAWAL = "wallet", "withdrawal"


def begin_top_up(
    caller: Caller, amount: int, gateway: str, scene: str, openid: str = "", back: str = "/"
) -> PaymentToPay:
    """Begin to fill the caller's wallet with `amount` (minor units). Raises Refused 403 "not_enabled"."""
    if not settings.wallet_top_up:
        raise _not_enabled()
    if gateway == WALLET:
        raise bad_field("gateway", "不能用余额充值", "A wallet cannot fill itself.")
    how = How(scene, openid, caller.ip, back, "余额充值")
    until = clock.now() + timedelta(seconds=settings.unpaid_seconds)
    payment = begin_payment(Ref(TOP_UP, new_id()), Ref(PERSON, caller.person), amount, gateway, how, until)
    return to_pay(payment, how)


def take_top_up(settled: PaymentSettled) -> None:
    """The money has come in: it is the payer's. Each payment counts, also a second one of the same top-up."""
    payer_id = db.session.scalars(select(Payment.payer_id).where(Payment.id == settled.payment_id)).one()
    sides = [(gateway_account(settled.gateway), settled.amount), (wallet_account(payer_id), -settled.amount)]
    if settled.amount:
        post_journal("wallet_filled", Ref("payment", settled.payment_id), sides)


def ask_withdrawal(
    caller: Caller, amount: int, account: str, holder: str, withdrawal_id: UUID | None = None
) -> Withdrawal:
    """Take `amount` (minor units, > 0) out of the caller's wallet, to be paid to his bank account. `withdrawal_id` came
    with a form: sent again it answers the withdrawal that it asked for.

    Raises Refused 403 "not_enabled" where it is off, 409 "balance_too_low".
    """
    if not settings.wallet_withdrawals:
        raise _not_enabled()
    known = _asked_before(caller, withdrawal_id) if withdrawal_id else None
    if known is not None:
        return known
    told = {"id": withdrawal_id or new_id(), "person_id": caller.person, "state": ASKED}
    made = Withdrawal(**told, amount=amount, holder=holder)
    made.seal(account)
    db.session.add(made)
    db.session.flush()
    _log(made.id, caller.person, None, ASKED, "asked")
    sides = [(wallet_account(caller.person), amount), (WITHDRAWALS_DUE, -amount)]
    post_journal("withdrawal_asked", Ref(WITHDRAWAL, made.id), sides)
    return made


def _asked_before(caller: Caller, withdrawal_id: UUID) -> Withdrawal | None:
    one_at_a_time(withdrawal_id)
    known = db.session.get(Withdrawal, withdrawal_id)
    if known is not None and known.person_id != caller.person:
        raise made_by_another()
    return known


def approve_withdrawals(admin_id: UUID, withdrawal_ids: Collection[UUID]) -> UUID:
    """An admin lets these go to the bank, in a payout of their own, whose id is answered. Raises Refused 404, 409
    "wrong_state" where one of them does not wait any more: then none goes."""
    payout_id = open_payout()
    for one in sorted(set(withdrawal_ids)):
        _require_asked(_locked(one))
        _move(one, ASKED, SENT, f"payout {payout_id}", admin_id, payout_id=payout_id)
        audit.record(admin_id, APPROVED, Ref(WITHDRAWAL, one))
    return payout_id


def refuse_withdrawal(admin_id: UUID, withdrawal_id: UUID, why: str) -> None:
    """It is not paid out: the money is in the wallet again, and its person reads why. Raises Refused 404, 409
    "wrong_state" for one that does not wait."""
    found = _locked(withdrawal_id)
    _require_asked(found)
    _move(withdrawal_id, ASKED, RETURNED, why, admin_id)
    _post(found, RETURNED)
    audit.record(admin_id, REFUSED, Ref(WITHDRAWAL, withdrawal_id), why)


def open_payout() -> UUID:
    """A payout for a file of withdrawals; add_to_payout fills it, or an admin does."""
    made = Payout(id=new_id())
    db.session.add(made)
    return made.id


def add_to_payout(payout_id: UUID, most: int = 500) -> int:
    """Put up to so many withdrawals that wait into a payout; answers how many."""
    due = select(Withdrawal.id).where(Withdrawal.state == ASKED).order_by(Withdrawal.id).limit(most)
    ids = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    for one in ids:
        _move(one, ASKED, SENT, f"payout {payout_id}", None, payout_id=payout_id)
    return len(ids)


def seal_accounts(most: int = 200) -> int:
    """Seal what processes of the version before have written plain, and what was there; answers how many. A sweep."""
    plain = select(Withdrawal).where(Withdrawal.account.is_not(None)).order_by(Withdrawal.id).limit(most)
    found = db.session.scalars(plain.with_for_update(skip_locked=True)).all()
    for one in found:
        one.seal(one.account or "")
    return len(found)


def finish_withdrawal(withdrawal_id: UUID, is_paid: bool, why: str, admin_id: UUID | None = None) -> bool:
    """What the bank says of a withdrawal that was sent: paid, or returned into the wallet. Answers whether that is new.
    `admin_id`: who says so in its name, None for a file of the bank's.

    Raises Refused 404 for an unknown one, 409 "withdrawal_<state>" for one that ended otherwise or was not sent.
    """
    found = _locked(withdrawal_id)
    after = PAID if is_paid else RETURNED
    if found.state == after:
        return False
    if found.state != SENT:
        zh, en = "此提现不在打款中", "This withdrawal is not being paid out."
        raise Refused(409, f"withdrawal_{found.state}", zh, en)
    _move(withdrawal_id, SENT, after, why, admin_id)
    _post(found, after)
    if admin_id is not None:
        audit.record(admin_id, FINISHED[after], Ref(WITHDRAWAL, withdrawal_id), why)
    return True


def note_file_read(admin_id: UUID, payout_id: UUID) -> None:
    """Somebody has the accounts of a payout: that is written down."""
    audit.record(admin_id, FILE_READ, Ref("payout", payout_id))


def _locked(withdrawal_id: UUID) -> Withdrawal:
    wanted = select(Withdrawal).where(Withdrawal.id == withdrawal_id).with_for_update()
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise missing()
    return found


def _require_asked(found: Withdrawal) -> None:
    if found.state != ASKED:
        zh, en = "此提现已处理，请刷新后再看", "This withdrawal does not wait any more: look again."
        raise Refused(409, "wrong_state", zh, en)


def _post(found: Withdrawal, after: str) -> None:
    """What is due for it has gone to the bank, or into the wallet again."""
    to = PAYOUTS if after == PAID else wallet_account(found.person_id)
    sides = [(WITHDRAWALS_DUE, found.amount), (to, -found.amount)]
    post_journal(f"withdrawal_{after}", Ref(WITHDRAWAL, found.id), sides)


def _move(withdrawal_id: UUID, before: str, after: str, why: str, who_id: UUID | None, **values: UUID) -> None:
    this = update(Withdrawal).where(Withdrawal.id == withdrawal_id, Withdrawal.state == before)
    if changed(this.values(state=after, **values)):
        _log(withdrawal_id, who_id, before, after, why)


def _log(withdrawal_id: UUID, who_id: UUID | None, before: str | None, after: str, why: str) -> None:
    db.session.add(WithdrawalLog(withdrawal_id=withdrawal_id, who_id=who_id, before=before, after=after, why=why))


def _not_enabled() -> Refused:
    return Refused(403, "not_enabled", "本站未开通此功能", "This is not available here.")
