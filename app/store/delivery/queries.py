"""Questions about parcels: what of an order was sent and where it is, and what a shop has to send."""

import hashlib
import hmac
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, and_, cast, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.core import paging
from app.core.caller import Caller
from app.core.clock import iso
from app.core.config import settings
from app.core.db import db
from app.core.errors import bad_field, missing
from app.store.delivery.carriers import names, open_carrier, open_carriers
from app.store.delivery.models import COUNTER, Package, PackageLine, ParcelToEnter, PickUp, Track
from app.store.fulfilment.models import PARTLY_SHIPPED, UNFULFILLED, LineProgress, OrderProgress
from app.store.orders.models import SHIP, Order, OrderLine, Purchase
from app.store.orders.queries import is_buyer
from app.store.shops.queries import require_staff, roles_in

AT_ONCE = 2000
"""Orders of a sheet that are read at once."""
_DUE: ColumnElement[datetime] = func.coalesce(OrderProgress.ship_by, OrderProgress.began_at).label("due")
AT_COUNTER = ("门店自提", "Fetched at the counter")


def packages_of(caller: Caller, order_id: UUID) -> dict[str, Any]:
    """The packages of an order, first one first, with what carriers told; and the code to fetch it with, for its buyer.

    For the buyer, the staff of its shop and of those who supply it. Raises Refused 404 for everybody else. 4 queries.
    """
    mine = caller.ref is not None and is_buyer(caller.ref, order_id)
    if not mine and not senders_of(caller, order_id):
        raise missing("没有这个订单", "There is no such order.")
    wanted = select(Package).where(Package.order_id == order_id).order_by(Package.shipped_at, Package.id)
    found = db.session.scalars(wanted).all()
    code = pick_up_code_of(order_id) if mine else None
    return {"items": _shown(found), "next": None, "pick_up_code": code}


def senders_of(caller: Caller, order_id: UUID) -> dict[UUID, str]:
    """The shops that send something of this order and in which the caller works, and his role in each. Two queries."""
    if caller.person_id is None:
        return {}
    lines = select(OrderLine.shop_id, OrderLine.supplier_id).where(OrderLine.order_id == order_id)
    shops = {one for row in db.session.execute(lines) for one in row if one is not None}
    return roles_in(shops, caller.person_id)


def lines_to_send(order_id: UUID, sender_id: UUID) -> list[UUID]:
    """The ids of the lines of an order that this shop sends."""
    wanted = select(OrderLine.id).where(OrderLine.order_id == order_id, _sender() == sender_id)
    return list(db.session.scalars(wanted.order_by(OrderLine.position)))


def to_send(shop_id: UUID, person_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the orders that this shop has to send something of, its own and those that it supplies, the first due
    first: address, note and goods, and nothing else of the buyer. Raises Refused 404 for who does not work there. Three
    queries."""
    require_staff(shop_id, person_id)
    scope = f"to_send:{shop_id}"
    wanted = _waiting(shop_id, OrderProgress, Purchase.address, Purchase.note)
    place = paging.values_of(scope, cursor)
    if place is not None:
        after = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(_DUE, OrderProgress.order_id) > after)
    rows = db.session.execute(wanted.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.due), str(last[0].order_id)]) if last else None
    lines = _lines_left([row[0].order_id for row in rows[:limit]], shop_id)
    items = [_parcel(one, address, note, lines[one.order_id]) for one, address, note, _ in rows[:limit]]
    return {"items": items, "next": following}


def sheet_to_send(shop_id: UUID, person_id: UUID) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
    """All of them for a sheet, AT_ONCE at a time: order_id, ship_by, address, note, and `goods` in one line. Nothing is
    held in between, so each time may be a unit of work of its own. Raises Refused 404. One query a time."""
    require_staff(shop_id, person_id)
    left, sender = LineProgress.quantity - LineProgress.cancelled - LineProgress.shipped, _sender()
    said = OrderLine.title + " " + OrderLine.sku_name + " × " + cast(left, Text)
    goods = select(func.string_agg(said, aggregate_order_by(literal_column("'; '"), OrderLine.position)))
    goods = goods.join_from(OrderLine, LineProgress, LineProgress.line_id == OrderLine.id)
    goods = goods.where(OrderLine.order_id == OrderProgress.order_id, sender == shop_id, left > 0)
    address = func.coalesce(OrderProgress.address, Purchase.address).label("address")
    columns = (OrderProgress.order_id, OrderProgress.ship_by, address, Purchase.note, goods.label("goods"))
    wanted = _waiting(shop_id, *columns)
    after: tuple[datetime, UUID] | None = None
    while True:
        place = [tuple_(_DUE, OrderProgress.order_id) > after] if after else []
        rows = db.session.execute(wanted.where(*place).limit(AT_ONCE)).all()
        if not rows:
            return
        yield rows
        after = rows[-1].due, rows[-1].order_id


def pick_up_code_of(order_id: UUID) -> str | None:
    """The code with which its buyer fetches an order that waits for him."""
    turn = db.session.scalar(select(PickUp.turn).where(PickUp.order_id == order_id, PickUp.fetched_at.is_(None)))
    return None if turn is None else pick_up_code(order_id, turn)


def pick_up_code(order_id: UUID, turn: int) -> str:
    """Eight digits that follow from the order and a secret of ours, so that none is kept."""
    return f"{int.from_bytes(_keyed(f'pick-up:{order_id}:{turn}')[:8], 'big') % 10**8:08d}"


def hash_of(shop_id: UUID, code: str) -> str:
    """What is kept of a code: good in one shop only."""
    return _keyed(f"pick-up-code:{shop_id}:{code}").hex()


def known_parcels(sender_id: UUID, parcels: Collection[ParcelToEnter]) -> set[ParcelToEnter]:
    """Those of these parcels that this shop has entered before. One query."""
    asked = [tuple(one) for one in parcels]
    wanted = select(Package.order_id, Package.carrier, Package.number).where(Package.sender_id == sender_id)
    these = tuple_(Package.order_id, Package.carrier, Package.number).in_(asked)
    return {ParcelToEnter(*row) for row in db.session.execute(wanted.where(these))} if asked else set()


def carriers_to_choose() -> list[tuple[str, str, str]]:
    """(name, what it is called in Chinese and English) of each carrier that this installation sends with."""
    return [(one.name, one.zh, one.en) for one in open_carriers()]


def require_number(carrier: str, number: str) -> None:
    """Raises Refused 422 for a carrier that does not exist, or a number that is none of its."""
    found = open_carrier(carrier)
    if not found.takes(number):
        zh = f"运单号格式不对：{found.zh}的运单号是{found.form_zh}"
        raise bad_field("number", zh, f"This is no number of {found.en}: those are {found.form_en}.")


def place_of_parcel(order_id: UUID) -> dict[str, Any]:
    """Of a paid order for who sends it: {fulfilment, address}, the address as it is now, None where none is needed. The
    caller has asked who that is."""
    wanted = select(OrderProgress, Purchase.address).join(Order, Order.id == OrderProgress.order_id)
    wanted = wanted.join(Purchase, Purchase.id == Order.purchase_id).where(OrderProgress.order_id == order_id)
    progress, address = db.session.execute(wanted).one()
    return {"fulfilment": progress.fulfilment, "address": progress.address or address}


def carrier_names() -> dict[str, tuple[str, str]]:
    """What each carrier is called in Chinese and English, also those that this installation sends with no more."""
    return names() | {COUNTER: AT_COUNTER}


def carrier_name(name: str) -> tuple[str, str]:
    """What a carrier is called in Chinese and English."""
    return carrier_names().get(name, (name, name))


def _sends_of(shop_id: UUID) -> ColumnElement[bool]:
    """SQL: this shop has something of this OrderProgress to send."""
    waits = OrderProgress.fulfilment.in_((UNFULFILLED, PARTLY_SHIPPED))
    left = LineProgress.quantity > LineProgress.cancelled + LineProgress.shipped
    lines = select(OrderLine.id).join(LineProgress, LineProgress.line_id == OrderLine.id).where(left)
    own = lines.where(OrderLine.order_id == OrderProgress.order_id, OrderLine.supplier_id.is_(None)).exists()
    supplied = select(OrderLine.order_id).join(LineProgress, LineProgress.line_id == OrderLine.id)
    supplied = supplied.where(left, OrderLine.supplier_id == shop_id)
    return and_(waits, or_(and_(OrderProgress.shop_id == shop_id, own), OrderProgress.order_id.in_(supplied)))


def _waiting(shop_id: UUID, *columns: Any) -> Select[*tuple[Any, ...]]:
    """SQL: these columns, and `due`, of the orders that this shop has to send something of, the first due first."""
    wanted = select(*columns, _DUE).join_from(OrderProgress, Order, Order.id == OrderProgress.order_id)
    wanted = wanted.join(Purchase, Purchase.id == Order.purchase_id).where(_sends_of(shop_id), Order.method == SHIP)
    return wanted.order_by(_DUE, OrderProgress.order_id)


def _sender() -> ColumnElement[UUID]:
    """SQL: who sends an OrderLine."""
    return func.coalesce(OrderLine.supplier_id, OrderLine.shop_id)


def _lines_left(order_ids: Sequence[UUID], shop_id: UUID) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {one: [] for one in order_ids}
    wanted = select(OrderLine, LineProgress).join(LineProgress, LineProgress.line_id == OrderLine.id)
    wanted = wanted.where(OrderLine.order_id.in_(found), _sender() == shop_id).order_by(OrderLine.position)
    for line, progress in db.session.execute(wanted) if found else ():
        if progress.to_ship:
            goods = {"title": line.title, "sku_name": line.sku_name, "sku_id": line.sku_id}
            found[line.order_id].append({"line_id": line.id, **goods, "units": progress.to_ship})
    return found


def _parcel(
    progress: OrderProgress, address: dict[str, Any] | None, note: str, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": progress.order_id,
        "kind": "parcel",
        "address": progress.address or address,
        "note": note,
        "lines": lines,
        "ship_by": iso(progress.ship_by) if progress.ship_by else None,
        "fulfilment": progress.fulfilment,
    }


def _shown(found: Sequence[Package]) -> list[dict[str, Any]]:
    ids = [one.id for one in found]
    lines = db.session.scalars(select(PackageLine).where(PackageLine.package_id.in_(ids))).all() if ids else []
    told = select(Track).where(Track.package_id.in_(ids)).order_by(Track.at, Track.id)
    tracks = db.session.scalars(told).all() if ids else []
    return [
        {
            "id": one.id,
            "kind": "package",
            "carrier": {"name": one.carrier, "zh": carrier_name(one.carrier)[0], "en": carrier_name(one.carrier)[1]},
            "number": one.number,
            "lines": [{"line_id": row.line_id, "units": row.units} for row in lines if row.package_id == one.id],
            "tracks": [
                {"state": row.state, "place": row.place, "words": row.words, "at": iso(row.at)}
                for row in tracks
                if row.package_id == one.id
            ],
            "shipped_at": iso(one.shipped_at),
            "delivered_at": iso(one.delivered_at) if one.delivered_at else None,
            "receive_by": iso(one.receive_by),
            "put_off": one.put_off,
            "received_at": iso(one.received_at) if one.received_at else None,
        }
        for one in found
    ]


def _keyed(words: str) -> bytes:
    return hmac.new(settings.secret_key.encode(), words.encode(), hashlib.sha256).digest()
