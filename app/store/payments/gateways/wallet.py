"""The wallet: pays from what we owe a person, in the transaction that begins the payment. Refunds go back into it."""

from sqlalchemy.exc import IntegrityError

from app.core.caller import PERSON, Ref
from app.core.db import in_transaction
from app.core.errors import Refused, refusal_of
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import gateway_account, wallet_account
from app.store.payments.gateways.base import (
    BEGUN,
    CLOSED,
    PENDING,
    REFUNDED,
    Answer,
    Attempt,
    RefundAsked,
    SettlingGateway,
)
from app.store.payments.models import SCENES


class Wallet(SettlingGateway):
    """Nothing of it is outside; it is always open, and pays as much as there is."""

    name = "wallet"
    title = ("余额", "Balance")
    scenes = frozenset(SCENES)
    answers_here = True

    def is_open(self) -> bool:
        return True

    def spend(self, attempt: Attempt) -> None:
        """Take the amount from the payer's balance, now. Raises Refused 403 for a guest, 409 "balance_too_low"."""
        if attempt.payer.kind != PERSON:
            raise Refused(403, "sign_in_to_pay", "请先登录再用余额支付", "Sign in to pay from your balance.")
        if attempt.amount:
            sides = [(wallet_account(attempt.payer.id), attempt.amount), (gateway_account(self.name), -attempt.amount)]
            post_journal("wallet_spent", Ref("payment", attempt.id), sides)

    def begin(self, attempt: Attempt) -> Answer:
        return Answer(BEGUN, url=attempt.how.back)

    def query(self, attempt: Attempt) -> Answer:
        return Answer(PENDING)

    def close(self, attempt: Attempt) -> Answer:
        return Answer(CLOSED)

    def refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        sides = [(gateway_account(self.name), asked.amount), (wallet_account(attempt.payer.id), -asked.amount)]
        try:
            in_transaction(lambda: post_journal("wallet_refunded", Ref("refund", asked.id), sides))
        except IntegrityError as error:
            found = refusal_of(error)
            if found is None or found.code != "already_posted":
                raise
        return Answer(REFUNDED, asked.amount)

    def query_refund(self, attempt: Attempt, asked: RefundAsked) -> Answer:
        return self.refund(attempt, asked)


gateway = Wallet()
