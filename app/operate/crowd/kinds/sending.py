"""What became of paid orders: most were sent within two days and received some days later, each in one parcel."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from app.core.bulk import Columns
from app.core.caller import PERSON
from app.core.config import settings
from app.operate.crowd.kinds.base import Batch, Town
from app.operate.crowd.kinds.bought import Bought, Line
from app.operate.crowd.kinds.chance import bits, id_of, luck
from app.store.delivery.events import PackageShipped
from app.store.delivery.models import Package, PackageLine
from app.store.fulfilment.events import OrderReceived
from app.store.fulfilment.models import (
    NO_CASE,
    RECEIVED,
    SHIPPED,
    UNFULFILLED,
    FulfilmentLog,
    LineProgress,
    OrderProgress,
)

ORDERS_BEGUN = Columns(
    OrderProgress,
    ("order_id", "shop_id", "fulfilment", "aftersale", "total", "freight", "ship_by", "began_at", "received_at"),
)
LINES_BEGUN = Columns(LineProgress, ("line_id", "order_id", "sku_id", "quantity", "total", "shipped", "received"))
PROGRESS = Columns(FulfilmentLog, ("order_id", "what", "who_kind", "who_id", "before", "after", "why", "at"))
PACKAGES = Columns(
    Package, ("id", "order_id", "sender_id", "carrier", "number", "shipped_at", "receive_by", "received_at")
)
PACKAGE_LINES = Columns(PackageLine, ("package_id", "line_id", "units"))
TABLES = (ORDERS_BEGUN, LINES_BEGUN, PROGRESS, PACKAGES, PACKAGE_LINES)
CARRIERS = (("sf", "SF1{:013d}"), ("zto", "7{:013d}"), ("yto", "YT{:013d}"), ("jd", "JDV{:012d}"))
_HOURS_TO_SEND, _DAYS_ON_THE_WAY = (2, 44), (1.5, 6.5)


def send(batch: Batch, town: Town, one: Bought, orders: Sequence[tuple[UUID, UUID, int]]) -> None:
    """Each order of a paid purchase as far as it is at the town's last moment."""
    for order_id, shop_id, total in orders:
        chance = luck("sending", order_id)
        shipped, received = _times(town, one, chance)
        stands = RECEIVED if received else SHIPPED if shipped else UNFULFILLED
        ship_by = one.ended + timedelta(seconds=settings.ship_within_seconds)
        batch.add(ORDERS_BEGUN, order_id, shop_id, stands, NO_CASE, total, 0, ship_by, one.ended, received)
        lines = [line for line in one.lines if line.ware.shop.id == shop_id]
        for line in lines:
            moved = (line.quantity if shipped else 0, line.quantity if received else 0)
            batch.add(LINES_BEGUN, line.id, order_id, line.variant.id, line.quantity, line.amount, *moved)
        if shipped:
            _pack(batch, one, order_id, lines, (shipped, received), chance)


def received_at(town: Town, one: Bought, order_id: UUID) -> datetime | None:
    """When the buyer had all of an order, None if he has not yet."""
    return _times(town, one, luck("sending", order_id))[1]


def _times(town: Town, one: Bought, chance: Random) -> tuple[datetime | None, datetime | None]:
    """When it was sent and when its buyer had it; None for what is yet to come."""
    shipped = one.ended + timedelta(hours=chance.uniform(*_HOURS_TO_SEND))
    received = shipped + timedelta(days=chance.uniform(*_DAYS_ON_THE_WAY))
    return (shipped if shipped < town.end else None), (received if received < town.end else None)


def _pack(
    batch: Batch,
    one: Bought,
    order_id: UUID,
    lines: Sequence[Line],
    times: tuple[datetime, datetime | None],
    chance: Random,
) -> None:
    shipped, received = times
    shop = lines[0].ware.shop
    carrier, shape = chance.choice(CARRIERS)
    number = shape.format(chance.randrange(10**12))
    package_id = id_of(shipped, bits("package", order_id))
    until = shipped + timedelta(seconds=settings.auto_receive_seconds)
    batch.add(PACKAGES, package_id, order_id, shop.id, carrier, number, shipped, until, received)
    for line in lines:
        batch.add(PACKAGE_LINES, package_id, line.id, line.quantity)
    sender = (PERSON, shop.owner_id, UNFULFILLED, SHIPPED, f"{carrier} {number}", shipped)
    batch.add(PROGRESS, order_id, "fulfilment", *sender)
    batch.tell(PackageShipped(package_id, order_id))
    if received:
        batch.add(PROGRESS, order_id, "fulfilment", *one.buyer, SHIPPED, RECEIVED, "received by the buyer", received)
        batch.tell(OrderReceived(order_id))
