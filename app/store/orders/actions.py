"""What is done to purchases: place, pay, cancel, and what a settled payment or the end of `pay_by` makes of them.

Each change of status is one compare-and-set on `unpaid`, so of payment, cancellation and lapse exactly one happens; the
others find nothing to change. Locks are taken in one order: payment, purchase, holds, stock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import timedelta
from itertools import groupby
from uuid import UUID

import orjson
from sqlalchemy import select

from app.core import clock, money
from app.core.caller import SYSTEM, Caller, Ref
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit, emit_all
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.plain import Row, prepared
from app.store.inventory.actions import commit_holds, pass_on_holds, release_holds
from app.store.ledger.actions import JournalToPost, post_journal, post_journals
from app.store.ledger.queries import REFUNDS_DUE, gateway_account, shop_account
from app.store.orders.events import OrderPaid, PurchaseCancelled, PurchaseLapsed, PurchasePaid, PurchasePlaced
from app.store.orders.models import (
    CANCELLED,
    LAPSED,
    PICK_UP,
    UNPAID,
    LineToPlace,
    Parcel,
    PlacedOrder,
    PlacedPurchase,
    Purchase,
)
from app.store.orders.queries import PURCHASE, bought_by
from app.store.payments.actions import begin_payment, close_attempts
from app.store.payments.events import PaymentSettled
from app.store.payments.models import PAGE, How
from app.store.payments.queries import PaymentToPay, is_being_closed, to_pay
from app.store.repayments.actions import ask_refund

CHECKOUT, ORDER = "checkout", "order"
NO_PARCEL = Parcel()


def place_purchase(
    buyer: Ref,
    checkout_id: UUID,
    lines: Sequence[LineToPlace],
    address: dict[str, str] | None = None,
    note: str = "",
    purchase_id: UUID | None = None,
    parcels: Mapping[UUID, Parcel] | None = None,
    gateways: Sequence[str] | None = None,
    is_held: bool = True,
) -> PlacedPurchase:
    """Make a purchase of a checkout: one order a shop, to be paid within UNPAID_SECONDS; its holds go on to it.

    `parcels`: for each shop how its goods are sold and sent, and for how much. `gateways`: by which it may be paid,
    None for all. `purchase_id`: an id that the caller has made already (offers wrote it into their usage rows). Not
    `is_held`: of no checkout; the caller holds the goods for the purchase itself, in this transaction. Raises Refused
    409 "already_purchased" for a checkout that is a purchase already, "expired" if its stock is no longer held, and
    "total_too_large" above money.LARGEST, which no payment could settle.
    """
    placed, written = _rows_of(lines, parcels or {}, PlacedPurchase(purchase_id or new_id(), [], 0, gateways=gateways))
    if placed.total > money.LARGEST:
        zh, en = "金额超过单次支付上限，请分开下单", "This is more than can be paid at once: order it in parts."
        raise Refused(409, "total_too_large", zh, en, errors={"total": [placed.total]})
    due = {"within": timedelta(seconds=settings.unpaid_seconds) + clock.ahead(), "ahead": clock.ahead()}
    sent = {"address": orjson.dumps(address).decode() if address is not None else None, "note": note}
    owner = {"buyer_kind": buyer.kind, "buyer_id": buyer.id, "checkout_id": checkout_id}
    amounts = {"id": placed.id, "total": placed.total, "currency": placed.currency}
    sent["gateways"] = orjson.dumps(list(gateways)).decode() if gateways is not None else None
    _PLACE.changed(**amounts, **owner, **sent, **due, **written)
    if is_held:
        _take_over(Ref(CHECKOUT, checkout_id), Ref(PURCHASE, placed.id), len(lines))
    emit(PurchasePlaced(placed.id, personal=int(any(line.personal for line in lines))))
    reach("purchase.before_commit")
    return placed


def pay_purchase(caller: Caller, purchase_id: UUID, gateway: str, scene: str = PAGE, openid: str = "") -> PaymentToPay:
    """Begin a payment of the caller's own purchase; again and again while it is unpaid, one attempt after the other.

    Raises Refused 404 for another's purchase, 409 for one that is not unpaid or whose time is over, 422 for a gateway
    that its shops do not take.
    """
    buyer = caller.buyer
    found = _TO_PAY.row(id=purchase_id, kind=buyer.kind, buyer=buyer.id, ahead=clock.ahead())
    if found is None:
        raise missing()
    if found.status != UNPAID or not found.in_time:
        raise _not_unpaid(found.status)
    if found.gateways is not None and gateway not in found.gateways:
        raise bad_field("gateway", "商家不支持这种支付方式", "The shop does not take this way to pay.")
    how = How(scene, openid, caller.ip, f"/purchases/{purchase_id}")
    payment = begin_payment(Ref(PURCHASE, purchase_id), buyer, found.total, gateway, how, found.pay_by)
    return to_pay(payment, how)


def cancel_purchase(caller: Caller, purchase_id: UUID) -> None:
    """Give up an unpaid purchase and its stock. Raises Refused 404 for another's, 409 for one that is not unpaid."""
    buyer = caller.buyer
    mine = (Purchase.id == purchase_id, *bought_by(buyer))
    found = db.session.execute(select(Purchase.status).where(*mine)).scalar_one_or_none()
    if found is None:
        raise missing()
    if not _ended([purchase_id], CANCELLED, buyer, "cancelled by the buyer"):
        raise _not_unpaid(db.session.execute(select(Purchase.status).where(*mine)).scalar_one())
    emit(PurchaseCancelled(purchase_id))


def lapse_due(most: int = 50) -> int:
    """Let purchases lapse that were not paid in time, and give their stock back; answers how many. A sweep.

    One that is just being paid or cancelled is locked and passed by; one that may still be paid waits (close_attempts).
    """
    due = db.session.scalars(
        select(Purchase.id)
        .where(Purchase.status == UNPAID, Purchase.pay_by <= clock.db_now(), ~is_being_closed(PURCHASE, Purchase.id))
        .order_by(Purchase.pay_by)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    ends = sorted(set(due) - close_attempts(PURCHASE, due))
    lapsed = _ended(ends, LAPSED, (SYSTEM, None), "not paid in time") if ends else []
    emit_all([PurchaseLapsed(one) for one in lapsed])
    reach("sweep.before_commit")
    return len(lapsed)


def take_payment(settled: PaymentSettled) -> None:
    """The money for a purchase has come in: the purchase is paid, or, if it is no longer unpaid, the money is due back.

    Never refuses: the provider has the money already. Money that comes after `pay_by` counts as long as the purchase is
    unpaid, the sweep has not come by yet: its stock is still held, and nobody is served by sending the money back.
    """
    given = {"id": settled.payable_id, "payment_id": settled.payment_id, "ahead": clock.ahead()}
    parts = _PAY.rows(**given)
    if not parts:
        status = db.session.scalar(select(Purchase.status).where(Purchase.id == settled.payable_id))
        _give_back(settled, f"purchase_{status}")
        return
    holder, lines = Ref(PURCHASE, settled.payable_id), parts[0].lines
    if parts[0].held < lines or commit_holds(holder) < lines:
        # Only where holds were lost by hand: we do not sell what we do not have, nor a part of what was bought.
        release_holds(holder)
        _UNPAY.changed(**given)
        emit(PurchaseLapsed(settled.payable_id))
        _give_back(settled, "stock_lost")
        return
    post_journals([one for one in _journals_of(parts, settled.gateway) if one.entries])
    orders = dict.fromkeys(part.id for part in parts)
    personal, fetched = int(any(one.personal for one in parts)), int(any(one.method == PICK_UP for one in parts))
    emit_all([*(OrderPaid(one) for one in orders), PurchasePaid(settled.payable_id, personal, fetched)])


def _rows_of(
    lines: Sequence[LineToPlace], parcels: Mapping[UUID, Parcel], placing: PlacedPurchase
) -> tuple[PlacedPurchase, dict[str, str]]:
    """The purchase and the JSON of its rows; orders in the order in which their shops first appear."""
    if not lines:
        raise ValueError("a purchase needs a line")
    sent = {line.shop_id: parcels.get(line.shop_id, NO_PARCEL) for line in lines}
    order_ids, totals = {shop_id: new_id() for shop_id in sent}, {shop_id: one.total for shop_id, one in sent.items()}
    line_rows, adjustment_rows = [], []
    for position, line in enumerate(lines):
        line_id = new_id()
        totals[line.shop_id] += line.total
        known = {name: getattr(line, name) for name in _LINE_COLUMNS}
        line_rows.append({"id": line_id, "order_id": order_ids[line.shop_id], "position": position, **known})
        adjustment_rows += [{"id": new_id(), "line_id": line_id, **asdict(one)} for one in line.adjustments]
    for shop_id, parcel in sent.items():
        off = {"order_id": order_ids[shop_id]}
        adjustment_rows += [{"id": new_id(), **off, **asdict(one)} for one in parcel.adjustments]
    orders = [PlacedOrder(order_ids[shop_id], shop_id, total) for shop_id, total in totals.items()]
    order_rows = [{**asdict(one), **_way(sent[one.shop_id])} for one in orders]
    rows = {"orders": order_rows, "lines": line_rows, "adjustments": adjustment_rows}
    placed = replace(placing, orders=orders, total=sum(totals.values()))
    return placed, {name: orjson.dumps(found).decode() for name, found in rows.items()}


def _take_over(checkout: Ref, purchase: Ref, lines: int) -> None:
    if pass_on_holds(checkout, purchase, settings.unpaid_seconds) < lines:
        raise Refused(409, "expired", "结算已过期，请重新下单", "This checkout has expired: start again.")


def _way(parcel: Parcel) -> dict[str, object]:
    return {name: getattr(parcel, name) for name in ("freight", "method", "channel", "pick_up")}


def _ended(purchase_ids: Sequence[UUID], after: str, who: tuple[str, UUID | None], why: str) -> list[UUID]:
    """End unpaid purchases and give their stock back; answers those that were unpaid until now."""
    given = {"ids": list(purchase_ids), "after": after, "who_kind": who[0], "who_id": who[1], "why": why}
    ended = [row.id for row in _END.rows(**given)]
    release_holds(*(Ref(PURCHASE, one) for one in ended))
    return ended


def _journals_of(parts: Sequence[Row], gateway: str) -> list[JournalToPost]:
    """One journal an order: the gateway has the money, the shop is owed it with what others add to it."""
    journals = []
    for order_id, rows in groupby(parts, key=lambda part: part.id):
        first, *_ = found = list(rows)
        others = [(f"funder:{part.funder}", -int(part.funded)) for part in found if part.funder is not None]
        owed = first.total + sum(amount for _, amount in others)
        entries = [(gateway_account(gateway), first.total), *others, (shop_account(first.shop_id), -owed)]
        journals.append(JournalToPost("order_paid", Ref(ORDER, order_id), [one for one in entries if one[1]]))
    return journals


def _give_back(settled: PaymentSettled, reason: str) -> None:
    """Money that came too late, or twice: a refund is due, and the books say so."""
    if settled.amount == 0:
        return
    ask_refund(settled.payment_id, settled.amount, reason)
    entries = [(gateway_account(settled.gateway), settled.amount), (REFUNDS_DUE, -settled.amount)]
    post_journal("late_payment", Ref("payment", settled.payment_id), entries)


def _not_unpaid(status: str) -> Refused:
    zh, en = "此订单不在待支付状态", "This purchase is not waiting for payment."
    return Refused(409, f"purchase_{LAPSED if status == UNPAID else status}", zh, en)


_LINE_COLUMNS = [one.name for one in fields(LineToPlace) if one.name not in {"adjustments", "personal"}]
_PLACE = prepared(
    "WITH purchase AS (INSERT INTO orders_purchases (id, buyer_kind, buyer_id, checkout_id, total, currency, status,"
    "   pay_by, address, note, gateways) VALUES (:id, :buyer_kind, :buyer_id, :checkout_id, :total, :currency,"
    "   'unpaid', now() + :within, CAST(:address AS jsonb), :note, CAST(:gateways AS jsonb)) RETURNING id),"
    " orders AS (INSERT INTO orders_orders (id, purchase_id, shop_id, total, freight, method, channel, pick_up)"
    "  SELECT o.id, p.id, o.shop_id, o.total, o.freight, o.method, o.channel, o.pick_up FROM purchase p,"
    "   jsonb_to_recordset(CAST(:orders AS jsonb))"
    "   AS o (id uuid, shop_id uuid, total bigint, freight bigint, method text, channel text, pick_up jsonb)),"
    " lines AS (INSERT INTO orders_lines (id, order_id, purchase_id, shop_id, position, product_id, sku_id, title,"
    "   sku_name, price, quantity, link_id, post_id, promoter_id, own_purchase, goods_kind, take_rate, return_days,"
    "   stock_sku_id, supplier_id, supply_price)"
    "  SELECT l.id, l.order_id, p.id, l.shop_id, l.position, l.product_id, l.sku_id, l.title, l.sku_name, l.price,"
    "   l.quantity, l.link_id, l.post_id, l.promoter_id, l.own_purchase, l.goods_kind, l.take_rate, l.return_days,"
    "   l.stock_sku_id, l.supplier_id, l.supply_price"
    "  FROM purchase p, jsonb_to_recordset(CAST(:lines AS jsonb)) AS l (id uuid, order_id uuid, shop_id uuid,"
    "   position bigint, product_id uuid, sku_id uuid, title text, sku_name text, price bigint, quantity bigint,"
    "   link_id uuid, post_id uuid, promoter_id uuid, own_purchase boolean, goods_kind text, take_rate bigint,"
    "   return_days bigint, stock_sku_id uuid, supplier_id uuid, supply_price bigint)),"
    " adjustments AS (INSERT INTO orders_adjustments (id, line_id, order_id, amount, source, funder, name)"
    "  SELECT a.id, a.line_id, a.order_id, a.amount, a.source, a.funder, a.name"
    "  FROM jsonb_to_recordset(CAST(:adjustments AS jsonb))"
    "   AS a (id uuid, line_id uuid, order_id uuid, amount bigint, source text, funder text, name text))"
    " INSERT INTO orders_log (purchase_id, who_kind, who_id, after, why)"
    " SELECT id, :buyer_kind, :buyer_id, 'unpaid', 'placed' FROM purchase"
)
_TO_PAY = prepared(
    "SELECT total, status, gateways, pay_by, pay_by > now() + :ahead AS in_time FROM orders_purchases"
    " WHERE id = :id AND buyer_kind = :kind AND buyer_id = :buyer FOR UPDATE"
)
_PAY = prepared(
    "WITH paid AS (UPDATE orders_purchases SET status = 'paid', paid_at = now() + :ahead"
    "  WHERE id = :id AND status = 'unpaid' RETURNING id),"
    " logged AS (INSERT INTO orders_log (purchase_id, who_kind, who_id, before, after, why)"
    "  SELECT id, 'payment', :payment_id, 'unpaid', 'paid', 'payment settled' FROM paid)"
    " SELECT o.id, o.shop_id, o.total, o.method, f.funder, f.funded,"
    "  (SELECT s.of_person FROM shops_shops s WHERE s.id = o.shop_id) AS personal,"
    "  (SELECT count(*) FROM orders_lines l WHERE l.purchase_id = paid.id) AS lines,"
    "  (SELECT count(*) FROM inventory_holds h WHERE h.subject_kind = 'purchase' AND h.subject_id = paid.id"
    "    AND h.state = 'active') AS held"
    " FROM paid JOIN orders_orders o ON o.purchase_id = paid.id"
    " LEFT JOIN LATERAL (SELECT a.funder, sum(a.amount) AS funded FROM (SELECT a.funder, a.amount FROM orders_lines l"
    "    JOIN orders_adjustments a ON a.line_id = l.id WHERE l.order_id = o.id"
    "   UNION ALL SELECT funder, amount FROM orders_adjustments WHERE order_id = o.id AND line_id IS NULL) a"
    "  WHERE a.funder <> 'shop' GROUP BY a.funder) f ON true ORDER BY o.id, f.funder"
)
_UNPAY = prepared(
    "WITH lost AS (UPDATE orders_purchases SET status = 'lapsed', paid_at = NULL WHERE id = :id RETURNING id)"
    " INSERT INTO orders_log (purchase_id, who_kind, who_id, before, after, why)"
    " SELECT id, 'payment', :payment_id, 'paid', 'lapsed', 'its stock was gone' FROM lost"
)
_END = prepared(
    "WITH ended AS (UPDATE orders_purchases SET status = :after"
    "  WHERE id = ANY(CAST(:ids AS uuid[])) AND status = 'unpaid' RETURNING id),"
    " logged AS (INSERT INTO orders_log (purchase_id, who_kind, who_id, before, after, why)"
    "  SELECT id, :who_kind, CAST(:who_id AS uuid), 'unpaid', :after, :why FROM ended)"
    " SELECT id FROM ended ORDER BY id"
)
