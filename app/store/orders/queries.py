"""Questions about purchases and orders, and how they are shown: plain dicts, ready for JSON."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, or_, select

from app.core.caller import PERSON, Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.core.plain import Prepared, Row, array_of, prepared
from app.store.orders.models import PAID, UNPAID, Order, OrderLine, Purchase
from app.store.payments.queries import CLOSED, SETTLED, WAITING, open_ways, payments_for, tells_standing
from app.store.repayments.queries import refunds_for

PURCHASE = "purchase"
MOST_UNPAID = 5
"""Unpaid purchases of one buyer: with his open checkouts, all the stock that he holds without having paid."""


def purchase_page(buyer: Ref, purchase_id: UUID) -> dict[str, Any]:
    """The buyer's own purchase with its orders, payments and refunds. Raises Refused 404, also for another's.

    `status` is the row's: past `pay_by` it says unpaid until the sweep comes by, since money that comes first counts.
    """
    found = _PURCHASE.row(id=purchase_id, kind=buyer.kind, buyer=buyer.id)
    if found is None:
        raise missing("没有这个订单", "There is no such purchase.")
    orders = _ORDERS_OF.rows(id=purchase_id)
    payable = Ref(PURCHASE, purchase_id)
    return {
        "id": found.id,
        "kind": "purchase",
        "status": found.status,
        "total": found.total,
        "currency": found.currency,
        "pay_by": iso(found.pay_by),
        "pay_with": ways_to_pay(found.gateways),
        "orders": shown_orders(orders),
        "payments": [_payment(one.id, one.state, one.amount, one.gateway) for one in payments_for(payable)],
        "refunds": [
            {"id": one.id, "amount": one.amount, "status": one.state, "reason": one.reason}
            for one in refunds_for(payable)
        ],
        "address": found.address,
        "note": found.note,
        "created_at": iso(found.created_at),
        "paid_at": iso(found.paid_at) if found.paid_at else None,
    }


_PURCHASE = Prepared(
    select(*Purchase.__table__.columns).where(
        Purchase.id == bindparam("id", type_=Uuid),
        Purchase.buyer_kind == bindparam("kind"),
        Purchase.buyer_id == bindparam("buyer", type_=Uuid),
    )
)
_ORDERS_OF = Prepared(
    select(*Order.__table__.columns).where(Order.purchase_id == bindparam("id", type_=Uuid)).order_by(Order.id)
)


def pay_with_of(purchase_id: UUID) -> list[str]:
    """The gateways that are open here and by which this purchase may be paid."""
    return ways_to_pay(db.session.scalar(select(Purchase.gateways).where(Purchase.id == purchase_id)))


def ways_to_pay(gateways: Sequence[str] | None) -> list[str]:
    """The gateways that are open here, of those by which a purchase may be paid (None: of all)."""
    known = [str(one["gateway"]) for one in open_ways()]
    return known if gateways is None else [one for one in known if one in gateways]


def bought_by(buyer: Ref) -> tuple[ColumnElement[bool], ...]:
    """The condition that a purchase is this buyer's."""
    return Purchase.buyer_kind == buyer.kind, Purchase.buyer_id == buyer.id


def is_buyer(buyer: Ref, order_id: UUID) -> bool:
    """Whether this buyer bought this order."""
    mine = select(Order.id).join(Purchase, Purchase.id == Order.purchase_id).where(Order.id == order_id)
    return db.session.scalar(mine.where(*bought_by(buyer))) is not None


def sells_in(shop_id: UUID, order_id: UUID) -> bool:
    """Whether an order is this shop's, or has goods in it that it supplies."""
    by = or_(OrderLine.shop_id == shop_id, OrderLine.supplier_id == shop_id)
    return db.session.scalar(select(OrderLine.id).where(OrderLine.order_id == order_id, by).limit(1)) is not None


def buyer_of(order_id: UUID) -> Ref:
    """Who bought this order. Raises LookupError for one that does not exist."""
    who = select(Purchase.buyer_kind, Purchase.buyer_id).join(Order, Order.purchase_id == Purchase.id)
    found = db.session.execute(who.where(Order.id == order_id)).first()
    if found is None:
        raise LookupError(f"no order {order_id}")
    return Ref(*found)


@tells_standing(PURCHASE, page="/purchases/{id}")
def standing_of(purchase_id: UUID) -> str:
    """How a purchase stands with its payments."""
    status = db.session.scalar(select(Purchase.status).where(Purchase.id == purchase_id))
    return {UNPAID: WAITING, PAID: SETTLED}.get(status or "", CLOSED)


def unpaid_by(buyer: Ref) -> int:
    """How many purchases a buyer has not paid."""
    return int(_UNPAID_OF.rows(kind=buyer.kind, buyer=buyer.id)[0].unpaid)


def require_few_unpaid(unpaid: int) -> None:
    """Raises Refused 409 "too_many_unpaid" for who has MOST_UNPAID already; exact if the caller counts one by one."""
    if unpaid >= MOST_UNPAID:
        zh, en = "未支付的订单太多，请先支付或取消一个", "Too many unpaid purchases: pay or cancel one first."
        raise Refused(409, "too_many_unpaid", zh, en)


UNPAID_BY = (
    "SELECT count(*) AS unpaid FROM orders_purchases"
    " WHERE status = 'unpaid' AND buyer_kind = :kind AND buyer_id = :buyer"
)
"""SQL for how many purchases the buyer :kind, :buyer has not paid."""
_UNPAID_OF = prepared(UNPAID_BY)


def paid_lines(person_id: UUID, product_id: UUID) -> Select[UUID]:
    """The ids of a person's paid lines of a product, to be joined or executed."""
    mine = bought_by(Ref(PERSON, person_id))
    paid = select(OrderLine.id).join(Purchase, Purchase.id == OrderLine.purchase_id)
    return paid.where(OrderLine.product_id == product_id, Purchase.status == PAID, *mine)


def shown_orders(orders: Sequence[Order | Row]) -> list[dict[str, Any]]:
    """Orders, or rows of all their columns, with their shops, lines and what was taken off the freight. One query for
    any number."""
    lines: dict[UUID, list[Row]] = {one.id: [] for one in orders}
    for line in _LINES.rows(ids=array_of(lines)) if lines else ():
        lines[line.order_id].append(line)
    return [_shown_order(one, lines[one.id]) for one in orders]


def _shown_order(order: Order | Row, lines: Sequence[Row]) -> dict[str, Any]:
    """Each line says of its order whose it is and what was taken off its freight."""
    first = lines[0] if lines else None
    return {
        "id": order.id,
        "kind": "order",
        "shop": {"id": order.shop_id, "name": (first and first.shop) or ""},
        "total": order.total,
        "freight": order.freight,
        "freight_adjustments": (first and first.off_freight) or [],
        "method": order.method,
        "channel": order.channel,
        "pick_up": order.pick_up,
        "lines": [_shown_line(one) for one in lines],
    }


def _shown_line(line: Row) -> dict[str, Any]:
    shown = {name: getattr(line, name) for name in _SHOWN}
    return shown | {"adjustments": line.adjustments or [], "attribution": _attribution(line)}


_SHOWN = ("id", "product_id", "sku_id", "title", "sku_name", "price", "quantity", "goods_kind")
_ADJUSTED = (
    "jsonb_agg(jsonb_build_object('amount', a.amount, 'source', a.source, 'name', a.name, 'funder', a.funder)"
    " ORDER BY a.id)"
)
_LINES = prepared(
    f"SELECT l.order_id, {', '.join(f'l.{one}' for one in _SHOWN)}, l.link_id, l.post_id, l.promoter_id,"
    f" l.own_purchase, (SELECT {_ADJUSTED} FROM orders_adjustments a WHERE a.line_id = l.id) AS adjustments,"
    f" (SELECT {_ADJUSTED} FROM orders_adjustments a WHERE a.order_id = l.order_id AND a.line_id IS NULL)"
    "  AS off_freight, (SELECT s.name FROM shops_shops s WHERE s.id = l.shop_id) AS shop"
    " FROM orders_lines l WHERE l.order_id = ANY(CAST(:ids AS uuid[])) ORDER BY l.position"
)


def _attribution(line: Row) -> dict[str, Any] | None:
    """Who brought the buyer to this line, None if nobody did."""
    if line.link_id is None:
        return None
    brought = {"link_id": line.link_id, "post_id": line.post_id, "promoter_id": line.promoter_id}
    return {**brought, "own_purchase": line.own_purchase}


def _payment(payment_id: UUID, status: str, amount: int, gateway: str) -> dict[str, Any]:
    return {"id": payment_id, "status": status, "amount": amount, "gateway": gateway}
