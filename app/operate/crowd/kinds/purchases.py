"""Purchases with all that they leave behind: checkouts, holds and stock, orders, payments, what the ledger says.

What the sweeps would have deleted meanwhile is not written: checkouts after 30 days, ended holds after 7.
"""

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from uuid import UUID

from app.buying.checkout.models import PURCHASED, Checkout, CheckoutLine, CheckoutLog, holder
from app.core import money
from app.core.bulk import Columns
from app.core.caller import PERSON, SYSTEM, Ref
from app.core.config import settings
from app.discover.recommendations.actions import DEVICE
from app.operate.crowd.kinds import echoes, names, paying, posts, sending
from app.operate.crowd.kinds.base import Batch, Size, Town
from app.operate.crowd.kinds.bought import Bought, Line, bought
from app.operate.crowd.kinds.chance import bits, id_of, luck
from app.operate.crowd.kinds.goods import MOVEMENTS
from app.store.inventory.models import COMMITTED, KEPT_DAYS, RELEASED, Hold
from app.store.orders.events import OrderPaid, PurchaseCancelled, PurchaseLapsed, PurchasePaid, PurchasePlaced
from app.store.orders.models import LAPSED, PAID, UNPAID, Order, OrderLine, OrderLog, Purchase
from app.store.orders.queries import PURCHASE

CHECKOUTS = Columns(
    Checkout, ("id", "buyer_kind", "buyer_id", "state", "address", "note", "offers", "expires_at", "created_at")
)
CHECKOUT_LINES = Columns(
    CheckoutLine, ("id", "checkout_id", "position", "product_id", "sku_id", "quantity", "link_code")
)
CHECKOUT_LOG = Columns(CheckoutLog, ("checkout_id", "who_kind", "who_id", "before", "after", "why", "at"))
HOLDS = Columns(
    Hold,
    ("id", "sku_id", "quantity", "subject_kind", "subject_id", "state", "expires_at", "ended_at", "created_at"),
)
PURCHASES = Columns(
    Purchase,
    (
        *("id", "buyer_kind", "buyer_id", "checkout_id", "total", "currency", "status", "pay_by", "address", "note"),
        *("created_at", "paid_at"),
    ),
)
ORDERS = Columns(Order, ("id", "purchase_id", "status", "shop_id", "total", "created_at"))
LINES = Columns(
    OrderLine,
    (
        *("id", "order_id", "purchase_id", "shop_id", "position", "product_id", "sku_id", "title", "sku_name"),
        *("price", "quantity", "link_id", "post_id", "promoter_id", "own_purchase"),
    ),
)
LOG = Columns(OrderLog, ("purchase_id", "who_kind", "who_id", "before", "after", "why", "at"))
CHECKOUT_DAYS = 30
RESTOCKED = timedelta(minutes=20)
SOON_FORGOTTEN = 0.1
"""Days: what a sweep would forget while the town is filled is not written."""


class Purchases:
    name = "purchases"
    most = 400
    tables = (
        *(PURCHASES, ORDERS, LINES, LOG, CHECKOUTS, CHECKOUT_LINES, CHECKOUT_LOG, HOLDS, MOVEMENTS),
        *(*paying.TABLES, *sending.TABLES, echoes.VIEWS, echoes.CLICKS),
    )

    def how_many(self, size: Size) -> int:
        return size.purchases

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        books = paying.books(town)
        for one in sorted((bought(town, number) for number in numbers), key=lambda found: found.placed):
            chance = luck("rows of purchase", one.number)
            address = names.address(_name_of(one), chance)
            _place(batch, town, one, address)
            if town.age_days(one.opened) < CHECKOUT_DAYS - SOON_FORGOTTEN:
                _check_out(batch, town, one, address)
            _come(batch, town, one, chance)
            _end(batch, town, one, chance, books)
            _move_stock(batch, town, one)
        return batch


def _name_of(one: Bought) -> str:
    return names.nickname(one.number if one.buyer_name is None else one.buyer_name)


def _place(batch: Batch, town: Town, one: Bought, address: dict[str, str]) -> None:
    """The purchase, an order for each shop in the order of the lines, and its lines."""
    paid_at = one.ended if one.status == PAID else None
    amounts = (one.total, money.CURRENCY, one.status, one.placed + timedelta(seconds=settings.unpaid_seconds))
    batch.add(PURCHASES, one.id, *one.buyer, one.checkout_id, *amounts, address, "", one.placed, paid_at)
    for order_id, shop_id, total in orders_of(one):
        batch.add(ORDERS, order_id, one.id, one.status, shop_id, total, one.placed)
    by_shop = {shop_id: order_id for order_id, shop_id, _ in orders_of(one)}
    for place, line in enumerate(one.lines):
        shop_id, sku = line.ware.shop.id, line.variant
        goods = (line.ware.id, sku.id, line.ware.title, sku.name, sku.price, line.quantity)
        owed = _owed(town, one) if place == 0 else (None, None, None, False)
        batch.add(LINES, line.id, by_shop[shop_id], one.id, shop_id, place, *goods, *owed)
    batch.add(LOG, one.id, *one.buyer, None, UNPAID, "placed", one.placed)
    batch.tell(PurchasePlaced(one.id))


def orders_of(one: Bought) -> list[tuple[UUID, UUID, int]]:
    """(order, shop, total in 分) of each shop, in the order in which they first appear."""
    totals: dict[UUID, int] = {}
    for line in one.lines:
        totals[line.ware.shop.id] = totals.get(line.ware.shop.id, 0) + line.amount
    return [
        (id_of(one.placed, bits("order", one.number, place)), shop_id, total)
        for place, (shop_id, total) in enumerate(totals.items())
    ]


def _owed(town: Town, one: Bought) -> tuple[UUID | None, UUID | None, UUID | None, bool]:
    """The link, its post, its promoter, and whether the buyer is the promoter himself."""
    if one.via is None:
        return None, None, None, False
    post, place = one.via
    return posts.link_id(post, place), post.id, town.person(post.author), one.buyer_name == post.author


def _check_out(batch: Batch, town: Town, one: Bought, address: dict[str, str]) -> None:
    until = one.opened + timedelta(seconds=settings.checkout_hold_seconds)
    batch.add(CHECKOUTS, one.checkout_id, *one.buyer, PURCHASED, address, "", [], until, one.opened)
    for place, line in enumerate(one.lines):
        code = posts.link_code(*one.via) if one.via and place == 0 else None
        goods = (line.ware.id, line.variant.id, line.quantity, code)
        batch.add(CHECKOUT_LINES, _id(one, "basket", place), one.checkout_id, place, *goods)
    batch.add(CHECKOUT_LOG, one.checkout_id, *one.buyer, "open", PURCHASED, "purchased", one.placed)


def _come(batch: Batch, town: Town, one: Bought, chance: Random) -> None:
    """By the link of a post: it was seen and its link opened, by a guest as himself, by others as strangers."""
    if one.via is None:
        return
    post, place = one.via
    at = posts.just_before(one.opened, chance)
    is_guest = one.buyer.kind != PERSON
    visitor = tuple(one.buyer) if is_guest else (None, None)
    viewer = one.buyer if is_guest else Ref(DEVICE, echoes.stranger(chance))
    batch.add(echoes.CLICKS, posts.link_id(post, place), post.wares[place].id, *visitor, viewer.id, at)
    echoes.view(batch, post.id, viewer.kind, viewer.id, at, chance)


def _end(batch: Batch, town: Town, one: Bought, chance: Random, books: paying.Books) -> None:
    if one.status == PAID:
        payment_id = paying.pay(batch, one, orders_of(one), chance, books)
        batch.add(LOG, one.id, "payment", payment_id, UNPAID, PAID, "payment settled", one.ended)
        batch.tell(*(OrderPaid(order_id) for order_id, *_ in orders_of(one)), PurchasePaid(one.id))
        sending.send(batch, town, one, orders_of(one))
    elif one.status == LAPSED:
        paying.give_up(batch, one, chance)
        batch.add(LOG, one.id, SYSTEM, None, UNPAID, one.status, "not paid in time", one.ended)
        batch.tell(PurchaseLapsed(one.id))
    else:
        batch.add(LOG, one.id, *one.buyer, UNPAID, one.status, "cancelled by the buyer", one.ended)
        batch.tell(PurchaseCancelled(one.id))


def _move_stock(batch: Batch, town: Town, one: Bought) -> None:
    """Taken at the checkout; given back, or sold, and then the shop puts as many on the shelf again."""
    for place, line in enumerate(one.lines):
        sku_id, units = line.variant.id, line.quantity
        batch.add(MOVEMENTS, sku_id, -units, "held", *holder(one.checkout_id), one.opened)
        if one.status == PAID:
            batch.add(MOVEMENTS, sku_id, units, "set", PERSON, line.ware.shop.owner_id, one.ended + RESTOCKED)
        else:
            batch.add(MOVEMENTS, sku_id, units, "released", PURCHASE, one.id, one.ended)
        if town.age_days(one.ended) < KEPT_DAYS - SOON_FORGOTTEN:
            _hold(batch, one, place, line)


def _hold(batch: Batch, one: Bought, place: int, line: Line) -> None:
    state = COMMITTED if one.status == PAID else RELEASED
    until = one.placed + timedelta(seconds=settings.unpaid_seconds)
    whose = (PURCHASE, one.id, state, until, one.ended, one.opened)
    hold_id = id_of(one.opened, bits("hold", one.number, place))
    batch.add(HOLDS, hold_id, line.variant.id, line.quantity, *whose)


def _id(one: Bought, *name: object) -> UUID:
    return id_of(one.opened, bits(*name, one.number))


group = Purchases()
