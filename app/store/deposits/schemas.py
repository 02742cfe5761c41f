"""Deposits as JSON, and the forms of their pages."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Moment, Money, NewId, OrNone, Out, Prose, Text
from app.store.catalogue.schemas import Yuan
from app.store.deposits.models import (
    ENOUGH,
    GRANTED,
    LEAST_TOP_UP,
    LONGEST_REASON,
    LONGEST_TEXT,
    OPEN,
    OWING,
    REFUSED,
    RETURNED,
    SHORT,
    STANDING,
)
from app.store.payments.schemas import PaymentIn


class DepositOut(Out):
    """Amounts in 分. `state`: "enough", "short" of what is required, or "owing" penalties; `lacking` to be enough."""

    id = Id(required=True)
    kind = fields.Constant("deposit", required=True)
    held = Money(required=True)
    owed = Money(required=True)
    required_ = Money(required=True, data_key="required", attribute="required")
    lacking = Money(required=True)
    state = Choice(ENOUGH, SHORT, OWING, required=True)
    short_since = Moment(required=True, allow_none=True)


class DepositPaymentIn(PaymentIn):
    amount = Money(least=LEAST_TOP_UP, required=True)


class SurplusIn(In):
    amount = Money(least=1, required=True)


class PenaltyAppealIn(In):
    words = Text(most=LONGEST_TEXT, required=True)


class PenaltyAboutOut(Out):
    kind = fields.String(required=True)
    id = Id(required=True)


class PenaltyAppealOut(Out):
    words = fields.String(required=True)
    state = Choice(OPEN, GRANTED, REFUSED, required=True)
    answer = fields.String(required=True)
    at = Moment(required=True)


class PenaltyOut(Out):
    """`taken` of `amount` so far, in 分."""

    id = Id(required=True)
    kind = fields.Constant("penalty", required=True)
    amount = Money(required=True)
    taken = Money(required=True)
    reason = fields.String(required=True)
    about = fields.Nested(PenaltyAboutOut, required=True)
    state = Choice(STANDING, RETURNED, required=True)
    at = Moment(required=True)
    appeal = fields.Nested(PenaltyAppealOut, required=True, allow_none=True)


class PenaltiesOut(Out):
    items = fields.List(fields.Nested(PenaltyOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PaymentForm(In):
    amount = Yuan(required=True)


class SurplusForm(In):
    """`id`: came with the form."""

    id = NewId(required=True)
    amount = Yuan(required=True)


class AppealForm(In):
    words = Prose(most=LONGEST_TEXT, required=True)


class AnswerForm(In):
    answer = Prose(most=LONGEST_TEXT, required=True)
    word = Choice("grant", "refuse", required=True)


class PenaltyForm(In):
    """`id`: of the penalty; `order_id`: what it is about; empty for the shop itself."""

    id = NewId(required=True)
    amount = Yuan(required=True)
    reason = Text(most=LONGEST_REASON, required=True)
    order_id = OrNone(Id())


class RequirementForm(In):
    """Empty: as everybody."""

    amount = OrNone(Yuan())
