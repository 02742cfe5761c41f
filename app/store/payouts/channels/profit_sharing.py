"""Profit sharing (分账): the provider moves a merchant's part to his account there, by a request with our number.

A sandbox of ours stands for the provider: the same number gets the same answer, as WeChat Pay's out_order_no does. It
refuses receivers that end in 0000, and of those that end in 9999 its first answer is lost. A real provider is one more
file here, with the same three answers.
"""

from app.core.config import settings
from app.core.db import in_transaction
from app.core.plain import prepared
from app.store.payouts.channels.base import PAID, REFUSED, UNCLEAR, Channel, ChannelAnswer, PayoutRequest


class ProfitSharing:
    name, zh, en = "profit_sharing", "分账（沙箱）", "Profit sharing (sandbox)"
    asks = True

    def is_open(self) -> bool:
        return settings.sandbox_payments

    def ask(self, request: PayoutRequest) -> ChannelAnswer:
        outcome = REFUSED if request.account.endswith("0000") else PAID
        asked = {"id": request.id, "receiver": request.account, "amount": request.amount, "outcome": outcome}
        is_new = in_transaction(lambda: _KEEP.changed(**asked))
        if is_new and request.account.endswith("9999"):
            return ChannelAnswer(UNCLEAR, "no answer")
        kept = in_transaction(lambda: _KEPT.rows(id=request.id)[0])
        if (kept.receiver, kept.amount) != (request.account, request.amount):
            return ChannelAnswer(REFUSED, "this number was used for something else")
        return ChannelAnswer(kept.outcome, "no such receiver" if kept.outcome == REFUSED else "")


_KEEP = prepared(
    "INSERT INTO payouts_sandbox (request_id, receiver, amount, outcome) VALUES (:id, :receiver, :amount, :outcome)"
    " ON CONFLICT DO NOTHING"
)
_KEPT = prepared("SELECT receiver, amount, outcome FROM payouts_sandbox WHERE request_id = :id")
channel: Channel = ProfitSharing()
