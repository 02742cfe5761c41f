"""Accounts, journals and their entries, and the rules that the database itself keeps.

An entry above 0 is a debit, one below 0 a credit. A journal sums to 0 per currency at commit, and nothing of it is ever
changed or deleted: a mistake is put right by another journal.
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
        Index("ix_ledger_entries_account", "account_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    journal_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_journals.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(default=money.CURRENCY)


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

UNCHANGED = """
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only ever added to'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ck_ledger_unchanged';
END $$
"""


def _triggers(table: str) -> tuple[str, ...]:
    """The rules of one table. `TRUNCATE` fires no row trigger, so it has one of its own."""
    return (
        f"CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unbalanced()",
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()",
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()",
    )


@event.listens_for(Journal.__table__, "after_create")
@event.listens_for(LedgerEntry.__table__, "after_create")
def _set_rules(table: Table, connection: Connection, **_: Any) -> None:
    """Where tables are made without migrations; migrations hold the same text."""
    for rule in (BALANCED, UNCHANGED, *_triggers(table.name)):
        connection.exec_driver_sql(rule)
