"""JSON and forms of placing."""

from marshmallow import fields

from app.buying.checkout.schemas import MOST_OF_ONE
from app.core.fields import LARGEST_INT, Choice, Id, In, Int, OrNone, Out, QueryInt, Text, some
from app.core.money import CURRENCY
from app.people.addresses.schemas import AddressIn, PlaceOut
from app.store.invoices.models import KINDS
from app.store.invoices.schemas import InvoiceIn

GATEWAY = 40


class PurchaseIn(In):
    expected_total = Int(least=0, most=LARGEST_INT, load_default=None, allow_none=True)
    address_id = Id(load_default=None, allow_none=True)


class BuyNowIn(In):
    """Everything of a purchase in one call. Without `address` or `address_id` the default of the address book counts;
    without `gateway` the one that was used last, and `pay` false begins no payment."""

    sku_id = Id(load_default=None, allow_none=True)
    quantity = Int(least=1, most=MOST_OF_ONE, load_default=1)
    offers = some(Text(most=100), most=10, load_default=list)
    expected_total = Int(least=0, most=LARGEST_INT, load_default=None, allow_none=True)
    address = fields.Nested(AddressIn, load_default=None)
    address_id = Id(load_default=None, allow_none=True)
    note = Text(most=500, least=0, load_default=None)
    invoice = fields.Nested(InvoiceIn, load_default=None)
    gateway = Text(most=GATEWAY, load_default=None, allow_none=True)
    pay = fields.Boolean(load_default=True, truthy={True}, falsy={False})


class PayWayIn(In):
    gateway = Text(most=GATEWAY, required=True)


class PayWayOut(Out):
    gateway = fields.String(required=True, allow_none=True)


class OrderForm(AddressIn):
    """The form of the checkout page; `expected_total` is what the page showed."""

    note = Text(most=500, least=0, load_default="")
    expected_total = QueryInt(required=True)


class InvoiceForm(In):
    """The part of it that asks for an invoice; nothing chosen asks for none."""

    invoice_kind = OrNone(Choice(*KINDS))
    invoice_title = Text(most=100, least=0, load_default="")
    invoice_tax_number = Text(most=30, least=0, load_default="")
    invoice_email = Text(most=200, least=0, load_default="")


class PlacedOrderOut(Out):
    id = Id(required=True)
    kind = Choice("order", required=True)
    shop_id = Id(required=True)
    total = fields.Integer(required=True)


class PlacedPurchaseOut(Out):
    """`page`: the address of the order's own page, for whoever has it; of a guest's purchase."""

    id = Id(required=True)
    kind = Choice("purchase", required=True)
    orders = fields.List(fields.Nested(PlacedOrderOut), required=True)
    total = fields.Integer(required=True)
    currency = Choice(CURRENCY, required=True)
    status = Choice("unpaid", "paid", "lapsed", "cancelled", required=True)
    page = fields.String(required=True)


class BegunPaymentOut(Out):
    id = Id(required=True)
    pay_url = fields.String(required=True, allow_none=True)


class BoughtOut(PlacedPurchaseOut):
    payment = fields.Nested(BegunPaymentOut, required=True, allow_none=True)


class OpenOrderLine(Out):
    product_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    price = fields.Integer(required=True)
    quantity = fields.Integer(required=True)


class OpenOrder(Out):
    id = Id(required=True)
    shop = fields.String(required=True)
    total = fields.Integer(required=True)
    lines = fields.List(fields.Nested(OpenOrderLine), required=True)


class OpenPurchaseOut(Out):
    """A purchase for whoever has its address: names and numbers of people are veiled."""

    id = Id(required=True)
    kind = Choice("purchase", required=True)
    status = Choice("unpaid", "paid", "lapsed", "cancelled", required=True)
    total = fields.Integer(required=True)
    currency = Choice(CURRENCY, required=True)
    orders = fields.List(fields.Nested(OpenOrder), required=True)
    address = fields.Nested(PlaceOut, required=True, allow_none=True)
    pay_by = fields.String(required=True)
    created_at = fields.String(required=True)
    paid_at = fields.String(required=True, allow_none=True)
