"""JSON and forms of checkouts."""

from marshmallow import fields, validate

from app.core.fields import LARGEST_INT, Choice, Id, In, Int, Moment, NewId, Out, QueryInt, Text, some
from app.core.money import CURRENCY
from app.core.texts import in_chinese

MOST_LINES = 20
MOST_OF_ONE = 99
MOST_CODES = 10
PHONE = r"^(?=.*[0-9])[0-9+\- ]{5,20}$(?!\n)"
PHONE_ERROR = in_chinese("5 to 20 digits, with + - and spaces.", "5 到 20 位数字，可含 + - 和空格")


class AddressIn(In):
    """Where goods go. Some cities have no districts."""

    name = Text(most=50, required=True)
    phone = fields.String(required=True, validate=validate.Regexp(PHONE, error=PHONE_ERROR))
    province = Text(most=50, required=True)
    city = Text(most=50, required=True)
    district = Text(most=50, least=0, load_default="")
    street = Text(most=200, required=True)


class CheckoutLineIn(In):
    sku_id = Id(required=True)
    quantity = Int(least=1, most=MOST_OF_ONE, required=True)
    link = Text(most=20, load_default=None, allow_none=True)


class CheckoutIn(In):
    lines = some(CheckoutLineIn, most=MOST_LINES, least=1, required=True)
    offers = some(Text(most=100), most=MOST_CODES, load_default=list)


class LinkCheckoutIn(In):
    sku_id = Id(required=True)
    quantity = Int(least=1, most=MOST_OF_ONE, load_default=1)
    offers = some(Text(most=100), most=MOST_CODES, load_default=list)


class CheckoutChangeIn(In):
    address = fields.Nested(AddressIn, load_default=None)
    note = Text(most=500, least=0, load_default=None)
    offers = some(Text(most=100), most=MOST_CODES, load_default=None)
    lines = some(CheckoutLineIn, most=MOST_LINES, least=1, load_default=None)


class PurchaseIn(In):
    expected_total = Int(least=0, most=LARGEST_INT, load_default=None, allow_none=True)


class BuyForm(In):
    """The buy form of a page of goods. `id`: came with the form, and is the checkout's."""

    id = NewId(required=True)
    sku_id = Id(required=True)
    quantity = QueryInt(least=1, most=MOST_OF_ONE, load_default=1)


class OrderForm(AddressIn):
    """The form of the checkout page; `expected_total` is what the page showed."""

    note = Text(most=500, least=0, load_default="")
    expected_total = QueryInt(required=True)


class CheckoutAddress(Out):
    name = fields.String(required=True)
    phone = fields.String(required=True)
    province = fields.String(required=True)
    city = fields.String(required=True)
    district = fields.String(required=True)
    street = fields.String(required=True)


class CheckoutProduct(Out):
    id = Id(required=True)
    kind = Choice("product", required=True)
    title = fields.String(required=True)


class CheckoutShop(Out):
    id = Id(required=True)
    kind = Choice("shop", required=True)
    name = fields.String(required=True)


class CheckoutSku(Out):
    id = Id(required=True)
    name = fields.String(required=True)


class CheckoutLineOut(Out):
    id = Id(required=True)
    product = fields.Nested(CheckoutProduct, required=True)
    shop = fields.Nested(CheckoutShop, required=True)
    sku = fields.Nested(CheckoutSku, required=True)
    price = fields.Integer(required=True)
    quantity = fields.Integer(required=True)
    amount = fields.Integer(required=True)
    link = fields.String(required=True, allow_none=True)


class CheckoutAdjustment(Out):
    line_id = Id(required=True)
    amount = fields.Integer(required=True)
    source = fields.String(required=True)


class CheckoutOut(Out):
    id = Id(required=True)
    kind = Choice("checkout", required=True)
    state = Choice("open", "purchased", "released", required=True)
    lines = fields.List(fields.Nested(CheckoutLineOut), required=True)
    adjustments = fields.List(fields.Nested(CheckoutAdjustment), required=True)
    offers = fields.List(fields.String(), required=True)
    total = fields.Integer(required=True)
    currency = Choice(CURRENCY, required=True)
    address = fields.Nested(CheckoutAddress, required=True, allow_none=True)
    note = fields.String(required=True)
    expires_at = Moment(required=True)
    purchase_id = Id(required=True, allow_none=True)
    guest_token = fields.String(required=True, allow_none=True)


class PlacedOrderOut(Out):
    id = Id(required=True)
    kind = Choice("order", required=True)
    shop_id = Id(required=True)
    total = fields.Integer(required=True)


class PlacedPurchaseOut(Out):
    id = Id(required=True)
    kind = Choice("purchase", required=True)
    orders = fields.List(fields.Nested(PlacedOrderOut), required=True)
    total = fields.Integer(required=True)
    currency = Choice(CURRENCY, required=True)
    status = Choice("unpaid", "paid", "lapsed", "cancelled", required=True)
