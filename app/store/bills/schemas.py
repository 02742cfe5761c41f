"""The JSON of bills. Amounts in minor units; what is taken from the shop stands below 0."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Moment, Out
from app.store.bills.models import PERIODS, STATES
from app.store.settlement.models import KINDS


class PeriodIn(In):
    period = Choice(*PERIODS, required=True)


class BillTermsOut(Out):
    shop_id = Id(required=True)
    period = Choice(*PERIODS, required=True)


class AmountsOut(Out):
    """What a shop got, column by column; see app.store.settlement.models.Columns. `net` is their sum, of which
    `to_settled` is paid out and `of_debts` paid what the shop owed."""

    goods = fields.Integer(required=True)
    shop_discounts = fields.Integer(required=True)
    other_discounts = fields.Integer(required=True)
    funded = fields.Integer(required=True)
    freight = fields.Integer(required=True)
    freight_discounts = fields.Integer(required=True)
    refunded = fields.Integer(required=True)
    refunded_to_funders = fields.Integer(required=True)
    late = fields.Integer(required=True)
    way_back = fields.Integer(required=True)
    supply = fields.Integer(required=True)
    fee = fields.Integer(required=True)
    fee_base = fields.Integer(required=True)
    net = fields.Integer(required=True)
    to_settled = fields.Integer(required=True)
    of_debts = fields.Integer(required=True)


class BillOut(AmountsOut):
    id = Id(required=True)
    kind = fields.Constant("bill", required=True)
    shop_id = Id(required=True)
    state = Choice(*STATES, required=True)
    entries = fields.Integer(required=True)
    begins = Moment(required=True)
    ends = Moment(required=True)
    issued_at = Moment(required=True)
    confirm_by = Moment(required=True)
    confirmed_at = Moment(required=True, allow_none=True)
    paid_at = Moment(required=True, allow_none=True)


class BillsOut(Out):
    items = fields.List(fields.Nested(BillOut), required=True)
    next = fields.String(required=True, allow_none=True)


class SettlementEntryOut(AmountsOut):
    id = Id(required=True)
    kind = fields.Constant("settlement_entry", required=True)
    order_id = Id(required=True)
    about = Choice(*KINDS, required=True)
    at = Moment(required=True)


class BillLogOut(Out):
    who = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True)
    why = fields.String(required=True)
    at = Moment(required=True)


class WholeBillOut(BillOut):
    """A bill with its log and a page of its entries."""

    log = fields.List(fields.Nested(BillLogOut), required=True)
    items = fields.List(fields.Nested(SettlementEntryOut), required=True)
    next = fields.String(required=True, allow_none=True)
