"""The JSON of orders with where they stand. Amounts in minor units."""

from marshmallow import fields

from app.core.fields import Choice, Id, Moment, Out, PageQuery, Text
from app.store.fulfilment.models import AFTERSALES, FULFILMENTS, PARTLY_REFUNDED, REFUNDED
from app.store.fulfilment.queries import STATES
from app.store.orders.models import CHANNELS
from app.store.orders.schemas import STATUSES, OrderAdjustmentOut, OrderLineOut, PurchaseOrderOut


class OrdersQuery(PageQuery):
    """Which orders of a buyer."""

    state = Choice(*STATES, load_default=None, metadata={"description": "Only orders that stand there."})


class ShopOrdersQuery(OrdersQuery):
    """Which orders of a shop."""

    status = Choice(*STATUSES, load_default=None, metadata={"description": "Only orders of this status of payment."})
    channel = Choice(*CHANNELS, load_default=None, metadata={"description": "Only orders that came by it."})
    about = Text(most=60, least=0, load_default="", metadata={"description": "Number, or its buyer's name or phone."})


class MovedLineOut(OrderLineOut):
    """A line, and how many of its units are where."""

    shipped = fields.Integer(required=True)
    received = fields.Integer(required=True)
    claimed = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    refunded = fields.Integer(required=True)
    refunded_amount = fields.Integer(required=True)


class AnyAdjustmentOut(OrderAdjustmentOut):
    """What was taken off a line, or, without one, off the freight."""

    line_id = Id(required=True, allow_none=True)


class OrderLogOut(Out):
    """One change of an order."""

    what = fields.String(required=True)
    who = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True)
    why = fields.String(required=True)
    at = Moment(required=True)


class OrderOut(PurchaseOrderOut):
    """An order by itself, for its buyer or its shop; those of a shop who ship or serve see address and note once it is
    paid."""

    purchase_id = Id(required=True)
    status = Choice(*STATUSES, required=True)
    payment = Choice(*STATUSES, PARTLY_REFUNDED, REFUNDED, required=True)
    fulfilment = Choice(*FULFILMENTS, required=True)
    aftersale = Choice(*AFTERSALES, required=True)
    refunded = fields.Integer(required=True)
    ship_by = Moment(required=True, allow_none=True)
    received_at = Moment(required=True, allow_none=True)
    lines = fields.List(fields.Nested(MovedLineOut), required=True)
    adjustments = fields.List(fields.Nested(AnyAdjustmentOut), required=True)
    currency = fields.String(required=True)
    address = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    note = fields.String(required=True)
    created_at = Moment(required=True)
    pay_by = Moment(required=True)
    paid_at = Moment(required=True, allow_none=True)


class WholeOrderOut(OrderOut):
    """One order, with what became of it."""

    log = fields.List(fields.Nested(OrderLogOut), required=True)


class OrderPage(Out):
    """A page of orders, newest first."""

    items = fields.List(fields.Nested(OrderOut), required=True)
    next = fields.String(required=True, allow_none=True)
