"""Carts as JSON and in forms."""

from collections.abc import Collection, Mapping
from typing import Any

from marshmallow import fields

from app.buying.carts.models import MOST_CART_LINES, MOST_OF_ONE
from app.buying.carts.queries import STATES
from app.core.fields import Bool, Choice, Id, In, Int, Moment, NewId, OrNone, Out, QueryInt, Text, some


class CartLineIn(In):
    sku_id = Id(required=True)
    quantity = Int(least=1, most=MOST_OF_ONE, load_default=1)
    link = Text(most=20, load_default=None, allow_none=True)


class CartChangeIn(In):
    quantity = Int(least=1, most=MOST_OF_ONE, load_default=None)
    is_ticked = Bool(load_default=None)


class CartLineChangeIn(CartChangeIn):
    id = Id(required=True)


class CartChangesIn(In):
    lines = some(CartLineChangeIn, most=MOST_CART_LINES, least=1, required=True)


class AddForm(In):
    """The "add to cart" button of a page."""

    sku_id = Id(required=True)
    quantity = QueryInt(least=1, most=MOST_OF_ONE, load_default=1)
    link = OrNone(Text(most=20))


class CartFormLine(In):
    id = Id(required=True)
    quantity = QueryInt(least=1, most=MOST_OF_ONE, required=True)
    is_ticked = fields.Boolean(required=True)


class CartForm(In):
    """The page of a cart. `id` came with it, and is that of the checkout that it may open; `remove`: a line to go."""

    id = NewId(required=True)
    remove = OrNone(Id())
    lines = some(CartFormLine, most=MOST_CART_LINES, load_default=list)


def cart_form(sent: Mapping[str, str], ticked: Collection[str]) -> dict[str, Any]:
    """The form of a cart's page in the shape of CartForm: a field "quantity-ID" for each line."""
    named = {name.removeprefix("quantity-"): one for name, one in sent.items() if name.startswith("quantity-")}
    lines = [{"id": name, "quantity": one, "is_ticked": name in ticked} for name, one in named.items()]
    return {"id": sent.get("id"), "remove": sent.get("remove", ""), "lines": lines}


class AddedOut(Out):
    id = Id(required=True)
    kind = fields.Constant("cart_line", required=True)
    sku_id = Id(required=True)
    quantity = fields.Integer(required=True)
    guest_token = fields.String(required=True, allow_none=True)


class CartProduct(Out):
    id = Id(required=True)
    kind = Choice("product", required=True)
    title = fields.String(required=True)


class CartShop(Out):
    id = Id(required=True)
    kind = Choice("shop", required=True)
    name = fields.String(required=True)


class CartSku(Out):
    id = Id(required=True)
    name = fields.String(required=True)


class PriceChange(Out):
    from_ = fields.Integer(required=True, data_key="from", attribute="from")
    to = fields.Integer(required=True)


class CartLineOut(Out):
    id = Id(required=True)
    kind = Choice("cart_line", required=True)
    product = fields.Nested(CartProduct, required=True, allow_none=True)
    shop = fields.Nested(CartShop, required=True, allow_none=True)
    sku = fields.Nested(CartSku, required=True, allow_none=True)
    quantity = fields.Integer(required=True)
    is_ticked = fields.Boolean(required=True)
    link = fields.String(required=True, allow_none=True)
    price_added = fields.Integer(required=True)
    price = fields.Integer(required=True, allow_none=True)
    price_change = fields.Nested(PriceChange, required=True, allow_none=True)
    state = Choice(*STATES, required=True)
    left = fields.Integer(required=True)
    added_at = Moment(required=True)


class CartShopLines(CartShop):
    line_ids = fields.List(Id(), required=True)


class TickedOut(Out):
    lines = fields.Integer(required=True)
    units = fields.Integer(required=True)
    amount = fields.Integer(required=True)
    total = fields.Integer(required=True)


class CartOut(Out):
    items = fields.List(fields.Nested(CartLineOut), required=True)
    next = fields.String(required=True, allow_none=True)
    shops = fields.List(fields.Nested(CartShopLines), required=True)
    ticked = fields.Nested(TickedOut, required=True)


class GuestIn(In):
    guest_token = Text(most=200, required=True)
