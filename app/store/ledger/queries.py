"""What the ledger says: balances, and whether it adds up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, literal, select, text

from app.core.caller import Ref
from app.core.db import db
from app.core.plain import prepared
from app.store.ledger.models import GUARDED, Account, Journal, LedgerEntry, Proof, is_guarded

LARGEST_ID = 2**63 - 1


def balance(account_name: str) -> int:
    """What is in an account now, in minor units: debits less credits; 0 for an account that was never used.

    The stored balance, and what was posted since it was folded: its time does not grow with the account.
    """
    found = _BALANCE.row(name=account_name, guarded=is_guarded(account_name))
    return int(found.amount) if found else 0


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One side of a journal in one account, with what the journal was for."""

    id: int
    amount: int
    currency: str
    kind: str
    subject: Ref
    at: datetime


def entries_of(account_name: str, limit: int, before: int | None = None) -> list[AccountEntry]:
    """The entries of an account, the latest first, below the id `before`."""
    rows = _ENTRIES.rows(name=account_name, before=before or LARGEST_ID, most=limit)
    return [
        AccountEntry(row.id, row.amount, row.currency, row.kind, Ref(row.subject_kind, row.subject_id), row.at)
        for row in rows
    ]


def last_proof() -> Proof | None:
    """What the last run of `flask ledger prove` found, None before the first."""
    return db.session.scalars(select(Proof).order_by(Proof.id.desc()).limit(1)).first()


def problems() -> Iterator[str]:
    """What is wrong in the whole ledger, one line each; nothing if all adds up. Of one moment, so it must be the first
    thing that its transaction asks. Rows come one by one: only what is wrong is ever held.

    Every journal has entries that sum to 0 per currency; the whole sums to 0; what is stored of each account is what
    its entries add up to, of those that are not guarded as far as they are folded.
    """
    for statement in (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "SET LOCAL statement_timeout = 0",
    ):
        db.session.execute(text(statement))
    for row in _streamed(_UNEVEN):
        yield f"分录不平 / not balanced: journal {row.journal_id}: {row.amount} {row.currency}"
    for row in _streamed(_BARE):
        yield f"没有分录 / no entries: journal {row.id}"
    for row in _streamed(_WHOLE):
        yield f"总账不平 / the whole does not sum to 0: {row.amount} {row.currency}"
    for row in _streamed(_OFF):
        yield (
            f"余额不符 / balance is off: account {row.name}: stored {row.stored} {row.currency},"
            f" its entries say {row.said}"
        )


def counts() -> dict[str, int]:
    """How many accounts, journals and entries there are."""
    tables = {"accounts": Account, "journals": Journal, "entries": LedgerEntry}
    return {name: db.session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}


def _streamed(statement: str) -> Iterator[Any]:
    return iter(db.session.execute(text(statement), execution_options={"yield_per": 1000}))


def is_balanced() -> bool:
    """Whether every journal there is has entries that sum to 0 per currency; an empty ledger is. Reads all of it."""
    uneven = (
        select(literal(1))
        .select_from(LedgerEntry)
        .group_by(LedgerEntry.journal_id, LedgerEntry.currency)
        .having(func.sum(LedgerEntry.amount) != 0)
    )
    bare = select(Journal.id).where(~select(LedgerEntry.id).where(LedgerEntry.journal_id == Journal.id).exists())
    return db.session.execute(uneven.limit(1)).first() is None and db.session.execute(bare.limit(1)).first() is None


def entries_about(kind: str, subject: Ref) -> list[tuple[str, int]]:
    """(account, amount) of the journal of this kind about `subject`, debits first; empty if there is none."""
    rows: list[Row[str, int]] = list(
        db.session.execute(
            select(Account.name, LedgerEntry.amount)
            .join(LedgerEntry, LedgerEntry.account_id == Account.id)
            .join(Journal, Journal.id == LedgerEntry.journal_id)
            .where(Journal.kind == kind, Journal.subject_kind == subject.kind, Journal.subject_id == subject.id)
            .order_by(LedgerEntry.amount.desc(), LedgerEntry.id)
        )
    )
    return [(row[0], row[1]) for row in rows]


def gateway_account(gateway: str) -> str:
    """Money that a gateway has taken for us and not yet paid out."""
    return f"gateway:{gateway}"


def shop_account(shop_id: UUID) -> str:
    """What we owe a shop (below 0) for goods that were paid."""
    return f"shop:{shop_id}"


REFUNDS_DUE = "refunds:due"
"""What we owe buyers (below 0): money that came in and must go back."""


WITHDRAWALS_DUE = "withdrawals:due"
"""What left wallets and is not paid out yet (below 0)."""
PAYOUTS = "bank:payouts"
"""Money that left us for banks (below 0)."""


def wallet_account(person_id: UUID) -> str:
    """What we owe a person (below 0), who pays with it. Guarded: nobody can spend more than there is."""
    return f"wallet:{person_id}"


_BALANCE = prepared(
    "SELECT coalesce((SELECT sum(b.amount) FROM ledger_balances b WHERE b.account_id = a.id), 0)"
    " + CASE WHEN :guarded THEN 0 ELSE coalesce((SELECT sum(e.amount) FROM ledger_entries e"
    "  WHERE e.account_id = a.id AND e.id > (SELECT upto FROM ledger_folded)), 0) END AS amount"
    " FROM ledger_accounts a WHERE a.name = :name"
)
_ENTRIES = prepared(
    "SELECT e.id, e.amount, e.currency, j.kind, j.subject_kind, j.subject_id, j.at"
    " FROM ledger_accounts a JOIN ledger_entries e ON e.account_id = a.id JOIN ledger_journals j ON j.id = e.journal_id"
    " WHERE a.name = :name AND e.id < CAST(:before AS bigint) ORDER BY e.id DESC LIMIT :most"
)
_UNEVEN = (
    "SELECT journal_id, currency, sum(amount) AS amount FROM ledger_entries GROUP BY journal_id, currency"
    " HAVING sum(amount) <> 0"
)
_BARE = "SELECT j.id FROM ledger_journals j WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.journal_id = j.id)"
_WHOLE = "SELECT currency, sum(amount) AS amount FROM ledger_entries GROUP BY currency HAVING sum(amount) <> 0"
_OFF = (
    "SELECT a.name, coalesce(b.currency, s.currency) AS currency, coalesce(b.amount, 0) AS stored,"
    "  coalesce(s.amount, 0) AS said"
    " FROM ledger_balances b FULL JOIN (SELECT e.account_id, e.currency, sum(e.amount) AS amount"
    "  FROM ledger_entries e JOIN ledger_accounts g ON g.id = e.account_id"
    f"  WHERE g.name ~ '^({'|'.join(GUARDED)})' OR e.id <= (SELECT upto FROM ledger_folded)"
    "  GROUP BY e.account_id, e.currency) s ON (s.account_id, s.currency) = (b.account_id, b.currency)"
    " JOIN ledger_accounts a ON a.id = coalesce(b.account_id, s.account_id)"
    " WHERE coalesce(b.amount, 0) <> coalesce(s.amount, 0) ORDER BY a.name"
)
