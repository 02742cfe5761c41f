"""Questions about wallets. To people a balance is what they have, so it is above 0 where the ledger's is below."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.core import money, paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.store.ledger.queries import balance, entries_of, wallet_account
from app.store.payments.models import PAID as SETTLED_PAYMENT
from app.store.payments.models import Payment
from app.store.payments.queries import SETTLED, WAITING, tells_standing
from app.store.wallets.models import RETURNED, Payout, Withdrawal, WithdrawalLog

TOP_UP = "top_up"
COLUMNS = ("withdrawal", "holder", "account", "amount")
"""Of a file for the bank."""


def wallet_of(person_id: UUID) -> dict[str, Any]:
    """What a person has, in minor units."""
    return {"balance": -balance(wallet_account(person_id)), "currency": money.CURRENCY}


def entries_page(person_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of what came into a wallet (above 0) and left it, the latest first."""
    scope = f"me/wallet:{person_id}"
    place = paging.values_of(scope, cursor)
    found = entries_of(wallet_account(person_id), limit + 1, place[0] if place else None)
    items = [
        {
            "id": str(one.id),
            "kind": "wallet_entry",
            "amount": -one.amount,
            "currency": one.currency,
            "what": one.kind,
            "subject": {"kind": one.subject.kind, "id": one.subject.id},
            "at": one.at,
        }
        for one in found[:limit]
    ]
    following = paging.cursor(scope, [found[limit - 1].id]) if len(found) > limit else None
    return {"items": items, "next": following}


def withdrawals_page(person_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a person's withdrawals, the latest first."""
    scope = f"me/withdrawals:{person_id}"
    wanted = select(Withdrawal).where(Withdrawal.person_id == person_id).order_by(Withdrawal.id.desc())
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(Withdrawal.id < UUID(place[0]))
    found = db.session.scalars(wanted.limit(limit + 1)).all()
    following = paging.cursor(scope, [str(found[limit - 1].id)]) if len(found) > limit else None
    why = _why_returned([one.id for one in found if one.state == RETURNED])
    return {"items": [shown(one, why.get(one.id)) for one in found[:limit]], "next": following}


def desk_page(state: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of all withdrawals that wait (ASKED) or are on their way (SENT), the longest waiting first; in whose name
    they go, and with which payout. One query."""
    scope = f"admin/withdrawals:{state}"
    wanted = select(Withdrawal).where(Withdrawal.state == state).order_by(Withdrawal.id)
    place = paging.values_of(scope, cursor)
    if place is not None:
        wanted = wanted.where(Withdrawal.id > UUID(place[0]))
    found = db.session.scalars(wanted.limit(limit + 1)).all()
    following = paging.cursor(scope, [str(found[limit - 1].id)]) if len(found) > limit else None
    items = [
        {**shown(one), "person_id": one.person_id, "holder": one.holder, "payout_id": one.payout_id}
        for one in found[:limit]
    ]
    return {"items": items, "next": following}


def shown(one: Withdrawal, reason: str | None = None) -> dict[str, Any]:
    """A withdrawal for its person; of the account only the last four characters. `reason`: why it came back."""
    told = {"id": one.id, "kind": "withdrawal", "amount": one.amount, "status": one.state, "reason": reason}
    return {**told, "account": f"…{one.ends_with or (one.account or '')[-4:]}", "created_at": iso(one.created_at)}


def _why_returned(ids: Sequence[UUID]) -> dict[UUID, str]:
    """One query, none for no ids."""
    said = select(WithdrawalLog.withdrawal_id, WithdrawalLog.why)
    said = said.where(WithdrawalLog.withdrawal_id.in_(ids), WithdrawalLog.after == RETURNED)
    return {row[0]: row[1] for row in db.session.execute(said)} if ids else {}


def payout_rows(payout_id: UUID) -> Iterator[list[tuple[str, str, str, str]]]:
    """Lines of a payout's file (COLUMNS; the amount in yuan), some at a time. Raises Refused 404 for an unknown one."""
    for some in payout_lines(payout_id):
        yield [(str(one.id), one.holder, one.whole_account, money.yuan(one.amount)) for one in some]


def payout_lines(payout_id: UUID, most: int = 500) -> Iterator[Sequence[Withdrawal]]:
    """The withdrawals of a payout in their one order, some at a time. Raises Refused 404 for an unknown one."""
    payout_or_missing(payout_id)
    after = UUID(int=0)
    wanted = select(Withdrawal).where(Withdrawal.payout_id == payout_id).order_by(Withdrawal.id).limit(most)
    while some := db.session.scalars(wanted.where(Withdrawal.id > after)).all():
        yield some
        after = some[-1].id


def payout_or_missing(payout_id: UUID) -> Payout:
    """Raises Refused 404."""
    found = db.session.get(Payout, payout_id)
    if found is None:
        raise missing()
    return found


def asked_withdrawals() -> int:
    """How many wait for a payout."""
    return db.session.scalar(select(func.count()).where(Withdrawal.state == "asked")) or 0


@tells_standing(TOP_UP, page="/me/wallet")
def standing_of_top_up(top_up_id: UUID) -> str:
    """A top-up has no row of its own: it is what its payments say."""
    paid = select(Payment.id).where(
        Payment.payable_kind == TOP_UP, Payment.payable_id == top_up_id, Payment.state == SETTLED_PAYMENT
    )
    return SETTLED if db.session.scalar(paid.limit(1)) else WAITING
