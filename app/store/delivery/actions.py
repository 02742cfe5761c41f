"""What is done with parcels: send, hand over, receive, and what the end of a deadline makes of them.

Locks are taken in one order: the order with its lines (fulfilment), then its packages.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.caller import SYSTEM, Caller
from app.core.config import settings
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing, refusal_of
from app.core.events import emit
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.observability import security_event
from app.core.plain import prepared
from app.store.delivery.carriers import open_carrier
from app.store.delivery.carriers.base import BadTrack, Told
from app.store.delivery.carriers.sandbox import carrier as sandbox
from app.store.delivery.carriers.sandbox import signed_track
from app.store.delivery.events import PackageShipped, ParcelDelivered
from app.store.delivery.models import COUNTER, DELIVERED, Package, PackageLine, ParcelToEnter, PickUp, Track
from app.store.delivery.queries import hash_of, lines_to_send, pick_up_code, require_number, senders_of
from app.store.fulfilment.actions import Who, locked_order, move_lines
from app.store.fulfilment.models import OPEN, RECEIVE, SHIP, LineProgress, Move, OrderProgress
from app.store.orders.models import PICK_UP, Order
from app.store.orders.models import SHIP as BY_CARRIER
from app.store.orders.queries import is_buyer
from app.store.shops.models import SHIP as MAY_SHIP
from app.store.shops.queries import check_right, is_staff, require_right

PUT_OFF_BY = timedelta(days=3)
TURNS = 5


def ship(
    caller: Caller, order_id: UUID, carrier: str, number: str, wanted: Mapping[UUID, int] | None = None
) -> Package:
    """Enter a parcel: so many units of each line, None for all that the caller's shop has still to send.

    What a supplier sends, its own staff enters. Raises Refused 404 for who sends nothing of this order, 403 without the
    right to ship, 409 "not_paid", "wrong_method" for an order that is fetched, "another_ships" for goods that the
    caller's shop does not send (what is resold, its supplier sends), "wrong_quantity" or "shipped_already", 422 for a
    carrier or number that does not exist.
    """
    roles = senders_of(caller, order_id)
    if not roles:
        raise missing("没有这个订单", "There is no such order.")
    require_number(carrier, number)
    _, lines = locked_order(order_id)
    if db.session.get_one(Order, order_id).method != BY_CARRIER:
        raise Refused(409, "wrong_method", "此订单不需要快递", "This order is not sent by a carrier.")
    sender, mine = _sender(order_id, roles, lines)
    check_right(roles[sender], MAY_SHIP)
    units = {one: mine[one] for one in mine if mine[one]} if wanted is None else dict(wanted)
    if not units or any(one not in mine for one in units):
        raise _nothing_to_send([one for one in wanted or lines if one not in mine], lines)
    return _sent(order_id, sender, carrier, number, units, caller.ref or (SYSTEM, None))


def ship_many(caller: Caller, parcels: Sequence[ParcelToEnter]) -> list[tuple[ParcelToEnter, Refused | None]]:
    """Enter a parcel for each of these orders, each for itself; answers what was refused, and why, in their order.

    They are done in the order of their ids: two who send the same orders wait for each other, and no more.
    """
    done = {place: _entered(caller, parcels[place]) for place in _by_order(parcels)}
    return [(one, done[place]) for place, one in enumerate(parcels)]


def hand_over(caller: Caller, shop_id: UUID, code: str) -> Package:
    """Give an order to whoever has its code: it is sent and received at once.

    Raises Refused 404 for another's shop, 403 without the right to ship, 422 for a code that waits for nobody here.
    """
    require_right(shop_id, caller.person, MAY_SHIP)
    waiting = (PickUp.shop_id == shop_id, PickUp.code_hash == hash_of(shop_id, code), PickUp.fetched_at.is_(None))
    order_id = db.session.scalar(select(PickUp.order_id).where(*waiting))
    if order_id is None:
        raise bad_field("code", "没有等待自提的订单使用此码", "No order waits here for this code.")
    _, lines = locked_order(order_id)
    if not changed(update(PickUp).where(PickUp.order_id == order_id, *waiting).values(fetched_at=clock.db_now())):
        raise bad_field("code", "此码刚刚用过", "This code has just been used.")
    units = {one.line_id: one.to_ship for one in lines.values() if one.to_ship}
    if not units:
        raise Refused(409, "wrong_quantity", "此订单已取消", "Nothing of this order is left to hand over.")
    who = caller.ref or (SYSTEM, None)
    made = _sent(order_id, shop_id, COUNTER, str(order_id), units, who)
    _receive(order_id, [made], who, "fetched at the counter")
    return made


def receive(caller: Caller, order_id: UUID) -> int:
    """Its buyer has all that was sent of an order until now; answers how many packages that were.

    Told again it changes nothing. Raises Refused 404 for another's order, 409 "not_shipped" where nothing was sent.
    """
    if not is_buyer(caller.buyer, order_id):
        raise missing("没有这个订单", "There is no such order.")
    locked_order(order_id)
    found = db.session.scalars(select(Package).where(Package.order_id == order_id).order_by(Package.id)).all()
    if not found:
        raise Refused(409, "not_shipped", "此订单还没有发货", "Nothing of this order has been sent.")
    waiting = [one for one in found if one.received_at is None]
    _receive(order_id, waiting, caller.buyer, "received by the buyer")
    return len(waiting)


def put_off_receipt(caller: Caller, package_id: UUID) -> Package:
    """Let a package count as received three days later; a buyer may once. Raises Refused 404, 409 "put_off_already"."""
    found = db.session.get(Package, package_id)
    if found is None or not is_buyer(caller.buyer, found.order_id):
        raise missing("没有这个包裹", "There is no such package.")
    open_once = (Package.id == package_id, Package.received_at.is_(None), ~Package.put_off)
    later = {"receive_by": Package.receive_by + PUT_OFF_BY, "put_off": True}
    if not changed(update(Package).where(*open_once).values(later)):
        raise Refused(409, "put_off_already", "已收货，或已延长过一次", "It was received, or put off once already.")
    db.session.refresh(found)
    return found


def receive_due(most: int = 50) -> int:
    """Receive packages for buyers who say nothing until `receive_by`; answers how many. A sweep.

    An open after-sales case stops the clock. An order that somebody is changing now is passed by.
    """
    due = select(OrderProgress.order_id).join(Package, Package.order_id == OrderProgress.order_id)
    is_due = (Package.received_at.is_(None), Package.receive_by <= clock.db_now())
    due = due.where(*is_due, OrderProgress.aftersale != OPEN)
    locking = due.order_by(Package.receive_by).limit(most).with_for_update(of=OrderProgress, skip_locked=True)
    count = 0
    for order_id in dict.fromkeys(db.session.scalars(locking).all()):
        found = db.session.scalars(
            select(Package).where(Package.order_id == order_id, *is_due).order_by(Package.id)
        ).all()
        _receive(order_id, found, (SYSTEM, None), "received by time")
        count += len(found)
    reach("sweep.before_commit")
    return count


def take_track(carrier: str, headers: Mapping[str, str], body: bytes) -> int:
    """Keep what a carrier tells of a parcel, once; answers for how many packages it was news.

    Several orders may lie in one parcel. Raises Refused 401 for who is not the carrier, 400 for a message that is too
    old or cannot be read, 404 for a number that nobody entered.
    """
    try:
        told = open_carrier(carrier).read_track(headers, body)
    except BadTrack as error:
        security_event("track_refused", carrier=carrier, reason=error.reason)
        status = 401 if error.reason in {"unsigned", "forged"} else 400
        raise Refused(status, f"track_{error.reason}", "消息未通过验证", "This message was not accepted.") from error
    mine = select(Package).where(Package.carrier == carrier, Package.number == told.number).order_by(Package.id)
    found = db.session.scalars(mine).all()
    if not found:
        raise missing("没有这个运单", "There is no such parcel.")
    return sum(_note(one, told) for one in found)


def play_track(caller: Caller, package_id: UUID, state: str, place: str, words: str) -> int:
    """What the sandbox's carrier does when somebody plays it: it sends a signed message. For staff of who sent it.

    Raises Refused 404 for another's package and for one that goes by another carrier.
    """
    found = db.session.get(Package, package_id)
    if found is None or found.carrier != sandbox.name or not is_staff(found.sender_id, caller.person):
        raise missing("没有这个包裹", "There is no such package.")
    return take_track(sandbox.name, *signed_track(found.number, state, place, words))


def make_pick_up_codes(purchase_id: UUID) -> None:
    """Give each order of a purchase that is fetched at a counter its code. May be repeated."""
    for order_id, shop_id in _FETCHED.rows(id=purchase_id, method=PICK_UP):
        for turn in range(TURNS):
            told = {"turn": turn, "code_hash": hash_of(shop_id, pick_up_code(order_id, turn))}
            row = insert(PickUp).values(order_id=order_id, shop_id=shop_id, **told).on_conflict_do_nothing()
            if changed(row) or db.session.get(PickUp, order_id) is not None:
                break


# Asked where something of a purchase is fetched.
_FETCHED = prepared("SELECT id, shop_id FROM orders_orders WHERE purchase_id = :id AND method = :method ORDER BY id")


def _by_order(parcels: Sequence[ParcelToEnter]) -> list[int]:
    return sorted(range(len(parcels)), key=lambda place: (parcels[place].order_id, place))


def _entered(caller: Caller, parcel: ParcelToEnter) -> Refused | None:
    try:
        with db.session.begin_nested():
            ship(caller, *parcel)
    except Refused as refused:
        return refused
    except IntegrityError as error:
        refused_by_rule = refusal_of(error)
        if refused_by_rule is None:
            raise
        return refused_by_rule
    return None


def _note(package: Package, told: Told) -> bool:
    """Write down what was told of a package, where it is news; and that it has arrived, the first time."""
    kept = {"event_id": told.event_id, "state": told.state, "place": told.place, "words": told.words, "at": told.at}
    if not changed(insert(Track).values(package_id=package.id, **kept).on_conflict_do_nothing()):
        return False
    arrived = update(Package).where(Package.id == package.id, Package.delivered_at.is_(None))
    if told.state == DELIVERED and changed(arrived.values(delivered_at=told.at)):
        emit(ParcelDelivered(package.id, package.order_id))
    return True


def _sender(
    order_id: UUID, roles: Mapping[UUID, str], lines: Mapping[UUID, LineProgress]
) -> tuple[UUID, dict[UUID, int]]:
    """The shop that the caller sends for, and for each line that it sends how many units are left: of several shops the
    first that has something left to send."""
    found: dict[UUID, dict[UUID, int]] = {}
    for shop_id in sorted(roles):
        found[shop_id] = {one: lines[one].to_ship for one in lines_to_send(order_id, shop_id)}
    best = next((one for one in found if any(found[one].values())), next(iter(found)))
    return best, found[best]


def _nothing_to_send(others: Sequence[UUID], lines: Mapping[UUID, LineProgress]) -> Refused:
    """`others`: what was named, or is to be sent, and is not of the shop that the caller sends for."""
    told = {"line_id": [str(one) for one in others]}
    if any(one in lines and lines[one].to_ship for one in others):
        zh, en = "这些商品由供货商发货，不用您发", "Another shop sends these: what is resold, its supplier does."
        return Refused(409, "another_ships", zh, en, errors=told)
    zh, en = "没有可以发货的商品", "There is nothing of this that your shop could send."
    return Refused(409, "wrong_quantity", zh, en, errors=told)


def _sent(order_id: UUID, sender_id: UUID, carrier: str, number: str, units: Mapping[UUID, int], who: Who) -> Package:
    move_lines(order_id, [Move(one, SHIP, units[one]) for one in sorted(units)], who, f"{carrier} {number}")
    now = db.session.scalar(select(clock.db_now()))
    if now is None:
        raise LookupError("the database has no clock")
    until = now + timedelta(seconds=settings.auto_receive_seconds)
    told = {"carrier": carrier, "number": number, "shipped_at": now, "receive_by": until}
    made = Package(id=new_id(), order_id=order_id, sender_id=sender_id, put_off=False, **told)
    db.session.add(made)
    db.session.flush()
    db.session.add_all(PackageLine(package_id=made.id, line_id=one, units=units[one]) for one in units)
    db.session.flush()
    emit(PackageShipped(made.id, order_id))
    return made


def _receive(order_id: UUID, packages: Sequence[Package], who: Who, why: str) -> None:
    """The order is locked: nobody else receives these packages meanwhile."""
    ids = [one.id for one in packages]
    taken = update(Package).where(Package.id.in_(ids), Package.received_at.is_(None))
    if not ids or changed(taken.values(received_at=clock.db_now())) == 0:
        return
    units = func.sum(PackageLine.units)
    inside = select(PackageLine.line_id, units).where(PackageLine.package_id.in_(ids)).group_by(PackageLine.line_id)
    moves = [Move(line_id, RECEIVE, int(count)) for line_id, count in db.session.execute(inside)]
    move_lines(order_id, moves, who, why)
