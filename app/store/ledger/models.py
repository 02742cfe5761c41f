"""Accounts, journals and their entries, and the rules that the database itself keeps.

An entry above 0 is a debit, one below 0 a credit. A journal sums to 0 per currency at commit, and nothing of it is ever
changed or deleted: a mistake is put right by another journal.

What an account holds follows from its entries, and is stored as well. Of a *guarded* account (a wallet, a deposit, what
was settled) the statement that posts moves it, and the database refuses one that would owe us. Of all others the worker
folds it afterwards: a row that every order changes would make the orders wait for each other.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    event,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core import money
from app.core.db import Model
from app.core.errors import refuse_on
from app.core.ids import new_id
from app.core.unchanged import only_added_to


class Account(Model):
    """A place where money is: "gateway:sandbox", "shop:<id>", "refunds:due"."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]


class Journal(Model):
    """One movement of money and what it was for; a subject has one journal of a kind."""

    __tablename__ = "ledger_journals"
    __table_args__ = (UniqueConstraint("kind", "subject_kind", "subject_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class LedgerEntry(Model):
    """One side of a journal: minor units that go into an account (debit) or out of it (credit, below 0)."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_ledger_entries_journal", "journal_id"),
        Index("ix_ledger_entries_account_id_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_journals.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(default=money.CURRENCY)


GUARDED = ("wallet:", "deposit:", "settled:")
"""How the names of guarded accounts begin: what we owe somebody, who can never owe us by it."""


def is_guarded(name: str) -> bool:
    """Whether the balance of this account is kept by the statement that posts."""
    return name.startswith(GUARDED)


class Balance(Model):
    """What an account holds of a currency, in minor units: debits less credits. Of an account that is not guarded, as
    far as the worker has folded (Folded)."""

    __tablename__ = "ledger_balances"
    __table_args__ = (CheckConstraint("amount <= 0 OR NOT guarded", name="guarded"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True, default=money.CURRENCY)
    guarded: Mapped[bool]
    amount: Mapped[int]


class Folded(Model):
    """How far balances are folded: one row. All entries up to `upto` are in; the next are those up to `mark`, once no
    transaction is left that began before `mark` was read (`mark_before`: the transaction number that was next)."""

    __tablename__ = "ledger_folded"
    __table_args__ = (CheckConstraint("id = 1", name="one"), CheckConstraint("mark >= upto", name="mark"))

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, default=1)
    upto: Mapped[int] = mapped_column(default=0)
    mark: Mapped[int] = mapped_column(default=0)
    mark_before: Mapped[int] = mapped_column(default=0)


class Proof(Model):
    """One run of `flask ledger prove`: what it looked at and what was wrong, in words."""

    __tablename__ = "ledger_proofs"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    accounts: Mapped[int]
    journals: Mapped[int]
    entries: Mapped[int]
    problems: Mapped[list[Any]]


refuse_on(
    "ck_ledger_balances_guarded",
    409,
    "balance_too_low",
    "余额不足",
    "There is not enough in this account.",
)
refuse_on(
    "uq_ledger_journals_kind_subject_kind_subject_id",
    409,
    "already_posted",
    "这笔账已经记过",
    "This movement of money has been posted before.",
)

BALANCED = """
CREATE OR REPLACE FUNCTION ledger_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    journal uuid;
BEGIN
    IF TG_TABLE_NAME = 'ledger_journals' THEN
        journal := NEW.id;
    ELSE
        journal := NEW.journal_id;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM ledger_entries WHERE journal_id = journal)
        OR EXISTS (
            SELECT 1 FROM ledger_entries WHERE journal_id = journal GROUP BY currency HAVING sum(amount) <> 0
        )
    THEN
        RAISE EXCEPTION 'a journal must have entries, and they must sum to 0'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_ledger_journals_balanced';
    END IF;
    RETURN NULL;
END $$
"""


@event.listens_for(Folded.__table__, "after_create")
def _begin_folding(table: Table, connection: Connection, **_: Any) -> None:
    connection.exec_driver_sql("INSERT INTO ledger_folded (id, upto, mark, mark_before) VALUES (1, 0, 0, 0)")


@event.listens_for(Journal.__table__, "after_create")
@event.listens_for(LedgerEntry.__table__, "after_create")
def _set_balanced(table: Table, connection: Connection, **_: Any) -> None:
    """Where tables are made without migrations; migrations hold the same text."""
    connection.exec_driver_sql(BALANCED)
    connection.exec_driver_sql(
        f"CREATE CONSTRAINT TRIGGER {table.name}_balanced AFTER INSERT ON {table.name} DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unbalanced()"
    )


for _kept in (Journal, LedgerEntry):
    only_added_to(_kept, "ledger_refuse_change", "ck_ledger_unchanged", "the ledger is only ever added to")
