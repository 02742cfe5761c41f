"""JSON and forms of checkouts."""

from marshmallow import fields

from app.buying.checkout.models import MOST_LINES
from app.core.fields import Choice, Id, In, Int, Moment, NewId, Out, QueryInt, Text, some
from app.core.money import CURRENCY
from app.people.addresses.schemas import AddressIn, PlaceOut
from app.plays.coupons.schemas import MyCouponOut
from app.plays.offers.models import STEPS
from app.store.invoices.schemas import InvoiceIn, InvoiceWantedOut
from app.store.orders.models import CHANNELS, MALL, STORE

MOST_OF_ONE = 99
MOST_CODES = 10


class CheckoutLineIn(In):
    sku_id = Id(required=True)
    quantity = Int(least=1, most=MOST_OF_ONE, required=True)
    link = Text(most=20, load_default=None, allow_none=True)


class PickUpIn(In):
    """A shop whose goods the buyer fetches, and where (GET /shops/{id}/pick-up-points)."""

    shop_id = Id(required=True)
    warehouse_id = Id(required=True)


class CheckoutIn(In):
    """`lines`, `cart_lines` (ids of lines of the caller's cart), or both. `channel`: "store" from a light store's own
    address."""

    lines = some(CheckoutLineIn, most=MOST_LINES, load_default=list)
    cart_lines = some(Id(), most=MOST_LINES, load_default=list)
    offers = some(Text(most=100), most=MOST_CODES, load_default=list)
    channel = Choice(MALL, STORE, load_default=MALL)


class LinkCheckoutIn(In):
    sku_id = Id(required=True)
    quantity = Int(least=1, most=MOST_OF_ONE, load_default=1)
    offers = some(Text(most=100), most=MOST_CODES, load_default=list)


class CheckoutChangeIn(In):
    address = fields.Nested(AddressIn, load_default=None)
    address_id = Id(load_default=None)
    invoice = fields.Nested(InvoiceIn, load_default=None)
    note = Text(most=500, least=0, load_default=None)
    offers = some(Text(most=100), most=MOST_CODES, load_default=None)
    lines = some(CheckoutLineIn, most=MOST_LINES, least=1, load_default=None)
    pick_ups = some(PickUpIn, most=MOST_LINES, load_default=None)


class BuyForm(In):
    """The buy form of a page of goods. `id`: came with the form, and is the checkout's."""

    id = NewId(required=True)
    sku_id = Id(required=True)
    quantity = QueryInt(least=1, most=MOST_OF_ONE, load_default=1)


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


class CheckoutStep(Out):
    """One step of the discount order, for a line, or for a shop's freight where `line_id` is null; amount < 0."""

    step = Choice(*STEPS, required=True)
    offer = fields.String(required=True)
    name = fields.String(required=True)
    line_id = Id(required=True, allow_none=True)
    shop_id = Id(required=True)
    amount = fields.Integer(required=True)
    before = fields.Integer(required=True)
    after = fields.Integer(required=True)
    funder = fields.String(required=True)


class CheckoutFreight(Out):
    """What sending a shop's goods costs: `amount` before offers, `left` after them."""

    shop_id = Id(required=True)
    amount = fields.Integer(required=True)
    left = fields.Integer(required=True)


class UnfitOffer(Out):
    """A code that does nothing here, and why."""

    code = fields.String(required=True)
    why = fields.String(required=True)
    why_en = fields.String(required=True)


class PickUpOut(Out):
    shop_id = Id(required=True)
    warehouse_id = Id(required=True)


class CheckoutOut(Out):
    id = Id(required=True)
    kind = Choice("checkout", required=True)
    state = Choice("open", "purchased", "released", required=True)
    lines = fields.List(fields.Nested(CheckoutLineOut), required=True)
    adjustments = fields.List(fields.Nested(CheckoutAdjustment), required=True)
    steps = fields.List(fields.Nested(CheckoutStep), required=True)
    freight = fields.List(fields.Nested(CheckoutFreight), required=True)
    freight_known = fields.Boolean(required=True)
    undelivered = fields.List(Id(), required=True)
    offers = fields.List(fields.String(), required=True)
    unfit = fields.List(fields.Nested(UnfitOffer), required=True)
    total = fields.Integer(required=True)
    currency = Choice(CURRENCY, required=True)
    address = fields.Nested(PlaceOut, required=True, allow_none=True)
    note = fields.String(required=True)
    invoice = fields.Nested(InvoiceWantedOut, required=True, allow_none=True)
    pick_ups = fields.List(fields.Nested(PickUpOut), required=True)
    channel = Choice(*CHANNELS, required=True)
    expires_at = Moment(required=True)
    purchase_id = Id(required=True, allow_none=True)
    guest_token = fields.String(required=True, allow_none=True)


class FittingCoupon(MyCouponOut):
    """`saves` in 分, beside what applies without a code; `is_used`: the checkout names it already."""

    saves = fields.Integer(required=True)
    is_used = fields.Boolean(required=True)


class FittingCoupons(Out):
    items = fields.List(fields.Nested(FittingCoupon), required=True)
    next = fields.String(required=True, allow_none=True)
