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
from app.store.wallets.models import Payout, Withdrawal

TOP_UP = "top_up"


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
    return {"items": [shown(one) for one in found[:limit]], "next": following}


def shown(one: Withdrawal) -> dict[str, Any]:
    """A withdrawal for its person; of the account only the last four characters."""
    told = {"id": one.id, "kind": "withdrawal", "amount": one.amount, "status": one.state}
    return {**told, "account": f"…{one.ends_with or (one.account or '')[-4:]}", "created_at": iso(one.created_at)}


def payout_lines(payout_id: UUID, most: int = 500) -> Iterator[Sequence[Withdrawal]]:
    """The withdrawals of a payout in their one order, some at a time. Raises Refused 404 for an unknown one."""
    if db.session.get(Payout, payout_id) is None:
        raise missing()
    after = UUID(int=0)
    wanted = select(Withdrawal).where(Withdrawal.payout_id == payout_id).order_by(Withdrawal.id).limit(most)
    while some := db.session.scalars(wanted.where(Withdrawal.id > after)).all():
        yield some
        after = some[-1].id


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
