"""Addresses as JSON and in forms."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.core.errors import said
from app.core.fields import Bool, Id, In, NewId, Out, Text
from app.core.texts import in_chinese
from app.people.addresses.models import PROVINCES, full_province

PHONE = r"^(?=.*[0-9])[0-9+\- ]{5,20}$(?!\n)"
PHONE_ERROR = in_chinese("5 to 20 digits, with + - and spaces.", "5 到 20 位数字，可含 + - 和空格")

NO_PROVINCE = said(
    "没有这个省份，须为其中之一：" + "、".join(PROVINCES),
    f"There is no such province: {', '.join(PROVINCES.values())}.",
)


class Province(Text):
    """A division of the first level, short or in full, in Chinese or English; kept by its full name."""

    def __init__(self, **named: Any) -> None:
        about = {"description": "A province of China: 浙江省, 浙江 or Zhejiang. Answered by its full Chinese name."}
        super().__init__(most=50, metadata=about, **named)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> str:
        found = full_province(super()._deserialize(value, attr, data, **named))
        if found is None:
            raise ValidationError([NO_PROVINCE])
        return found


class AddressIn(In):
    """Where goods go. Some cities have no districts."""

    name = Text(most=50, required=True)
    phone = fields.String(required=True, validate=validate.Regexp(PHONE, error=PHONE_ERROR))
    province = Province(required=True)
    city = Text(most=50, required=True)
    district = Text(most=50, least=0, load_default="")
    street = Text(most=200, required=True)


class SavedAddressIn(AddressIn):
    is_default = Bool(load_default=False)


class AddressChangeIn(In):
    name = Text(most=50, load_default=None)
    phone = fields.String(load_default=None, validate=validate.Regexp(PHONE, error=PHONE_ERROR))
    province = Province(load_default=None)
    city = Text(most=50, load_default=None)
    district = Text(most=50, least=0, load_default=None)
    street = Text(most=200, load_default=None)
    is_default = Bool(load_default=None)


class BookedForm(AddressIn):
    """A page's form of an address; the box is ticked or absent."""

    is_default = fields.Boolean(load_default=False, truthy={"1"}, falsy={""})


class NewBookedForm(BookedForm):
    """`id` came with the form."""

    id = NewId(required=True)


class PlaceOut(Out):
    """An address as an order keeps it."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    province = fields.String(required=True)
    city = fields.String(required=True)
    district = fields.String(required=True)
    street = fields.String(required=True)


class SavedAddressOut(PlaceOut):
    id = Id(required=True)
    kind = fields.Constant("address", required=True)
    is_default = fields.Boolean(required=True)


class SavedAddressesOut(Out):
    items = fields.List(fields.Nested(SavedAddressOut), required=True)
    next = fields.String(required=True, allow_none=True)
