"""Shops as JSON."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Moment, NewId, Out, Text
from app.store.shops.models import CLOSED_WHY, OPEN, ROLES, SELLER

NAME_MOST = 60


class ShopIn(In):
    name = Text(most=NAME_MOST, required=True)


class ShopForm(ShopIn):
    """`id`: came with the form."""

    id = NewId(required=True)


class ShopOut(Out):
    id = Id(required=True)
    kind = fields.Constant("shop", required=True)
    name = fields.String(required=True)
    created_at = Moment(required=True)


class OpenedShopOut(ShopOut):
    """`state`: "open", or why it sells nothing yet."""

    state = Choice(OPEN, *CLOSED_WHY, required=True)


class MyShopOut(ShopOut):
    role = Choice(*ROLES, SELLER, required=True)


class MyShopsOut(Out):
    items = fields.List(fields.Nested(MyShopOut), required=True)
    next = fields.String(required=True, allow_none=True)
