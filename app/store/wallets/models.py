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

    `account` and `holder`: where it goes, as the person wrote it. `sealed_account` (core/sealing) will be all that is
    kept of the account: `account` itself stays for processes of the version before, and goes with the next one.
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
        Index("ix_wallets_withdrawals_unsealed", "id", postgresql_where=text("sealed_account IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID]
    amount: Mapped[int]
    account: Mapped[str]
    sealed_account: Mapped[bytes | None] = mapped_column(LargeBinary)
    ends_with: Mapped[str | None]
    holder: Mapped[str]
    state: Mapped[str] = mapped_column(default=ASKED)
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("wallets_payouts.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def seal(self) -> None:
        """Seal its account, and keep its last four signs, for people."""
        self.sealed_account, self.ends_with = sealed(SEALED_FOR, self.account), self.account[-4:]

    @property
    def whole_account(self) -> str:
        """Raises Refused 409 where SECRET_KEY is another than when it was sealed."""
        return opened(SEALED_FOR, self.sealed_account) if self.sealed_account is not None else self.account


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
