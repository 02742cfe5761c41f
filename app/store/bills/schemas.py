"""The JSON of bills. Amounts in minor units; what is taken from the shop stands below 0."""

from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields

from app.core.clock import in_china
from app.core.fields import Choice, Id, In, Moment, Out
from app.core.sheets import money
from app.store.bills.models import PERIODS, STATES
from app.store.settlement.models import KINDS, TOTALS

NAMES = {
    "goods": ("商品金额", "Goods"),
    "shop_discounts": ("商家优惠", "Offers of the shop"),
    "other_discounts": ("平台优惠", "Offers of others"),
    "funded": ("平台优惠补贴", "Funded by others"),
    "freight": ("运费", "Freight"),
    "freight_discounts": ("运费优惠", "Off the freight"),
    "refunded": ("退款", "Refunded"),
    "refunded_to_funders": ("退回补贴", "Back to funders"),
    "late": ("延迟发货赔付", "Paid for waiting"),
    "way_back": ("退货运费", "Ways back"),
    "supply": ("供货款", "Supply"),
    "fee": ("平台扣点", "Take of the platform"),
    "deposit": ("退回或划入（−）保证金", "Out of the deposit (−: into it)"),
    "fee_base": ("扣点基数", "Reckoned of"),
    "net": ("净额", "Net"),
    "to_settled": ("应打款", "To be paid out"),
    "of_debts": ("抵扣欠款", "Of debts"),
}
"""What people call the columns of a bill, in Chinese and English."""
KIND_NAMES = {
    "order": ("订单", "order"),
    "correction": ("更正", "correction"),
    "supply": ("供货", "supply"),
    "deposit": ("保证金往来", "deposit"),
}
FIRST_COLUMNS = {"zh": ("订单号", "类型", "结算时间"), "en": ("order", "about", "settled (UTC+8)")}


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
    deposit = fields.Integer(required=True)
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
    """`order_id`: null where it is about no order, but about the shop's deposit."""

    id = Id(required=True)
    kind = fields.Constant("settlement_entry", required=True)
    order_id = Id(required=True, allow_none=True)
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


def last_day(ends: str) -> str:
    """The last day of China in a bill that ends at this moment (ISO 8601), as people write it."""
    return in_china(datetime.fromisoformat(ends) - timedelta(seconds=1))[:10]


def sheet_columns(language: str) -> tuple[str, ...]:
    """The head of the sheet of a bill."""
    return (*FIRST_COLUMNS[language], *(NAMES[one][language == "en"] for one in TOTALS))


def sheet_row(entry: Any, language: str) -> tuple[object, ...]:
    """An entry as a row of the sheet of its bill; money in yuan, its time as in China."""
    about = KIND_NAMES[entry.kind][language == "en"]
    return (str(entry.order_id or ""), about, in_china(entry.at), *(money(getattr(entry, one)) for one in TOTALS))
