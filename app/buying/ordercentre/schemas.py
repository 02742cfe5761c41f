"""Forms of the order centre."""

from app.core.fields import Choice, Id, In, NewId, OrNone, Text
from app.people.addresses.schemas import AddressIn
from app.store.fulfilment.queries import STATES


class CentreQuery(In):
    """Which orders."""

    state = Choice(*STATES, load_default=None)


class CancelForm(In):
    """Why, and the id that came with the form; how many of each line says aftersales.lines_sent."""

    id = NewId(required=True)
    reason = Text(most=200, least=0, load_default="")


class SavedForm(In):
    """An address of the book; nothing chosen: the one that is typed."""

    address_id = OrNone(Id())


class PlaceForm(AddressIn):
    """An address that is typed."""


class OwnerForm(In):
    """What only its buyer knows of a purchase: the phone number that its parcel goes to."""

    phone = Text(most=30, required=True)
