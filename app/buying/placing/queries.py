"""Questions about what was placed: how a person pays, what stands on a purchase's own page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from app.buying.baskets.models import Basket
from app.buying.checkout.models import Checkout
from app.buying.checkout.queries import basket_of, coupons_for, shown_state, whole_checkout
from app.buying.placing.models import PayWay, purchase_of_token
from app.core.caller import PERSON, Ref
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused, missing
from app.people.addresses.models import PLACE
from app.people.addresses.queries import addresses_of
from app.store.catalogue.queries import product_cards
from app.store.orders.models import MALL, STORE, Order, PlacedOrder, PlacedPurchase, Purchase
from app.store.orders.queries import PURCHASE, purchase_page
from app.store.payments.queries import payments_for
from app.store.storefronts.queries import StoreFront
from app.store.wallets.queries import wallet_of
from app.store.warehouses.queries import points_at, points_of_shops

_SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Filled:
    """The order form as it was sent, what is wrong with its fields, and why it was refused."""

    sent: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, object] = field(default_factory=dict)
    refusal: Refused | None = None

    def why(self, language: str) -> str:
        """The refusal as a sentence: what is said of an offer, if it is one that does not fit."""
        texts = self.refusal.errors.get("offers") if self.refusal else None
        first = texts[0] if isinstance(texts, list) and texts else None
        if isinstance(first, dict):
            return str(first[language])
        return self.refusal.text(language) if self.refusal else ""

    @property
    def address(self) -> dict[str, str] | None:
        """What was typed as an address, None where none was."""
        return {name: self.sent.get(name, "") for name in PLACE} if self.sent.get("province") else None


def order_form(found: Checkout, filled: Filled) -> dict[str, Any]:
    """What the checkout page shows: the basket as it would be sent to the address that the form holds, which is the one
    typed, the checkout's, or the default of the buyer's book; his coupons and addresses. Changes nothing."""
    person_id = found.buyer_id if found.buyer_kind == PERSON else None
    saved = addresses_of(person_id) if person_id else []
    usual = saved[0].place if saved and saved[0].is_default else None
    picked = next((one for one in saved if str(one.id) == filled.sent.get("address_id")), None)
    address = picked.place if picked else filled.address or found.address or usual
    basket = basket_of(found, address)
    coupons = [one for one in coupons_for(found) if one["saves"] > 0 or one["is_used"]]
    own = {one["code"] for one in coupons}
    return {
        "checkout": whole_checkout(found, basket, shown_state(found)),
        "needs_address": basket.needs_address,
        "covers": covers_of({line.product_id for line in basket.lines}),
        "filled": dict(filled.sent) or {**(address or {}), "note": found.note, **_invoice(found.invoice or {})},
        "faults": filled.faults,
        "saved": saved,
        "picked": picked or next((one for one in saved if one.place == address), None),
        "chosen": pay_way(person_id),
        "balance": wallet_of(person_id)["balance"] if person_id else None,
        "counters": _counters(basket, found.pick_ups),
        "coupons": coupons,
        "words": [code for code in found.offers if code not in own],
    }


def _counters(basket: Basket, pick_ups: Mapping[str, str]) -> list[dict[str, Any]]:
    """The shops of a basket whose goods could be fetched: {shop_id, name, points, chosen}. One query at most."""
    able = {one.shop_id: one.sku.shop_name for one in basket.lines if one.is_sent or one.is_fetched}
    for one in basket.lines:
        if one.is_resold:
            able.pop(one.shop_id, None)
    points = points_of_shops(able)
    return [
        {"shop_id": shop, "name": able[shop], "points": points[shop], "chosen": pick_ups.get(str(shop), "")}
        for shop in able
        if shop in points
    ]


def _invoice(wanted: Mapping[str, Any]) -> dict[str, str]:
    return {f"invoice_{name}": value or "" for name, value in wanted.items()}


def covers_of(product_ids: Collection[UUID]) -> dict[str, Any]:
    """The cover of each of these products, by its id; of some there is none."""
    cards = product_cards(product_ids)
    return {str(one): orjson.loads(card)["cover"] for one, card in cards.items()}


def pay_way(person_id: UUID | None, among: Collection[str] | None = None) -> str | None:
    """The gateway that a person named last; without one the sandbox, where it is open. None where that is not among
    those by which this purchase may be paid (None: by all)."""
    found = db.session.scalar(select(PayWay.gateway).where(PayWay.person_id == person_id)) if person_id else None
    usual = found or (_SANDBOX if settings.sandbox_payments else None)
    return usual if among is None or usual in among else None


def channel_of(store: StoreFront | None, came_by: str) -> str:
    """Where a shop's goods are sold: a light store's at its own address, unless they are in the mall and he came by
    that."""
    return STORE if store is not None and (not store.in_mall or came_by == STORE) else MALL


def common_ways(stores: Collection[StoreFront]) -> list[str] | None:
    """By which gateways all these light stores are paid; None without any: by all. Raises Refused 409 "no_common_way"
    for stores that are paid in different ways."""
    if not stores:
        return None
    found = frozenset.intersection(*(one.gateways for one in stores))
    if not found:
        zh, en = (
            "这些店铺的支付方式不同，请分开下单",
            "These shops are paid in different ways: order one by one.",
        )
        raise Refused(409, "no_common_way", zh, en)
    return sorted(found)


def places_to_fetch(pick_ups: Mapping[str, str]) -> dict[UUID, dict[str, Any]]:
    """Where and when goods of these shops are fetched, by shop, as an order keeps it. Raises Refused 409
    "pick_up_gone" with the shops where that is offered no more. One query, none without pick-ups."""
    points = points_at({UUID(one) for one in pick_ups.values()})
    gone = [shop for shop, place in pick_ups.items() if UUID(place) not in points]
    if gone:
        zh, en = "自提点已停用，请重新选择", "Goods are not fetched there any more: choose again."
        raise Refused(409, "pick_up_gone", zh, en, errors={"shop_id": gone})
    chosen = {UUID(shop): points[UUID(place)] for shop, place in pick_ups.items()}
    return {
        shop: {"name": one.name, "address": one.address, "hours": one.pick_up_hours} for shop, one in chosen.items()
    }


def placed_purchase(purchase_id: UUID) -> PlacedPurchase:
    """A purchase as it was placed. Two queries."""
    found = db.session.get_one(Purchase, purchase_id)
    orders = db.session.scalars(select(Order).where(Order.purchase_id == purchase_id).order_by(Order.id))
    placed = [PlacedOrder(one.id, one.shop_id, one.total) for one in orders]
    return PlacedPurchase(purchase_id, placed, found.total, found.status, gateways=found.gateways)


def payment_of_purchase(purchase_id: UUID) -> UUID:
    """The last attempt to pay a purchase; there is one."""
    last: UUID = payments_for(Ref(PURCHASE, purchase_id))[-1].id
    return last


def open_purchase(token: str) -> tuple[Ref, dict[str, Any]]:
    """(buyer, purchase) behind the token of its page; who gets the address sees goods, sums and how it stands, names
    and numbers of people veiled. Raises Refused 404 for any other token."""
    purchase_id = purchase_of_token(token)
    found = db.session.execute(select(Purchase.buyer_kind, Purchase.buyer_id).where(Purchase.id == purchase_id)).first()
    if purchase_id is None or found is None:
        raise missing("没有这个订单", "There is no such purchase.")
    buyer = Ref(found.buyer_kind, found.buyer_id)
    whole = purchase_page(buyer, purchase_id)
    names = ("id", "kind", "status", "total", "currency", "pay_by", "created_at", "paid_at")
    orders = [_order(one) for one in whole["orders"]]
    shown = {**{name: whole[name] for name in names}, "orders": orders}
    return buyer, {**shown, "address": _veiled(whole["address"]) if whole["address"] else None}


def _order(order: Mapping[str, Any]) -> dict[str, Any]:
    names = ("product_id", "title", "sku_name", "price", "quantity")
    lines = [{name: line[name] for name in names} for line in order["lines"]]
    off = [one["amount"] for line in order["lines"] for one in line["adjustments"]]
    off += [one["amount"] for one in order["freight_adjustments"]]
    amounts = {"freight": order["freight"], "off": sum(off), "total": order["total"]}
    return {"id": order["id"], "shop": order["shop"]["name"], "lines": lines, **amounts}


def _veiled(address: Mapping[str, str]) -> dict[str, str]:
    """Enough for who knows the address to see that it is right: 林**, ****00, no street. Of the number two digits only:
    whoever knows all of it is taken for its owner (ordercentre)."""
    hidden = {"name": address["name"][:1] + "**", "phone": f"****{address['phone'][-2:]}", "street": "***"}
    return {**{name: address.get(name, "") for name in ("province", "city", "district")}, **hidden}
