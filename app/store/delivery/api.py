"""Doors of parcels: for who sends them, for who waits for them, and for their carriers."""

from typing import Any
from uuid import UUID

import orjson
from flask import request

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready
from app.core.http.door import BUYER, PERSON, Door
from app.store.delivery import actions, queries
from app.store.delivery.carriers import open_carriers
from app.store.delivery.models import ParcelToEnter
from app.store.delivery.schemas import (
    CarriersOut,
    CodeIn,
    EnteredAllOut,
    MadePackageOut,
    PackageIn,
    PackagesOut,
    ParcelsIn,
    ParcelsOut,
    PlayedTrackIn,
    TrackTakenOut,
)

LARGEST_MESSAGE = 1 << 16
door = Door("delivery", for_keys=True)


@door.get("/carriers", gives=CarriersOut, who=None)
def list_carriers() -> dict[str, Any]:
    """The carriers that parcels may go by."""
    return {"items": open_carriers(), "next": None}


@door.get("/orders/<uuid:order_id>/packages", gives=PackagesOut, who=BUYER)
def list_packages(caller: Caller, order_id: UUID) -> Ready:
    """What was sent of an order and where it is, for its buyer and for who sends it."""
    return Ready(orjson.dumps(queries.packages_of(caller, order_id)))


@door.post("/orders/<uuid:order_id>/packages", takes=PackageIn, gives=MadePackageOut, limit="order")
def ship(caller: Caller, order_id: UUID, given: dict[str, Any]) -> Ready:
    """Enter a parcel of an order; without lines it holds all that is still to be sent."""
    wanted = None if given["lines"] is None else {one["line_id"]: one["units"] for one in given["lines"]}
    made = actions.ship(caller, order_id, given["carrier"], given["number"], wanted)
    return Ready(orjson.dumps(queries.packages_of(caller, order_id) | {"made": made.id}))


@door.post("/orders/<uuid:order_id>/receipt", gives=PackagesOut, who=BUYER, limit="order")
def receive(caller: Caller, order_id: UUID) -> Ready:
    """Its buyer has what was sent of an order until now."""
    actions.receive(caller, order_id)
    return Ready(orjson.dumps(queries.packages_of(caller, order_id)))


@door.put("/packages/<uuid:package_id>/extension", gives=PackagesOut, who=BUYER, limit="order", for_keys=False)
def put_off_receipt(caller: Caller, package_id: UUID) -> Ready:
    """Let a package count as received three days later; once."""
    put_off = actions.put_off_receipt(caller, package_id)
    return Ready(orjson.dumps(queries.packages_of(caller, put_off.order_id)))


@door.get("/shops/<uuid:shop_id>/parcels", gives=ParcelsOut, asks=PageQuery, who=PERSON)
def list_parcels(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> Ready:
    """What a shop has to send, its own orders and those that it supplies, the first due first."""
    return Ready(orjson.dumps(queries.to_send(shop_id, caller.person, **asked)))


@door.post("/parcels", takes=ParcelsIn, gives=EnteredAllOut, status=200, limit="order")
def ship_many(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Enter one parcel each for many orders; what is refused is said for each."""
    done = actions.ship_many(caller, [ParcelToEnter(**one) for one in given["parcels"]])
    items = [{"order_id": one.order_id, "number": one.number, "refused": no.code if no else None} for one, no in done]
    return {"items": items, "next": None}


@door.post("/shops/<uuid:shop_id>/pick-ups", takes=CodeIn, gives=PackagesOut, limit="order")
def hand_over(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> Ready:
    """Hand an order over at the counter to whoever shows its code."""
    made = actions.hand_over(caller, shop_id, given["code"])
    return Ready(orjson.dumps(queries.packages_of(caller, made.order_id)))


@door.post("/callbacks/carriers/<name>", gives=TrackTakenOut, who=None, status=200, limit="callback", key="none")
def take_track(name: str) -> dict[str, Any]:
    """A carrier tells where a parcel is. Signed; told again it changes nothing."""
    request.max_content_length = LARGEST_MESSAGE
    return {"kind": "track", "news": actions.take_track(name, dict(request.headers), request.get_data())}


@door.post(
    "/sandbox/packages/<uuid:package_id>/tracks",
    takes=PlayedTrackIn,
    gives=TrackTakenOut,
    status=200,
    limit="order",
    key="none",
    for_keys=False,
)
def play_track(caller: Caller, package_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Play the sandbox's carrier: tell where a parcel is. Only for who sent it."""
    return {"kind": "track", "news": actions.play_track(caller, package_id, **given)}
