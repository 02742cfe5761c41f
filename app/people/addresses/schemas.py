"""Addresses as JSON and in forms."""

from marshmallow import fields, validate

from app.core.fields import Bool, Id, In, NewId, Out, Text
from app.core.texts import in_chinese

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


class SavedAddressIn(AddressIn):
    is_default = Bool(load_default=False)


class AddressChangeIn(In):
    name = Text(most=50, load_default=None)
    phone = fields.String(load_default=None, validate=validate.Regexp(PHONE, error=PHONE_ERROR))
    province = Text(most=50, load_default=None)
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
