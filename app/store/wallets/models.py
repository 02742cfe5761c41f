"""Withdrawals: money that leaves a wallet for a bank, and the files by which it is paid out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import audit
from app.core.db import Model
from app.core.ids import new_id
from app.core.sealing import opened, sealed

ASKED, SENT, PAID, RETURNED = "asked", "sent", "paid", "returned"
SEALED_FOR = "withdrawals"
LONGEST_WHY = 200
APPROVED = audit.act("withdrawal_approved", "批准了提现", "approved a withdrawal")
REFUSED = audit.act("withdrawal_refused", "拒绝了提现", "refused a withdrawal")
FINISHED = {
    PAID: audit.act("withdrawal_paid", "确认提现已到账", "confirmed that a withdrawal was paid"),
    RETURNED: audit.act("withdrawal_returned", "确认提现被银行退回", "noted that the bank returned a withdrawal"),
}
FILE_READ = audit.act("withdrawals_file", "下载了打款文件", "downloaded a file of withdrawals")


class Payout(Model):
    """One file of withdrawals for the bank; which they are never changes, so it can be written again."""

    __tablename__ = "wallets_payouts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Withdrawal(Model):
    """`asked` when it leaves the wallet, `sent` with a payout file, then `paid` by the bank or `returned` to us;
    an admin who refuses one returns it before it is sent.

    `sealed_account` (core/sealing) and `holder`: where it goes, as the person wrote it; `ends_with`: the account's last
    four signs, for people. `account` holds what a process of the version before has written until the worker seals it;
    the column goes with the next version.
    """

    __tablename__ = "wallets_withdrawals"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'sent', 'paid', 'returned')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state = 'asked') = (payout_id IS NULL) OR state = 'returned'", name="payout"),
        Index("ix_wallets_withdrawals_person", "person_id", "id"),
        Index("ix_wallets_withdrawals_asked", "id", postgresql_where=text("state = 'asked'")),
        Index("ix_wallets_withdrawals_sent", "id", postgresql_where=text("state = 'sent'")),
        Index("ix_wallets_withdrawals_payout", "payout_id", "id"),
        CheckConstraint("account IS NOT NULL OR sealed_account IS NOT NULL AND ends_with IS NOT NULL", name="account"),
        Index("ix_wallets_withdrawals_plain", "id", postgresql_where=text("account IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID]
    amount: Mapped[int]
    account: Mapped[str | None]
    sealed_account: Mapped[bytes | None] = mapped_column(LargeBinary)
    ends_with: Mapped[str | None]
    holder: Mapped[str]
    state: Mapped[str] = mapped_column(default=ASKED)
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("wallets_payouts.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def seal(self, account: str) -> None:
        """Keep an account as nobody can read it in the database."""
        self.sealed_account, self.ends_with, self.account = sealed(SEALED_FOR, account), account[-4:], None

    @property
    def whole_account(self) -> str:
        """Raises Refused 409 where SECRET_KEY is another than when it was sealed."""
        return opened(SEALED_FOR, self.sealed_account) if self.sealed_account is not None else self.account or ""


class WithdrawalLog(Model):
    """Each change of a withdrawal's state: who (None: a command on the server), from what, to what, why."""

    __tablename__ = "wallets_log"
    __table_args__ = (Index("ix_wallets_log_withdrawal", "withdrawal_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("wallets_withdrawals.id"))
    who_id: Mapped[UUID | None]
    before: Mapped[str | None]
    after: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
