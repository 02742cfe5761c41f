"""Pages of the address book: a person's own."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more, submitted
from app.core.http.pages import PageDoor, go, local, page
from app.core.ids import new_id
from app.people.addresses import actions, queries
from app.people.addresses.models import MOST_ADDRESSES
from app.people.addresses.schemas import BookedForm, NewBookedForm

door = PageDoor("addresses", __name__, who=PERSON)
MINE, ONE = "/me/addresses", "/me/addresses/<uuid:address_id>"


@door.get(MINE)
def list_addresses(caller: Caller) -> str:
    """The caller's addresses, the default first."""
    return page("addresses.html", addresses=queries.addresses_of(caller.person), most=MOST_ADDRESSES)


@door.get(f"{MINE}/new")
def new_address(caller: Caller) -> str:
    """An empty form; `next` is the page to go on to."""
    return _form_page(MINE, {"id": str(new_id()), "next": local(request.args.get("next", ""), MINE)}, {})


@door.post(MINE)
def add_address(caller: Caller) -> AnyResponse:
    """Keep it; sent twice it is kept once."""

    def add() -> AnyResponse:
        given = NewBookedForm().load(form())
        actions.add_address(caller.person, given, given["is_default"], given["id"])
        return go(local(form().get("next", ""), MINE))

    return submitted(add, lambda faults: _form_page(MINE, form(), faults))


@door.get(ONE)
def show_address(caller: Caller, address_id: UUID) -> str:
    """A form of an address that is there."""
    return _form_page(f"{MINE}/{address_id}", queries.address_or_missing(caller.person, address_id).place, {})


@door.post(ONE)
def change_address(caller: Caller, address_id: UUID) -> AnyResponse:
    """Change it. Orders keep theirs."""
    queries.address_or_missing(caller.person, address_id)
    faults = faults_of(lambda: actions.change_address(caller.person, address_id, BookedForm().load(form())))
    return go(MINE) if faults is None else once_more(_form_page(f"{MINE}/{address_id}", form(), faults))


@door.post(f"{ONE}/default")
def make_default(caller: Caller, address_id: UUID) -> AnyResponse:
    """Send there what names no other."""
    actions.change_address(caller.person, address_id, {"is_default": True})
    return go(MINE)


@door.post(f"{ONE}/removal")
def delete_address(caller: Caller, address_id: UUID) -> AnyResponse:
    """Forget it. Orders keep theirs."""
    actions.delete_address(caller.person, address_id)
    return go(MINE)


def _form_page(action: str, filled: dict[str, str], faults: dict[str, Any]) -> str:
    return page("addresses_form.html", action=action, filled=filled, faults=faults)
