"""Vouchers as JSON, and the form of the counter."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from app.core.errors import said
from app.core.fields import Bool, ChinaTime, Choice, Id, In, Int, Moment, OrNone, Out, QueryInt, Text, some
from app.store.vouchers.models import LONGEST_DAYS, MOST_CAPACITY, MOST_DATES, MOST_SLOTS, VOUCHER_STATES


class Day(Text):
    """A day of the calendar: "2026-10-01"."""

    def __init__(self) -> None:
        super().__init__(most=10)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **named: Any) -> str:
        text = super()._deserialize(value, attr, data, **named)
        try:
            is_day = date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_day = False
        if not is_day:
            raise ValidationError([said("须为日期，如 2026-10-01", "Must be a day such as 2026-10-01.")])
        return text


class TermsIn(In):
    """Between two times, or for so many days after it is paid; not on these weekdays (1 Monday) and days of China."""

    valid_from = Moment(load_default=None, allow_none=True)
    valid_until = Moment(load_default=None, allow_none=True)
    days = Int(least=1, most=LONGEST_DAYS, load_default=None, allow_none=True)
    weekdays = fields.List(Int(least=1, most=7), validate=validate.Length(max=6), load_default=list)
    dates = some(Day(), most=MOST_DATES, load_default=list)
    needs_booking = Bool(load_default=False)


class TermsOut(Out):
    valid_from = Moment(required=True, allow_none=True)
    valid_until = Moment(required=True, allow_none=True)
    days = Int(required=True, allow_none=True)
    weekdays = fields.List(fields.Integer(), required=True)
    dates = fields.List(fields.String(), required=True)
    needs_booking = fields.Boolean(required=True)


class TermsForm(In):
    """The same as a form says it: days of the week as boxes named weekday-1 to weekday-7, dates with blanks between."""

    valid_from = OrNone(ChinaTime())
    valid_until = OrNone(ChinaTime())
    days = OrNone(QueryInt(least=1, most=LONGEST_DAYS))
    dates = Text(most=4000, least=0, load_default="")
    needs_booking = Text(most=1, least=0, load_default="")

    @post_load
    def as_terms(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        dates, reads = data["dates"].split(), Day()
        if len(dates) > MOST_DATES:
            raise ValidationError({"dates": [said(f"最多 {MOST_DATES} 个日期", f"At most {MOST_DATES} days.")]})
        for one in dates:
            try:
                reads.deserialize(one)
            except ValidationError as fault:
                zh, en = f"“{one[:40]}”不是日期", f"“{one[:40]}” is no day."
                raise ValidationError({"dates": [said(zh, en), *fault.messages]}) from fault
        return {**data, "dates": dates, "needs_booking": data["needs_booking"] == "1"}


class SlotForm(In):
    starts_at = ChinaTime(required=True)
    capacity = QueryInt(least=1, most=MOST_CAPACITY, required=True)


class SlotsIn(In):
    starts = some(Moment(), least=1, most=MOST_SLOTS, required=True)
    capacity = Int(least=1, most=MOST_CAPACITY, required=True)


class AddedSlotsOut(Out):
    slots = Int(required=True)


class SlotOut(Out):
    """`fits_terms`: whether a voucher of the terms of now may be had then; one that was paid before has its own."""

    id = Id(required=True)
    kind = fields.Constant("slot", required=True)
    starts_at = Moment(required=True)
    left = Int(required=True)
    fits_terms = fields.Boolean(required=True)


class SlotsOut(Out):
    items = fields.List(fields.Nested(SlotOut), required=True)
    next = fields.String(required=True, allow_none=True)


class BookingIn(In):
    slot_id = Id(required=True)


class BookingForm(In):
    """A time that is chosen on a page; empty: none."""

    slot_id = OrNone(Id())


class VoucherCodeIn(In):
    code = Text(most=40, required=True)


class VoucherOut(Out):
    """Who shows `code` at the counter has the service."""

    id = Id(required=True)
    kind = fields.Constant("voucher", required=True)
    line_id = Id(required=True)
    product_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    code = fields.String(required=True)
    state = Choice(*VOUCHER_STATES, required=True)
    valid_from = Moment(required=True)
    valid_until = Moment(required=True)
    weekdays = fields.List(fields.Integer(), required=True)
    dates = fields.List(fields.String(), required=True)
    needs_booking = fields.Boolean(required=True)
    slot_id = Id(required=True, allow_none=True)


class VouchersOut(Out):
    items = fields.List(fields.Nested(VoucherOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RedemptionOut(Out):
    """What was had; never the code."""

    id = Id(required=True)
    kind = fields.Constant("redemption", required=True)
    voucher_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    by_id = Id(required=True)
    at = Moment(required=True)
    undone_at = Moment(required=True, allow_none=True)


class RedemptionsOut(Out):
    items = fields.List(fields.Nested(RedemptionOut), required=True)
    next = fields.String(required=True, allow_none=True)
