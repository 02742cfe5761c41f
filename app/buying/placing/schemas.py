"""JSON and forms of placing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields

from app.buying.checkout.models import Changes
from app.buying.checkout.schemas import MOST_OF_ONE
from app.core.errors import Refused
from app.core.fields import LARGEST_INT, Bool, Choice, Id, In, Int, NewId, OrNone, Out, QueryInt, Text, some
from app.core.money import CURRENCY
from app.people.addresses.schemas import AddressIn, PlaceOut
from app.store.invoices.models import check_invoice
from app.store.invoices.schemas import InvoiceIn
from app.store.payments.models import PAGE, SCENES
from app.store.payments.schemas import PaymentToPayOut

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
    scene = Choice(*SCENES, load_default=PAGE)
    openid = Text(most=128, least=0, load_default="")
    pay = Bool(load_default=True)


class PayWayIn(In):
    gateway = Text(most=GATEWAY, required=True)


class PayWayOut(Out):
    gateway = fields.String(required=True, allow_none=True)


class PaperForm(In):
    """The form of the checkout page without its address; `expected_total` is what the page showed."""

    note = Text(most=500, least=0, load_default="")
    expected_total = QueryInt(required=True)


class OrderForm(PaperForm, AddressIn):
    """With the address that is typed in it."""


class ArticleBuyForm(In):
    """The buy form of an article, of which there is one; `id` came with the form, and is the checkout's."""

    id = NewId(required=True)


class AddressForm(In):
    """An address of the book; nothing chosen: the one that is typed."""

    address_id = OrNone(Id())


class OffersForm(In):
    """The coupons that are ticked, and a code that is typed."""

    codes = some(Text(most=100), most=9, load_default=list)
    code = Text(most=100, least=0, load_default="")


def order_sent(sent: Mapping[str, str]) -> tuple[int, Changes]:
    """(the total that the page showed, what the form says): to an address of the book, or to the one that is typed;
    to none where the form has no fields for one, since nothing is sent.

    Raises ValidationError with the fields at fault.
    """
    chosen = AddressForm().load(sent)["address_id"]
    is_typed = chosen is None and "street" in sent
    given = (OrderForm if is_typed else PaperForm)().load(sent)
    expected, note = given.pop("expected_total"), given.pop("note")
    changes = Changes(given, note) if is_typed else Changes(note=note, address_id=chosen)
    return expected, replace(changes, invoice=invoice_sent(sent))


def pick_ups_sent(sent: Mapping[str, str]) -> dict[UUID, UUID]:
    """Where goods of which shops are fetched: fields "pick-<shop>", empty for what is sent. Raises ValidationError."""
    chosen = {name.removeprefix("pick-"): place for name, place in sent.items() if name.startswith("pick-") and place}
    reads = Id()
    return {reads.deserialize(shop): reads.deserialize(place) for shop, place in chosen.items()}


def invoice_sent(sent: Mapping[str, str]) -> dict[str, Any] | None:
    """The part of the order form that asks for an invoice; None where none is wanted.

    Raises ValidationError with the form's own names of the fields at fault.
    """
    wanted = {name: sent.get(f"invoice_{name}", "") for name in ("kind", "title", "tax_number", "email")}
    if not wanted["kind"]:
        return None
    try:
        return check_invoice(InvoiceIn().load(wanted))
    except (ValidationError, Refused) as fault:
        faults = fault.errors if isinstance(fault, Refused) else fault.messages_dict
        raise ValidationError({f"invoice_{name}": texts for name, texts in faults.items()}) from fault


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


class BoughtOut(PlacedPurchaseOut):
    """`payment` as POST /purchases/{id}/payments answers it; null where none was begun."""

    payment = fields.Nested(PaymentToPayOut, required=True, allow_none=True)


class OpenOrderLine(Out):
    product_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    price = fields.Integer(required=True)
    quantity = fields.Integer(required=True)


class OpenOrder(Out):
    """`off`: what offers took off goods and freight, 0 or below; with `freight` and the lines it makes the `total`."""

    id = Id(required=True)
    shop = fields.String(required=True)
    freight = fields.Integer(required=True)
    off = fields.Integer(required=True)
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
