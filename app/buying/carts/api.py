"""Doors of carts. A stranger who adds something becomes a guest: `guest_token` is his bearer from then on."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson

from app.buying.carts import actions, queries
from app.buying.carts.actions import LineChange
from app.buying.carts.schemas import AddedOut, CartChangeIn, CartChangesIn, CartLineIn, CartOut, GuestIn
from app.core.caller import PERSON as PERSON_KIND
from app.core.caller import Caller, Ref
from app.core.errors import bad_field
from app.core.guests import buyer_of, guest_of
from app.core.http.answers import Ready
from app.core.http.door import ANYONE, BUYER, PERSON, Door
from app.core.joining import join

door = Door("carts")
LINES = "/cart/lines"


@door.get(LINES, gives=CartOut, who=BUYER)
def show_cart(caller: Caller) -> Ready:
    """The caller's cart with the prices and stock of this moment."""
    return Ready(orjson.dumps(queries.whole_cart(caller.buyer)))


@door.post(LINES, takes=CartLineIn, gives=AddedOut, who=ANYONE, limit="order")
def add_to_cart(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Put goods into the cart, on top of those in it; a line keeps the link that led to it."""
    buyer, token = buyer_of(caller)
    return {**asdict(actions.add_to_cart(buyer, **given)), "guest_token": token}


@door.patch(LINES, takes=CartChangesIn, gives=CartOut, who=BUYER)
def change_cart(caller: Caller, given: dict[str, Any]) -> Ready:
    """Change quantities and ticks of several lines."""
    actions.change_lines(caller.buyer, [LineChange(**one) for one in given["lines"]])
    return Ready(orjson.dumps(queries.whole_cart(caller.buyer)))


@door.delete(LINES, who=BUYER)
def clear_cart(caller: Caller) -> None:
    """Take everything out."""
    actions.remove_lines(caller.buyer)


@door.patch(f"{LINES}/<uuid:line_id>", takes=CartChangeIn, gives=CartOut, who=BUYER)
def change_line(caller: Caller, line_id: UUID, given: dict[str, Any]) -> Ready:
    """Change the quantity or tick of a line."""
    actions.change_lines(caller.buyer, [LineChange(line_id, **given)])
    return Ready(orjson.dumps(queries.whole_cart(caller.buyer)))


@door.delete(f"{LINES}/<uuid:line_id>", who=BUYER)
def remove_line(caller: Caller, line_id: UUID) -> None:
    """Take a line out; one that is not there is out already."""
    actions.remove_lines(caller.buyer, [line_id])


@door.post("/me/guest", takes=GuestIn, who=PERSON, status=204)
def join_guest(caller: Caller, given: dict[str, Any]) -> None:
    """What the caller did as a guest before he signed in or up is his: his cart and purchases. May be sent again."""
    guest_id = guest_of(given["guest_token"])
    if guest_id is None:
        raise bad_field("guest_token", "访客凭证无效", "This is not a guest token.")
    join(Ref("guest", guest_id), Ref(PERSON_KIND, caller.person))
