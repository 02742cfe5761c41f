"""Questions about checkouts: whose, what is in it, what it costs at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from app.buying.checkout.models import IS_OPEN, OPEN, PURCHASED, RELEASED, Checkout, CheckoutLine, LineWanted
from app.buying.links.queries import gone, links_by_code
from app.core import clock
from app.core.caller import Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, bad_field, missing, said
from app.core.ids import new_id
from app.core.money import CURRENCY
from app.core.plain import Prepared, array_of, prepared
from app.store.catalogue.models import DRAFT
from app.store.catalogue.queries import SellableSku, sellable_skus
from app.store.orders.models import Purchase
from app.store.orders.queries import PURCHASE
from app.store.shops.queries import shops_by_id


class TakenOff(Protocol):
    """What an offer takes off a line: `amount` < 0 in minor units."""

    @property
    def amount(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def funder(self) -> str: ...


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line of a checkout with its goods as they are sold now. Amounts in minor units, before offers."""

    id: UUID
    quantity: int
    link_code: str | None
    sku: SellableSku

    @property
    def sku_id(self) -> UUID:
        return self.sku.sku_id

    @property
    def product_id(self) -> UUID:
        return self.sku.product_id

    @property
    def shop_id(self) -> UUID:
        return self.sku.shop_id

    @property
    def price(self) -> int:
        return self.sku.price

    @property
    def amount(self) -> int:
        return self.sku.price * self.quantity


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


@dataclass(frozen=True, slots=True)
class Basket:
    """All lines of a checkout, and what its offers take off each of them."""

    lines: Sequence[BasketLine]
    taken_off: Sequence[Sequence[TakenOff]]

    @property
    def total(self) -> int:
        """What a purchase costs at this moment: lines and adjustments added up."""
        return sum(line.amount for line in self.lines) + sum(one.amount for found in self.taken_off for one in found)


def checkout_or_missing(buyer: Ref, checkout_id: UUID, lock: bool = False) -> Checkout:
    """A buyer's own checkout. Raises Refused 404 for another's: that it exists is nobody else's business."""
    found = (_MINE_LOCKED if lock else _MINE).row(id=checkout_id, kind=buyer.kind, buyer=buyer.id)
    if found is None:
        raise missing("没有这个结算单", "There is no such checkout.")
    return Checkout(**found._asdict())


def has_expired(checkout_id: UUID) -> bool:
    """Whether the deadline has passed, by the database's clock; the sweep may be a moment behind it."""
    wanted = select(Checkout.expires_at <= clock.db_now()).where(Checkout.id == checkout_id)
    return bool(db.session.scalar(wanted))


def require_open(found: Checkout) -> None:
    """Raises Refused 409: "already_purchased", with the purchase's id, or "expired"."""
    if found.state == PURCHASED:
        errors = {"purchase_id": [str(purchase_of(found.id))]}
        zh, en = "此结算单已经下单", "This checkout has been purchased."
        raise Refused(409, "already_purchased", zh, en, errors=errors)
    if found.state == RELEASED or has_expired(found.id):
        raise Refused(409, "expired", "结算单已过期，请重新下单", "This checkout has expired: open a new one.")


def lines_wanted(
    wants: Sequence[tuple[UUID, int, str | None]], kept: Mapping[UUID, str | None] | None = None
) -> list[BasketLine]:
    """The lines of these wants (SKU, units, code of a link); `kept` are the links that SKUs had before.

    Raises Refused 422, 409 "off_sale".
    """
    codes = [link or (kept or {}).get(sku_id) for sku_id, _, link in wants]
    skus = sellable_skus({sku_id for sku_id, *_ in wants})
    links = links_by_code({code for code in codes if code})
    faults: dict[str, object] = {}
    for place, ((sku_id, *_), code) in enumerate(zip(wants, codes, strict=True)):
        sku = skus.get(sku_id)
        if sku is None or is_hidden(sku):
            faults[str(place)] = {"sku_id": [said("没有这个规格", "There is no such SKU.")]}
        elif code and (code not in links or links[code].product_id != sku.product_id):
            faults[str(place)] = {"link": [said("链接与商品不符", "This link does not sell that product.")]}
    if faults:
        raise Refused(422, "invalid", "所选商品有误", "Something in the lines is not right.", errors={"lines": faults})
    lines = [
        BasketLine(new_id(), units, code, skus[sku_id]) for (sku_id, units, _), code in zip(wants, codes, strict=True)
    ]
    require_on_sale(lines)
    return lines


def line_wanted(product_id: UUID, want: LineWanted) -> BasketLine:
    """The line of one variant of a product; its link is one to that product.

    Raises Refused 422 for a variant of something else, 404 where those goods are gone, 409 "off_sale".
    """
    sku = sellable_skus([want.sku_id]).get(want.sku_id)
    if sku is None or sku.product_id != product_id:
        raise bad_field("sku_id", "此链接没有这个规格", "This link does not sell that SKU.")
    if is_hidden(sku):
        raise gone()
    line = BasketLine(new_id(), want.quantity, want.link, sku)
    require_on_sale([line])
    return line


def require_on_sale(lines: Sequence[BasketLine]) -> None:
    """Raises Refused 409 "off_sale" with the SKUs that are not sold any more."""
    off = [str(line.sku_id) for line in lines if not line.sku.is_on_sale]
    if off:
        raise Refused(409, "off_sale", "商品已下架", "These goods are not on sale any more.", errors={"sku_id": off})


def is_hidden(sku: SellableSku) -> bool:
    """Whether nobody may see these goods: taken down, or a draft."""
    return sku.is_taken_down or sku.product_state == DRAFT


def shown_state(found: Checkout) -> str:
    """The state as its buyer sees it: a checkout past its deadline is released, swept or not."""
    return RELEASED if found.state == OPEN and has_expired(found.id) else found.state


def purchase_of(checkout_id: UUID) -> UUID | None:
    """The purchase that a checkout became."""
    return db.session.scalar(select(Purchase.id).where(Purchase.checkout_id == checkout_id))


_OWN = select(*Checkout.__table__.columns).where(
    Checkout.id == bindparam("id", type_=Uuid),
    Checkout.buyer_kind == bindparam("kind"),
    Checkout.buyer_id == bindparam("buyer", type_=Uuid),
)
_MINE, _MINE_LOCKED = Prepared(_OWN), Prepared(_OWN.with_for_update())
_LINES = Prepared(
    select(CheckoutLine.id, CheckoutLine.quantity, CheckoutLine.link_code, CheckoutLine.sku_id)
    .where(CheckoutLine.checkout_id == bindparam("checkout_id", type_=Uuid))
    .order_by(CheckoutLine.position)
)
_OPEN = Prepared(
    select(Checkout.id)
    .where(Checkout.buyer_kind == bindparam("kind"), Checkout.buyer_id == bindparam("buyer", type_=Uuid), IS_OPEN)
    .order_by(Checkout.created_at.desc(), Checkout.id.desc())
    .offset(bindparam("after"))
)


def lines_of(checkout_id: UUID) -> list[BasketLine]:
    """The lines of a checkout in their order, with their goods as they are sold now. Two queries."""
    rows = _LINES.rows(checkout_id=checkout_id)
    skus = sellable_skus({row.sku_id for row in rows})
    return [BasketLine(row.id, row.quantity, row.link_code, skus[row.sku_id]) for row in rows]


def wants_of(buyer: Ref, checkout_id: UUID) -> list[LineWanted]:
    """What a buyer's checkout is of; nothing where he has none of this id."""
    if _MINE.row(id=checkout_id, kind=buyer.kind, buyer=buyer.id) is None:
        return []
    return [LineWanted(row.sku_id, row.quantity, row.link_code) for row in _LINES.rows(checkout_id=checkout_id)]


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
    """The answer of every door of a checkout. One query, for the names of the shops."""
    names = {shop.id: shop.name for shop in shops_by_id({line.shop_id for line in basket.lines}).values()}
    return {
        "id": checkout.id,
        "kind": "checkout",
        "state": state or checkout.state,
        "lines": [_line(line, names) for line in basket.lines],
        "adjustments": [
            {"line_id": line.id, "amount": one.amount, "source": one.source}
            for line, found in zip(basket.lines, basket.taken_off, strict=True)
            for one in found
        ],
        "offers": checkout.offers,
        "total": basket.total,
        "currency": CURRENCY,
        "address": checkout.address,
        "note": checkout.note,
        "expires_at": iso(checkout.expires_at),
        "purchase_id": purchase_of(checkout.id) if checkout.state == PURCHASED else None,
        "guest_token": guest_token,
    }


def _line(line: BasketLine, shop_names: dict[UUID, str]) -> dict[str, Any]:
    sku = line.sku
    return {
        "id": line.id,
        "product": {"id": sku.product_id, "kind": "product", "title": sku.title},
        "shop": {"id": sku.shop_id, "kind": "shop", "name": shop_names.get(sku.shop_id, "")},
        "sku": {"id": sku.sku_id, "name": sku.sku_name},
        "price": sku.price,
        "quantity": line.quantity,
        "amount": line.amount,
        "link": line.link_code,
    }
