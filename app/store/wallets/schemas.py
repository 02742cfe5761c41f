"""The JSON of wallets. Amounts in minor units."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Moment, Money, NewId, Out, PageQuery, Text
from app.store.catalogue.schemas import Yuan
from app.store.payments.schemas import PaymentIn
from app.store.wallets.models import ASKED, LONGEST_WHY, SENT


class WalletOut(Out):
    """What a person has."""

    balance = fields.Integer(required=True)
    currency = fields.String(required=True)


class WalletSubjectOut(Out):
    """What a movement was for."""

    kind = fields.String(required=True)
    id = Id(required=True)


class WalletEntryOut(Out):
    """What came in (above 0) or went out: `what` says by which kind of movement."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    amount = fields.Integer(required=True)
    currency = fields.String(required=True)
    what = fields.String(required=True)
    subject = fields.Nested(WalletSubjectOut, required=True)
    at = Moment(required=True)


class WalletEntryPage(Out):
    """A page of entries, the latest first."""

    items = fields.List(fields.Nested(WalletEntryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TopUpIn(PaymentIn):
    """How much to fill in, and how it is paid."""

    amount = Money(least=1, required=True)


class TopUpForm(In):
    """A page's form, in yuan."""

    amount = Yuan(required=True)
    gateway = Text(most=40, required=True)


class WithdrawalForm(In):
    """A page's form, in yuan; `id` came with it."""

    id = NewId(required=True)
    amount = Yuan(required=True)
    account = Text(least=4, most=64, required=True)
    holder = Text(most=64, required=True)


class WithdrawalIn(In):
    """How much, to which account of a bank, and in whose name it is."""

    amount = Money(least=1, required=True)
    account = Text(least=4, most=64, required=True)
    holder = Text(most=64, required=True)


class DeskQuery(PageQuery):
    """Of the admin view: those that wait, or are on their way."""

    show = Choice(ASKED, SENT, load_default=ASKED)


class WhyForm(In):
    why = Text(most=LONGEST_WHY, required=True)


class WithdrawalOut(Out):
    """A withdrawal: asked, sent, paid or returned, with the reason. Of its account the last four characters."""

    id = Id(required=True)
    kind = fields.String(required=True)
    amount = fields.Integer(required=True)
    status = fields.String(required=True)
    account = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    created_at = fields.String(required=True)


class WithdrawalPage(Out):
    """A page of withdrawals, the latest first."""

    items = fields.List(fields.Nested(WithdrawalOut), required=True)
    next = fields.String(required=True, allow_none=True)
