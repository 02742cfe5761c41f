"""The JSON of after-sales cases. Amounts in minor units."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, post_load, validates_schema

from app.core.errors import said
from app.core.fields import (
    Bool,
    Choice,
    Id,
    In,
    Int,
    Moment,
    Money,
    NewId,
    OrNone,
    Out,
    PageQuery,
    Prose,
    QueryInt,
    Text,
    some,
)
from app.people.uploads.schemas import PictureOut
from app.store.aftersales.models import APPROVED, DESK, GRANTED, KINDS, REASONS, REJECTED, STATES
from app.store.catalogue.schemas import Yuan

MOST_LINES, MOST_PICTURES = 50, 9
_ONE_LINE = said("部分退款请每次只选一件商品", "Ask for a part of the money of one line at a time.")
_TWICE = said("同一件商品请只写一次", "Name each line once.")


class CaseLineIn(In):
    line_id = Id(required=True)
    units = Int(least=1, most=10**6, required=True)


class CaseIn(In):
    """What a buyer asks for; without `amount` all that was paid for these units."""

    kind = Choice(*KINDS, required=True)
    reason = Choice(*REASONS, required=True)
    words = Text(most=500, least=0, load_default="")
    lines = some(CaseLineIn, most=MOST_LINES, least=1, required=True)
    amount = Money(least=1, load_default=None, allow_none=True)
    freight = Money(load_default=0)
    uploads = some(Id(), most=MOST_PICTURES, load_default=list)

    @validates_schema
    def lines_are_clear(self, data: dict[str, Any], **_: Any) -> None:
        """A part of the money is of one line."""
        if data["amount"] is not None and len(data["lines"]) > 1:
            raise ValidationError({"amount": [_ONE_LINE]})
        if len({one["line_id"] for one in data["lines"]}) < len(data["lines"]):
            raise ValidationError({"lines": [_TWICE]})


class WordsIn(In):
    words = Text(most=500, least=0, load_default="")


class RefusalIn(In):
    """Why the shop does not agree."""

    words = Text(most=500, required=True)


class CaseAppealIn(In):
    """Why the buyer does not agree with that."""

    words = Text(most=500, required=True)
    uploads = some(Id(), most=MOST_PICTURES, load_default=list)


class BackParcelIn(In):
    """The parcel that goes back, and what it cost."""

    carrier = Text(most=40, required=True)
    number = Text(most=40, required=True)
    paid = Money(load_default=0)


class ArrivalIn(In):
    """The goods are back; an exchange names the parcel of the others, or is refunded instead."""

    is_sellable = Bool(load_default=False)
    is_refunded = Bool(load_default=False)
    carrier = Text(most=40, load_default=None, allow_none=True)
    number = Text(most=40, load_default=None, allow_none=True)


class DecisionIn(In):
    """How a moderator ends a dispute."""

    outcome = Choice(GRANTED, APPROVED, REJECTED, required=True)
    words = Text(most=500, required=True)
    amount = Money(least=1, load_default=None, allow_none=True)


class CasesQuery(PageQuery):
    state = Choice(*STATES, load_default=None)


class WordsForm(In):
    """What is said of a step, on a page."""

    words = Prose(most=500, least=0, load_default="")


class ReasonForm(In):
    """Why not, on a page; whom it is about sees it."""

    words = Prose(most=500, required=True)


class ArrivalForm(In):
    """The goods are back, on a page."""

    is_sellable = fields.Boolean(load_default=False)
    is_refunded = fields.Boolean(load_default=False)
    carrier = OrNone(Text(most=40))
    number = OrNone(Text(most=40))


class DecisionForm(In):
    """How a moderator ends a dispute, on a page; `amount` in yuan, empty for all that was asked."""

    outcome = Choice(GRANTED, APPROVED, REJECTED, required=True)
    words = Prose(most=500, required=True)
    amount = OrNone(Yuan(least=1))


class DeskQuery(PageQuery):
    part = Choice(*DESK, load_default="to_answer")


class CaseForm(In):
    """What a buyer asks for on a page; the units of each line says lines_sent. `id` came with the form."""

    id = NewId(required=True)
    kind = Choice(*KINDS, required=True)
    reason = Choice(*REASONS, required=True)
    words = Prose(most=500, least=0, load_default="")
    amount = OrNone(Yuan())


class CaseAppealForm(In):
    words = Prose(most=500, required=True)


class BackParcelForm(In):
    """As BackParcelIn, `paid` in yuan."""

    carrier = Text(most=40, required=True)
    number = Text(most=40, required=True)
    paid = OrNone(Yuan())

    @post_load
    def nothing_is_nought(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "paid": data["paid"] or 0}


UNITS = "units-"
"""A field that says how many units of a line begins so; its line's id follows."""


def lines_sent(sent: Mapping[str, str], amount: int | None = None) -> dict[UUID, int]:
    """How many units of each line a form names, those with none left out. Raises ValidationError, also for none, and
    for several lines where only an `amount` is asked for."""
    named = {name.removeprefix(UNITS): value for name, value in sent.items() if name.startswith(UNITS)}
    try:
        found = {Id().deserialize(line_id): QueryInt(most=10**6).deserialize(value) for line_id, value in named.items()}
    except ValidationError as fault:
        raise ValidationError({"lines": fault.messages}) from fault
    chosen = {line_id: units for line_id, units in found.items() if units}
    if not chosen:
        raise ValidationError({"lines": [said("请选择商品和数量", "Say which goods, and how many.")]})
    if amount is not None and len(chosen) > 1:
        raise ValidationError({"amount": [_ONE_LINE]})
    return chosen


class CaseLineOut(Out):
    line_id = Id(required=True)
    units = fields.Integer(required=True)


class CasePictureOut(PictureOut):
    id = Id(required=True)


class CaseLogOut(Out):
    """One step: who is "buyer", "shop", "desk" or "system"."""

    who = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = Choice(*STATES, required=True)
    words = fields.String(required=True)
    at = Moment(required=True)


class CaseRefundOut(Out):
    """What was granted, and how far it is: due, sent, done, or none where no money moves."""

    amount = fields.Integer(required=True)
    status = fields.String(required=True)


class CaseOut(Out):
    """A case for its buyer, its shop, and moderators."""

    id = Id(required=True)
    kind = fields.Constant("aftersale", required=True)
    order_id = Id(required=True)
    shop_id = Id(required=True)
    wish = Choice(*KINDS, required=True)
    reason = Choice(*REASONS, required=True)
    words = fields.String(required=True)
    state = Choice(*STATES, required=True)
    amount = fields.Integer(required=True, allow_none=True)
    freight = fields.Integer(required=True)
    way_back = fields.Integer(required=True)
    refund = fields.Nested(CaseRefundOut, required=True, allow_none=True)
    return_address = fields.String(required=True)
    back_carrier = fields.String(required=True, allow_none=True)
    back_number = fields.String(required=True, allow_none=True)
    new_carrier = fields.String(required=True, allow_none=True)
    new_number = fields.String(required=True, allow_none=True)
    lines = fields.List(fields.Nested(CaseLineOut), required=True)
    pictures = fields.List(fields.Nested(CasePictureOut), required=True)
    log = fields.List(fields.Nested(CaseLogOut), required=True)
    opened_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)


class CasePage(Out):
    items = fields.List(fields.Nested(CaseOut), required=True)
    next = fields.String(required=True, allow_none=True)
