"""Shops as JSON."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from app.core.errors import said
from app.core.fields import Choice, Id, In, Moment, NewId, Out, Text
from app.store.shops.models import CLOSED_WHY, OPEN, ROLES, SELLER, brand_word

NAME_MOST = 60


class ShopName(Text):
    """What those who run a shop call it. Words that say it is a brand's own are given by a moderator, who has seen the
    papers of the brand."""

    def __init__(self, **named: Any) -> None:
        super().__init__(most=NAME_MOST, **named)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> str:
        name = super()._deserialize(value, attr, data, **named)
        word = brand_word(name)
        if word is not None:
            zh = f"“{word}”须先完成品牌认证，再联系平台改名"
            raise ValidationError([said(zh, f'"{word}" is for verified brands: file the papers, then ask us.')])
        return name


class ShopIn(In):
    name = ShopName(required=True)


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
