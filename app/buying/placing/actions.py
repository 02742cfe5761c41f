"""What is done to place a purchase.

Locks are taken in one order: the buyer (an advisory lock), his checkout, then the purchase's own rows, holds, and last
what others wait for: his cart, and the budgets of offers, which stay locked from there to the commit.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.buying.baskets.models import Basket, BasketLine, LineWanted
from app.buying.baskets.queries import (
    line_wanted,
    lines_wanted,
    priced,
    require_on_sale,
    require_priced,
    require_units,
)
from app.buying.carts.actions import take_out
from app.buying.checkout.actions import hold_lines, lock_buyer, take_checkout
from app.buying.checkout.models import Changes
from app.buying.checkout.queries import lines_of
from app.buying.links.queries import Attribution, OpenLink, attribution
from app.buying.placing.models import Ordered, PayWay, order_page, ordered_of
from app.buying.placing.queries import (
    channel_of,
    common_ways,
    pay_way,
    payment_of_purchase,
    placed_purchase,
    places_to_fetch,
)
from app.core import clock
from app.core.caller import Caller, Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused, bad_field
from app.core.ids import new_id
from app.core.outside import Calls, Wanted
from app.people.addresses.queries import place_to_send
from app.plays.offers.actions import redeem
from app.plays.offers.models import Step
from app.plays.offers.queries import require_fitting
from app.store.fees.queries import take_rates
from app.store.inventory.models import held_for
from app.store.inventory.queries import sold_out
from app.store.invoices.actions import request_invoices
from app.store.orders.actions import pay_purchase, place_purchase
from app.store.orders.models import (
    LINK,
    NONE,
    PHYSICAL,
    PICK_UP,
    SHIP,
    AdjustmentToPlace,
    LineToPlace,
    Parcel,
    PlacedPurchase,
)
from app.store.orders.queries import PURCHASE, require_few_unpaid, unpaid_by
from app.store.payments.actions import BEGINNING
from app.store.payments.models import PAGE
from app.store.payments.queries import PaymentToPay
from app.store.storefronts.queries import StoreFront, stores_of


def purchase(
    caller: Caller,
    checkout_id: UUID,
    expected_total: int | None = None,
    given: Changes | None = None,
    before: Ref | None = None,
) -> PlacedPurchase:
    """Turn the caller's open checkout into a purchase at the prices of this moment; its holds go on to the purchase.

    `given`: address, note and invoice that replace what the checkout has; `before` is the guest that his browser was
    before he signed in, whose clicks are his. A code that does nothing any more is refused, unless the caller has seen
    the total without it (`expected_total`). Raises Refused: 404 for another's, 409 "already_purchased", "expired",
    "off_sale", "service_over", "units", "not_delivered", "pick_up_gone", "no_common_way", "total_changed" (with the new
    total), "offer_gone" or "too_many_unpaid", 422 without an address.
    """
    buyer = caller.buyer
    lock_buyer(buyer)
    taken = ordered_of(take_checkout(buyer, checkout_id, _with_address(caller, given or Changes())))
    basket = _agreed(buyer, lines_of(checkout_id, taken.pick_ups), taken, expected_total)
    placed = _place(buyer, checkout_id, basket, taken, before)
    take_out(buyer, {line.cart_line_id: line.quantity for line in basket.lines if line.cart_line_id})
    redeem(basket.terms, buyer, placed.id)
    return placed


def _agreed(buyer: Ref, lines: Sequence[BasketLine], ordered: Ordered, expected_total: int | None) -> Basket:
    """The basket at this moment, if it may be ordered so and costs what the buyer has seen."""
    if ordered.address is None and any(line.is_sent for line in lines):
        raise bad_field("address", "请填写收货地址", "An address is needed to deliver these goods.")
    require_on_sale(lines)
    require_units(buyer, lines, ordered.address)
    basket = require_priced(priced(buyer, lines, ordered.offers, ordered.address), fitting=False)
    if expected_total is None:
        require_fitting(basket.terms)
    elif basket.total != expected_total:
        zh, en = "金额已变化，请确认后再下单", "The total has changed: look again before you order."
        raise Refused(409, "total_changed", zh, en, errors={"total": [basket.total]})
    return basket


def _with_address(caller: Caller, given: Changes) -> Changes:
    if given.address_id is None:
        return given
    return replace(given, address=place_to_send(caller.person_id, given.address_id))


def _place(
    buyer: Ref, checkout_id: UUID, basket: Basket, ordered: Ordered, before: Ref | None = None, is_held: bool = True
) -> PlacedPurchase:
    """The seam to orders: what a basket is, in their words; and the invoice that is asked for with it."""
    owed = attribution(buyer, [(line.product_id, line.link_code) for line in basket.lines], before)
    rates = take_rates([(line.shop_id, line.category_id) for line in basket.lines])
    placing = [
        _line(line, owed[at], basket.terms.off_line(at), rates[line.shop_id, line.category_id])
        for at, line in enumerate(basket.lines)
    ]
    stores = stores_of({line.shop_id for line in basket.lines})
    parcels = _parcels(ordered, basket, {line.shop_id for line in placing if line.link_id}, stores)
    ways, sent = common_ways(stores.values()), (ordered.address, ordered.note)
    placed = place_purchase(buyer, checkout_id, placing, *sent, new_id(), parcels, ways, is_held)
    if ordered.invoice:
        request_invoices([(order.id, order.shop_id) for order in placed.orders], ordered.invoice)
    return placed


def _parcels(
    ordered: Ordered, basket: Basket, by_link: Collection[UUID], stores: Mapping[UUID, StoreFront]
) -> dict[UUID, Parcel]:
    """How each shop's goods are sold and reach the buyer: sent, where any of them must be. Raises Refused 409
    "mixed_ways" where others of that shop are handed over in person: an order goes one way."""
    terms, points = basket.terms, places_to_fetch(ordered.pick_ups)
    found = {}
    for shop in dict.fromkeys(line.shop_id for line in basket.lines):
        goods = [line for line in basket.lines if line.shop_id == shop]
        is_sent = any(line.is_sent for line in goods)
        if is_sent and any(line.facts.in_person for line in goods):
            zh, en = "当面交易和快递的商品请分开下单", "Order what is sent and what you meet for by themselves."
            raise Refused(409, "mixed_ways", zh, en)
        method = SHIP if is_sent else PICK_UP if _are_fetched(goods) else NONE
        found[shop] = Parcel(
            terms.freight.get(shop, 0),
            _adjustments(terms.off_freight(shop)),
            method,
            LINK if shop in by_link else channel_of(stores.get(shop), ordered.channel),
            points.get(shop) if method == PICK_UP else None,
        )
    return found


def _are_fetched(goods: Sequence[BasketLine]) -> bool:
    return any((line.is_fetched or line.facts.in_person) and line.facts.goods_kind == PHYSICAL for line in goods)


def _line(line: BasketLine, owed: Attribution | None, steps: Sequence[Step], take_rate: int) -> LineToPlace:
    sku = line.sku
    return LineToPlace(
        sku_id=sku.sku_id,
        product_id=sku.product_id,
        shop_id=sku.shop_id,
        title=sku.title,
        sku_name=sku.sku_name,
        price=sku.price,
        quantity=line.quantity,
        goods_kind=line.facts.goods_kind,
        take_rate=take_rate,
        return_days=line.facts.return_days,
        stock_sku_id=sku.stock_sku_id,
        supplier_id=sku.supplier_id,
        supply_price=sku.supply_price,
        personal=sku.personal,
        adjustments=_adjustments(steps),
        **(asdict(owed) if owed else {}),
    )


def _adjustments(steps: Sequence[Step]) -> list[AdjustmentToPlace]:
    return [AdjustmentToPlace(one.amount, one.source, one.funder, one.name) for one in steps]


NOTHING_MORE = Changes()


@dataclass(frozen=True, slots=True)
class BuyNow:
    """All that a purchase in one call says; see placing.schemas.BuyNowIn."""

    sku_id: UUID
    quantity: int
    offers: Sequence[str] = ()
    expected_total: int | None = None
    address_id: UUID | None = None
    given: Changes = NOTHING_MORE
    gateway: str | None = None
    scene: str = PAGE
    openid: str = ""
    is_to_pay: bool = True


@dataclass(frozen=True, slots=True)
class Bought:
    """What came of it; `payment` None where none was begun."""

    placed: PlacedPurchase
    payment: PaymentToPay | None


def buy_now(caller: Caller, wanted: BuyNow, link: OpenLink | None = None) -> Bought:
    """From a card to a placed order in one call: a purchase and the beginning of its payment, in one transaction, so
    that all of it happens or nothing. No checkout: the goods are held last, for the purchase itself, so that the row of
    what all want at once stays locked for two or three statements.

    Without an address the default of the caller's book counts, without a gateway the one that he named last. Raises
    Refused as opening a checkout, `purchase` and paying do.
    """
    buyer = caller.buyer
    lock_buyer(buyer)
    require_few_unpaid(unpaid_by(buyer))
    lines = _wanted_now(wanted, link)
    ordered = _ordered_now(caller, wanted, lines)
    basket = _agreed(buyer, lines, ordered, wanted.expected_total)
    placed = _place(buyer, new_id(), basket, ordered, is_held=False)
    hold_lines(Ref(PURCHASE, placed.id), lines, settings.unpaid_seconds, held_for(caller))
    redeem(basket.terms, buyer, placed.id)
    gateway = wanted.gateway or pay_way(caller.person_id, placed.gateways)
    payment = (
        pay_purchase(caller, placed.id, gateway, wanted.scene, wanted.openid) if wanted.is_to_pay and gateway else None
    )
    if payment is not None and wanted.gateway and caller.person_id is not None:
        keep_pay_way(caller.person_id, wanted.gateway)
    return Bought(placed, payment)


def _wanted_now(wanted: BuyNow, link: OpenLink | None) -> list[BasketLine]:
    """The line, if there seems to be enough: who comes too late need not wait for the row of the stock."""
    want = LineWanted(wanted.sku_id, wanted.quantity, link.code if link else None)
    lines = [line_wanted(link.product_id, want)] if link else lines_wanted([want])
    if any((line.sku.available or 0) < line.quantity for line in lines):
        raise sold_out([line.sku_id for line in lines])
    return lines


def _ordered_now(caller: Caller, wanted: BuyNow, lines: Sequence[BasketLine]) -> Ordered:
    given, address = wanted.given, wanted.given.address
    if address is None and any(line.is_sent for line in lines):
        address = place_to_send(caller.person_id, wanted.address_id)
    return Ordered(address, given.note or "", wanted.offers, given.invoice, {})


def keep_pay_way(person_id: UUID, gateway: str) -> None:
    """Remember how a person pays; a gateway that is not open (any more) is refused when he pays."""
    row = insert(PayWay).values(person_id=person_id, gateway=gateway, changed_at=clock.db_now())
    kept = {"gateway": gateway, "changed_at": clock.db_now()}
    db.session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_=kept))


def _ask(purchase_id: UUID) -> Any:
    """Outside of any transaction: begin the payment of a purchase at its provider."""
    payment_id = in_transaction(lambda: payment_of_purchase(purchase_id))
    return BEGINNING.ask(payment_id)


def _record(purchase_id: UUID, answer: Any) -> Any:
    payment = BEGINNING.record(payment_of_purchase(purchase_id), answer)
    waits = isinstance(payment, Wanted)
    return answered(Bought(placed_purchase(purchase_id), payment.value if waits else payment))


def answered(done: Bought) -> Any:
    """What a door with calls=BUYING answers: the JSON of what was bought, or that its provider must be called first."""
    whole = {**shown(done.placed), "payment": asdict(done.payment) if done.payment else None}
    return Wanted(done.placed.id, whole) if done.payment and done.payment.waits else whole


def shown(placed: PlacedPurchase) -> dict[str, Any]:
    """A placed purchase as JSON."""
    orders = [{"id": one.id, "kind": "order", "shop_id": one.shop_id, "total": one.total} for one in placed.orders]
    amounts = {"total": placed.total, "currency": placed.currency, "status": placed.status}
    return {"id": placed.id, "kind": "purchase", "orders": orders, **amounts, "page": order_page(placed.id)}


BUYING = Calls(_ask, _record)
"""The call of the doors that buy at once: named by the purchase, whose last payment wants it."""
