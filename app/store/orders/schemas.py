"""The JSON of purchases and orders. Amounts in minor units."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Moment, Out
from app.store.orders.models import CANCELLED, CHANNELS, GOODS_KINDS, LAPSED, METHODS, PAID, UNPAID

STATUSES = (UNPAID, PAID, LAPSED, CANCELLED)


class OfOrderQuery(In):
    """The query of a page of what was bought: of one order, or of all."""

    order = Id(load_default=None)


class OrderShopOut(Out):
    """The shop of an order."""

    id = Id(required=True)
    name = fields.String(required=True)


class OrderAdjustmentOut(Out):
    """What an offer took off a line: below 0. `name`: what it was called then."""

    amount = fields.Integer(required=True)
    source = fields.String(required=True)
    name = fields.String(required=True)
    funder = fields.String(required=True)


class OrderAttributionOut(Out):
    """Who brought the buyer to a line."""

    link_id = Id(required=True)
    post_id = Id(required=True, allow_none=True)
    promoter_id = Id(required=True, allow_none=True)
    own_purchase = fields.Boolean(required=True)


class OrderLineOut(Out):
    """One SKU of an order, as it was called and priced then."""

    id = Id(required=True)
    product_id = Id(required=True)
    sku_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    price = fields.Integer(required=True)
    quantity = fields.Integer(required=True)
    goods_kind = Choice(*GOODS_KINDS, required=True)
    adjustments = fields.List(fields.Nested(OrderAdjustmentOut), required=True)
    attribution = fields.Nested(OrderAttributionOut, required=True, allow_none=True)


class PickUpPlaceOut(Out):
    """Where an order is fetched, as it was told its buyer."""

    name = fields.String(required=True)
    address = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    hours = fields.String(required=True)


class PurchaseOrderOut(Out):
    """One shop's part of a purchase."""

    id = Id(required=True)
    kind = fields.String(required=True)
    shop = fields.Nested(OrderShopOut, required=True)
    total = fields.Integer(required=True)
    freight = fields.Integer(required=True)
    freight_adjustments = fields.List(fields.Nested(OrderAdjustmentOut), required=True)
    method = Choice(*METHODS, required=True)
    channel = Choice(*CHANNELS, required=True)
    pick_up = fields.Nested(PickUpPlaceOut, required=True, allow_none=True)
    lines = fields.List(fields.Nested(OrderLineOut), required=True)


class PurchasePaymentOut(Out):
    """An attempt to pay: pending, paid or failed."""

    id = Id(required=True)
    status = fields.String(required=True)
    amount = fields.Integer(required=True)
    gateway = fields.String(required=True)


class PurchaseRefundOut(Out):
    """Money that goes back: due, sent or done."""

    id = Id(required=True)
    amount = fields.Integer(required=True)
    status = fields.String(required=True)
    reason = fields.String(required=True)


class PurchaseOut(Out):
    """A whole purchase, for its buyer. `pay_with`: the gateways by which it may be paid (GET /payment-ways)."""

    id = Id(required=True)
    kind = fields.String(required=True)
    status = Choice(*STATUSES, required=True)
    total = fields.Integer(required=True)
    currency = fields.String(required=True)
    pay_by = Moment(required=True)
    pay_with = fields.List(fields.String(), required=True)
    orders = fields.List(fields.Nested(PurchaseOrderOut), required=True)
    payments = fields.List(fields.Nested(PurchasePaymentOut), required=True)
    refunds = fields.List(fields.Nested(PurchaseRefundOut), required=True)
    address = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    note = fields.String(required=True)
    created_at = Moment(required=True)
    paid_at = Moment(required=True, allow_none=True)
