"""Doors of the address book: a person's own."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.people.addresses import actions, queries
from app.people.addresses.models import Address
from app.people.addresses.schemas import AddressChangeIn, SavedAddressesOut, SavedAddressIn, SavedAddressOut

door = Door("addresses")
MINE = "/me/addresses"


@door.get(MINE, gives=SavedAddressesOut, who=PERSON)
def list_addresses(caller: Caller) -> dict[str, Any]:
    """The caller's addresses, the default first."""
    return {"items": queries.addresses_of(caller.person), "next": None}


@door.post(MINE, takes=SavedAddressIn, gives=SavedAddressOut)
def add_address(caller: Caller, given: dict[str, Any]) -> Address:
    """Keep an address; the first is the default."""
    return actions.add_address(caller.person, given, given["is_default"])


@door.patch(f"{MINE}/<uuid:address_id>", takes=AddressChangeIn, gives=SavedAddressOut)
def change_address(caller: Caller, address_id: UUID, given: dict[str, Any]) -> Address:
    """Change parts of an address, or make it the default."""
    return actions.change_address(caller.person, address_id, given)


@door.delete(f"{MINE}/<uuid:address_id>")
def delete_address(caller: Caller, address_id: UUID) -> None:
    """Forget an address. Orders keep theirs."""
    actions.delete_address(caller.person, address_id)
