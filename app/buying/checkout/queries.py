"""Questions about checkouts: whose, what is in it, what it costs at this moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, Uuid, bindparam, func, select

from app.buying.baskets.models import Basket, BasketLine, LineWanted
from app.buying.baskets.queries import fetched, goods_lines, priced, saved_by, shown_basket
from app.buying.checkout.models import IS_OPEN, OPEN, PURCHASED, RELEASED, Checkout, CheckoutLine
from app.core import clock
from app.core.caller import PERSON, Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, bad_field, missing
from app.core.money import CURRENCY
from app.core.paging import MOST
from app.core.plain import Prepared, Row, array_of, prepared
from app.plays.coupons.models import USABLE
from app.plays.coupons.queries import coupons_of
from app.store.orders.models import Purchase
from app.store.orders.queries import PURCHASE
from app.store.warehouses.queries import points_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """Goods that are held for a buyer `until` then: in an open "checkout", or in a "purchase" that is not paid yet."""

    kind: str
    id: UUID
    until: datetime

    @property
    def url(self) -> str:
        """Where he goes on."""
        return f"/purchases/{self.id}" if self.kind == PURCHASE else f"/checkout/{self.id}"


def checkout_or_missing(buyer: Ref, checkout_id: UUID, lock: bool = False) -> Checkout:
    """A buyer's own checkout. Raises Refused 404 for another's: that it exists is nobody else's business."""
    wanted = {"id": checkout_id, "kind": buyer.kind, "buyer": buyer.id, "ahead": clock.ahead()}
    found = (_MINE_LOCKED if lock else _MINE).row(**wanted)
    if found is None:
        raise missing("没有这个结算单", "There is no such checkout.")
    *columns, is_over = found
    checkout = Checkout(**dict(zip(_COLUMNS, columns, strict=True)))
    checkout.is_over = is_over  # the sweep may be a moment behind
    return checkout


def require_open(found: Checkout) -> None:
    """Raises Refused 409: "already_purchased", with the purchase's id, or "expired"."""
    if found.state == PURCHASED:
        errors = {"purchase_id": [str(purchase_of(found.id))]}
        zh, en = "此结算单已经下单", "This checkout has been purchased."
        raise Refused(409, "already_purchased", zh, en, errors=errors)
    if found.state == RELEASED or found.is_over:
        raise Refused(409, "expired", "结算单已过期，请重新下单", "This checkout has expired: open a new one.")


def shown_state(found: Checkout) -> str:
    """The state as its buyer sees it: a checkout past its deadline is released, swept or not."""
    return RELEASED if found.state == OPEN and found.is_over else found.state


def purchase_of(checkout_id: UUID) -> UUID | None:
    """The purchase that a checkout became."""
    return db.session.scalar(select(Purchase.id).where(Purchase.checkout_id == checkout_id))


_COLUMNS = tuple(column.name for column in Checkout.__table__.columns)
_IS_OVER = Checkout.expires_at <= func.now() + bindparam("ahead", type_=Interval)
_OWN = select(*Checkout.__table__.columns, _IS_OVER).where(
    Checkout.id == bindparam("id", type_=Uuid),
    Checkout.buyer_kind == bindparam("kind"),
    Checkout.buyer_id == bindparam("buyer", type_=Uuid),
)
_MINE, _MINE_LOCKED = Prepared(_OWN), Prepared(_OWN.with_for_update())
_LINES = Prepared(
    select(CheckoutLine.id, CheckoutLine.quantity, CheckoutLine.link_code, CheckoutLine.sku_id)
    .add_columns(CheckoutLine.cart_line_id)
    .where(CheckoutLine.checkout_id == bindparam("checkout_id", type_=Uuid))
    .order_by(CheckoutLine.position)
)
_OPEN = Prepared(
    select(Checkout.id)
    .where(Checkout.buyer_kind == bindparam("kind"), Checkout.buyer_id == bindparam("buyer", type_=Uuid), IS_OPEN)
    .order_by(Checkout.created_at.desc(), Checkout.id.desc())
    .offset(bindparam("after"))
)


def lines_of(checkout_id: UUID, pick_ups: Collection[str]) -> list[BasketLine]:
    """The lines of a checkout in their order, with their goods as they are sold now; those of the shops in `pick_ups`
    are fetched."""
    lines = goods_lines([(row.id, _want(row)) for row in _LINES.rows(checkout_id=checkout_id)])
    return fetched(lines, pick_ups) if pick_ups else lines


def _want(row: Row) -> LineWanted:
    return LineWanted(row.sku_id, row.quantity, row.link_code, row.cart_line_id)


def chosen_points(
    lines: Sequence[BasketLine], known: Mapping[str, str], chosen: Mapping[UUID, UUID] | None
) -> dict[str, str]:
    """Where goods of which shops are fetched (`chosen` None: as it was); of shops that are in the basket no more, or
    with goods that another one sends, nowhere. Raises Refused 422 (field "pick_ups") for a place that is not its
    shop's, or such goods. One query, none without a choice."""
    shops = {line.shop_id for line in lines} - {line.shop_id for line in lines if line.is_resold}
    if chosen is None:
        return {shop: place for shop, place in known.items() if UUID(shop) in shops}
    points = {(one.shop_id, one.id) for one in points_at(chosen.values()).values()}
    if not set(chosen) <= shops or not set(chosen.items()) <= points:
        zh, en = "这家店的商品不能在此自提", "The goods of this shop are not fetched there."
        raise bad_field("pick_ups", zh, en)
    return {str(shop): str(place) for shop, place in chosen.items()}


def in_lines(refused: Refused, lines: Sequence[BasketLine]) -> Refused:
    """A refusal of stock in the buyer's words: of goods that others supply it names their SKU, he knows the shop's."""
    named = refused.errors.get("sku_id")
    if isinstance(named, list):
        of_stock = {UUID(one) for one in named}
        wanted = [str(line.sku_id) for line in lines if line.sku.stock_sku_id in of_stock]
        refused.errors = {**refused.errors, "sku_id": list(dict.fromkeys(wanted))}
    return refused


def wants_of(buyer: Ref, checkout_id: UUID) -> list[LineWanted]:
    """What a buyer's checkout is of; nothing where he has none of this id."""
    if _MINE.row(id=checkout_id, kind=buyer.kind, buyer=buyer.id, ahead=clock.ahead()) is None:
        return []
    return [_want(row) for row in _LINES.rows(checkout_id=checkout_id)]


def waiting_for(buyers: Sequence[Ref], product_id: UUID) -> Waiting | None:
    """The newest thing in which one of `buyers` has this product held and has not paid for it. One query at most."""
    who = {"kinds": [one.kind for one in buyers], "ids": array_of(one.id for one in buyers)}
    found = WAITING.row(**who, product=product_id, ahead=clock.ahead()) if buyers else None
    return Waiting(found.kind, found.id, found.until) if found else None


# Ids of people and of guests are never alike, so pairs need not be compared. The few things of the buyers come first
# (MATERIALIZED), then their lines one by one (OFFSET 0: no join): else the one plan for all values may begin at the
# lines, and read all that were ever sold of a star.
WAITING = prepared(
    "WITH open AS MATERIALIZED (SELECT c.id, c.expires_at, c.created_at FROM checkout_checkouts c"
    "  WHERE c.state = 'open' AND c.expires_at > now() + :ahead"
    "   AND c.buyer_kind = ANY(CAST(:kinds AS text[])) AND c.buyer_id = ANY(CAST(:ids AS uuid[]))),"
    " unpaid AS MATERIALIZED (SELECT p.id, p.pay_by, p.created_at FROM orders_purchases p"
    "  WHERE p.status = 'unpaid' AND p.pay_by > now() + :ahead"
    "   AND p.buyer_kind = ANY(CAST(:kinds AS text[])) AND p.buyer_id = ANY(CAST(:ids AS uuid[])))"
    " SELECT 'checkout' AS kind, open.id, open.expires_at AS until, open.created_at FROM open"
    "  WHERE EXISTS (SELECT FROM checkout_lines l WHERE l.checkout_id = open.id AND l.product_id = :product OFFSET 0)"
    " UNION ALL SELECT 'purchase', unpaid.id, unpaid.pay_by, unpaid.created_at FROM unpaid"
    "  WHERE EXISTS (SELECT FROM orders_lines l WHERE l.purchase_id = unpaid.id AND l.product_id = :product OFFSET 0)"
    " ORDER BY created_at DESC LIMIT 1"
)


def open_checkouts(buyers: Sequence[Ref]) -> list[dict[str, Any]]:
    """What these buyers have not ordered yet, newest first: {id, expires_at, lines: {product_id, title}}. One query."""
    who = {"kinds": [one.kind for one in buyers], "ids": array_of(one.id for one in buyers)}
    return [row._asdict() for row in _OPEN_OF.rows(**who, ahead=clock.ahead())]


_OPEN_OF = prepared(
    "SELECT c.id, c.expires_at, jsonb_agg(jsonb_build_object('product_id', p.id, 'title', p.title)"
    "  ORDER BY l.position) AS lines FROM checkout_checkouts c"
    " JOIN checkout_lines l ON l.checkout_id = c.id JOIN catalogue_products p ON p.id = l.product_id"
    " WHERE c.state = 'open' AND c.expires_at > now() + :ahead"
    "  AND c.buyer_kind = ANY(CAST(:kinds AS text[])) AND c.buyer_id = ANY(CAST(:ids AS uuid[]))"
    " GROUP BY c.id ORDER BY c.created_at DESC, c.id DESC"
)


def open_ids(buyer: Ref, after: int) -> list[UUID]:
    """A buyer's open checkouts but the newest `after` ones, oldest last."""
    return [row.id for row in _OPEN.rows(kind=buyer.kind, buyer=buyer.id, after=after)]


def whole_checkout(
    checkout: Checkout, basket: Basket, state: str | None = None, guest_token: str | None = None
) -> dict[str, Any]:
    """The answer of every door of a checkout."""
    return {
        **shown_basket(basket),
        "id": checkout.id,
        "kind": "checkout",
        "state": state or checkout.state,
        "offers": checkout.offers,
        "currency": CURRENCY,
        "address": checkout.address,
        "note": checkout.note,
        "invoice": checkout.invoice,
        "pick_ups": [{"shop_id": shop, "warehouse_id": one} for shop, one in checkout.pick_ups.items()],
        "channel": checkout.channel,
        "expires_at": iso(checkout.expires_at),
        "purchase_id": purchase_of(checkout.id) if checkout.state == PURCHASED else None,
        "guest_token": guest_token,
    }


def basket_of(checkout: Checkout, address: dict[str, Any] | None = None) -> Basket:
    """What is in a checkout at the prices of this moment, and what its offers make of it, as sent to `address` instead
    of its own, if one is given; changes nothing."""
    lines = lines_of(checkout.id, checkout.pick_ups)
    return priced(checkout.buyer, lines, checkout.offers, address or checkout.address)


def coupons_for(checkout: Checkout) -> list[dict[str, Any]]:
    """Its buyer's usable coupons, newest first, with what each would save here. A constant number of queries."""
    if checkout.buyer_kind != PERSON:
        return []
    coupons, _ = coupons_of(checkout.buyer_id, USABLE, MOST, None)
    lines = lines_of(checkout.id, checkout.pick_ups)
    saved = saved_by([one["code"] for one in coupons], checkout.buyer, lines, checkout.address)
    return [{**one, "saves": saved[one["code"]], "is_used": one["code"] in checkout.offers} for one in coupons]
