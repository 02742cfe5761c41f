"""What the ledger says: balances, and whether it adds up."""

from uuid import UUID

from sqlalchemy import Row, func, literal, select

from app.core.caller import Ref
from app.core.db import db
from app.store.ledger.models import Account, Journal, LedgerEntry


def balance(account_name: str) -> int:
    """What is in an account now, in minor units: debits less credits; 0 for an account that was never used."""
    found = db.session.scalar(
        select(func.sum(LedgerEntry.amount))
        .join(Account, Account.id == LedgerEntry.account_id)
        .where(Account.name == account_name)
    )
    return int(found or 0)


def is_balanced() -> bool:
    """Whether every journal there is has entries that sum to 0 per currency. Reads the whole ledger."""
    uneven = (
        select(literal(1))
        .select_from(LedgerEntry)
        .group_by(LedgerEntry.journal_id, LedgerEntry.currency)
        .having(func.sum(LedgerEntry.amount) != 0)
    )
    bare = select(literal(1)).where(~select(LedgerEntry.id).where(LedgerEntry.journal_id == Journal.id).exists())
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


def wallet_account(person_id: UUID) -> str:
    """What we owe a person (below 0)."""
    return f"wallet:{person_id}"


REFUNDS_DUE = "refunds:due"
"""What we owe buyers (below 0): money that came in and must go back."""
