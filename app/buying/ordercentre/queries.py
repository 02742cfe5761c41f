"""Questions of the order centre: one order with all that its buyer has to know of it, and what he can do now."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.buying.placing.queries import covers_of
from app.core.caller import Caller, Ref
from app.store.aftersales.queries import cases_of_order
from app.store.delivery.queries import carrier_names, packages_of
from app.store.fulfilment.models import SHIPPED, UNFULFILLED, units_claimable, units_unsent
from app.store.fulfilment.queries import order_of_buyer, orders_of_buyers
from app.store.invoices.queries import invoice_if_any
from app.store.orders.models import PAID, SERVICE, SHIP, UNPAID, VIRTUAL
from app.store.orders.queries import pay_with_of
from app.store.payments.queries import BrowserWay, browser_ways
from app.store.refunds.queries import grants_of, refund_of
from app.store.reviews.queries import order_reviews
from app.store.wallets.queries import wallet_of

PAY, GIVE_UP, CANCEL, ADDRESS, RECEIVE = "pay", "give_up", "cancel", "address", "receive"
CLAIM, REVIEW, INVOICE, CODES, VOUCHERS = "claim", "review", "invoice", "codes", "vouchers"


def centre(buyers: Sequence[Ref], state: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the orders of these buyers, newest first, each with what can be done with it now. Five queries."""
    found = orders_of_buyers(buyers, state, limit, cursor)
    return {"items": [{**one, "may": allowed(one)} for one in found["items"]], "next": found["next"]}


def whole_order(caller: Caller, order_id: UUID) -> dict[str, Any]:
    """All that the page of an order shows: {order, packages, code, cases, carrier_names, reviews, invoice, refunds,
    covers, pay_with, may}.

    A constant number of queries. Raises Refused 404 for an order that is not this buyer's.
    """
    order = order_of_buyer(caller, order_id)
    parcels = packages_of(caller, order_id)
    cases = cases_of_order(caller, order_id)["items"] if order["status"] == PAID else []
    reviews = order_reviews(caller.person, order_id)["items"] if caller.person_id is not None else []
    invoice, grants = invoice_if_any(order_id), grants_of(order_id)
    may = allowed(order) | _allowed_more(order, parcels["items"], {one["line_id"] for one in reviews})
    return {
        "order": order,
        "packages": parcels["items"],
        "code": parcels["pick_up_code"],
        "cases": cases,
        "carrier_names": carrier_names(),
        "reviews": {one["line_id"]: one for one in reviews},
        "invoice": invoice,
        "refunds": list(refund_of([one.id for one in grants]).values()),
        "covers": covers_of({line["product_id"] for line in order["lines"]}),
        "pay_with": pay_with_of(order["purchase_id"]) if PAY in may else [],
        "may": (may if caller.person_id is not None else may - {REVIEW}) - ({INVOICE} if invoice else set()),
    }


def allowed(order: Mapping[str, Any]) -> set[str]:
    """What a buyer can do with this order now, as far as its own rows tell."""
    if order["status"] == UNPAID:
        return {PAY, GIVE_UP, INVOICE}
    if order["status"] != PAID:
        return set()
    lines, kinds = order["lines"], {line["goods_kind"] for line in order["lines"]}
    found = {INVOICE}
    found |= {CANCEL} if any(units_unsent(line) for line in lines) else set()
    found |= {ADDRESS} if order["fulfilment"] == UNFULFILLED and order["method"] == SHIP else set()
    found |= {RECEIVE} if order["fulfilment"] == SHIPPED else set()
    found |= {CLAIM} if any(units_claimable(line) or units_unsent(line) for line in lines) else set()
    return found | ({CODES} if VIRTUAL in kinds else set()) | ({VOUCHERS} if SERVICE in kinds else set())


def ways_to_pay(caller: Caller, is_phone: bool, among: Collection[str]) -> tuple[list[BrowserWay], int | None]:
    """(how this buyer can pay in a browser, of these gateways, what his wallet has: None for a guest)."""
    balance = wallet_of(caller.person)["balance"] if caller.person_id is not None else None
    return browser_ways(is_phone, at_once=balance is not None, among=among), balance


def _allowed_more(order: Mapping[str, Any], packages: Sequence[Mapping[str, Any]], reviewed: set[UUID]) -> set[str]:
    found = {RECEIVE} if any(one["received_at"] is None for one in packages) else set()
    arrived = {line["id"] for line in order["lines"] if line["received"]}
    return found | ({REVIEW} if arrived - reviewed else set())
