"""What is done about money that goes back: grant it once, and cancel what is not sent yet.

Locks are taken in one order: the order with its lines (fulfilment), stock, the payment.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from app.core.caller import Caller, Ref
from app.core.db import db
from app.core.errors import Refused, missing
from app.core.events import emit
from app.core.failpoints import reach
from app.core.idempotency import made_by_another
from app.core.ids import new_id
from app.store.fulfilment.actions import Who, locked_order, move_lines
from app.store.fulfilment.models import CANCEL, GIVE_UP, LET_GO, REFUND, LineProgress, Move
from app.store.inventory.actions import restock
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import REFUNDS_DUE, shop_account
from app.store.orders.models import Order
from app.store.orders.queries import is_buyer
from app.store.refunds.events import RefundGranted
from app.store.refunds.models import BUYER, Back, Grant, Share
from app.store.refunds.queries import (
    SharedBack,
    ends_all,
    freight_back,
    grant_about,
    holdings_of,
    payment_of,
    shared_back,
)
from app.store.repayments.actions import ask_refund
from app.store.shops.models import SERVE
from app.store.shops.queries import check_right, roles_in

CANCELLATION, GRANT = "cancellation", "grant"


def grant(order_id: UUID, backs: Sequence[Back], subject: Ref, who: Who, why: str, freight: int | None = 0) -> Grant:
    """Give back what `backs` say of a paid order, and so much of its freight (None: all that is left of it).

    The quantities move, the books are written, and the refund is asked for, in this transaction; repayments sends it. A
    subject's second grant is the first one. Raises Refused 409 "wrong_quantity", 422 "refund_too_large" for one 分 more
    than was paid.
    """
    order, lines = locked_order(order_id)
    known = grant_about(*subject)
    if known is not None:
        return known
    if any(one.line_id not in lines for one in backs):
        raise missing("订单里没有这件商品", "There is no such line in this order.")
    left = holdings_of(order, lines)
    shares = [shared_back(one, lines[one.line_id], left[one.line_id]) for one in backs]
    of_freight = freight_back(freight, left[None])
    both = zip(backs, shares, strict=True)
    moves = [move for one, back in both for move in _moves(one, back, lines[one.line_id])]
    move_lines(order_id, moves, who, why, freight=of_freight.to_buyer)
    made = _written(order_id, order.shop_id, subject, why, [*shares, of_freight])
    emit(RefundGranted(made.id, order_id))
    reach("grant.before_commit")
    return made


def cancel_order(caller: Caller, order_id: UUID, why: str, cancellation_id: UUID | None = None) -> Grant:
    """Cancel all units of a paid order that are not sent: for its buyer, or for who serves buyers in its shop.

    Their money goes back at once, the freight too if nothing of the order is sent at all, and they are for sale again.
    `cancellation_id`: of a form, which sent twice cancels once. Raises Refused 404 for another's order, 409 "not_paid"
    before it is paid, and where nothing is left to cancel: "cancelled" before, "claimed" by a case, or "shipped".
    """
    _require_party(caller, order_id)
    _, lines = locked_order(order_id)
    about = Ref(CANCELLATION, cancellation_id or new_id())
    known = grant_about(*about)
    if known is not None and known.order_id == order_id:
        return known
    if known is not None:
        raise made_by_another()
    units = {one.line_id: min(one.to_ship, one.free) for one in lines.values()}
    if not any(units.values()):
        raise _nothing_to_cancel(lines.values())
    backs = [Back(line_id, CANCEL, count) for line_id, count in units.items() if count]
    who = caller.ref or ("system", None)
    made = grant(order_id, backs, about, who, why, freight=None if ends_all(lines, units) else 0)
    restock(_by_sku(lines, units), Ref(GRANT, made.id), CANCELLATION)
    return made


def _moves(asked: Back, back: SharedBack, line: LineProgress) -> list[Move]:
    """What it does to the line. A compensation lets go the units that were claimed for it, and gives money alone; of
    units that are refunded, those that were not handed over (or no longer are) are cancelled."""
    if asked.units and not back.units:
        return [Move(line.line_id, LET_GO, asked.units, back.to_buyer)]
    unsent = max(asked.units - line.sent_and_kept, 0) if asked.kind == REFUND else 0
    kept = Move(line.line_id, asked.kind, asked.units - unsent, back.to_buyer)
    return [kept, Move(line.line_id, GIVE_UP, unsent)] if unsent else [kept]


def _nothing_to_cancel(lines: Collection[LineProgress]) -> Refused:
    if any(one.to_ship for one in lines):
        zh, en = (
            "商品正在售后处理中，请先处理售后申请",
            "A case asks for all that could be cancelled: settle that first.",
        )
        return Refused(409, "claimed", zh, en)
    if any(one.shipped for one in lines):
        return Refused(409, "shipped", "商品都已发货，可以申请售后", "All of it was sent: ask for a return or refund.")
    return Refused(409, "cancelled", "订单已经取消", "This order was cancelled before.")


def _require_party(caller: Caller, order_id: UUID) -> None:
    """Raises Refused 404 for who neither bought this order nor works in its shop, 403 without the right to serve."""
    if caller.ref is not None and is_buyer(caller.ref, order_id):
        return
    order = db.session.get(Order, order_id)
    roles = roles_in([order.shop_id], caller.person_id) if order is not None and caller.person_id is not None else {}
    if not roles:
        raise missing("没有这个订单", "There is no such order.")
    check_right(next(iter(roles.values())), SERVE)


def _by_sku(lines: dict[UUID, LineProgress], units: dict[UUID, int]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for line_id, count in units.items():
        if count:
            found[lines[line_id].sku_id] = found.get(lines[line_id].sku_id, 0) + count
    return found


def _written(order_id: UUID, shop_id: UUID, subject: Ref, why: str, shares: Sequence[SharedBack]) -> Grant:
    """The grant, its shares, its journal, and the refund that repayments will send."""
    freight, total = shares[-1].to_buyer, sum(one.to_buyer for one in shares)
    told = {"order_id": order_id, "subject_kind": subject.kind, "subject_id": subject.id, "why": why}
    made = Grant(id=new_id(), amount=total, freight=freight, **told)
    if total:
        made.refund_id = _refund(order_id, total, made.id)
    db.session.add(made)
    db.session.flush()
    for one in shares:
        kept = {"grant_id": made.id, "order_id": order_id, "line_id": one.line_id, "units": one.units}
        for holder in {**one.parts, **one.withheld}:
            parts = {"amount": one.parts.get(holder, 0), "withheld": one.withheld.get(holder, 0)}
            db.session.add(Share(**kept, holder=holder, **parts))
    db.session.flush()
    _post(made, shop_id, shares)
    return made


def _refund(order_id: UUID, amount: int, grant_id: UUID) -> UUID:
    order = db.session.get_one(Order, order_id)
    payment_id = payment_of(order.purchase_id)
    if payment_id is None:
        raise LookupError(f"the paid purchase {order.purchase_id} names no payment")
    return ask_refund(payment_id, amount, f"{GRANT}:{grant_id}").id


def _post(made: Grant, shop_id: UUID, shares: Sequence[SharedBack]) -> None:
    """The shop has less; its buyer, and the funders who gave towards it, get theirs back."""
    parts: dict[str, int] = {}
    for one in shares:
        for holder, amount in one.parts.items():
            account = REFUNDS_DUE if holder == BUYER else f"funder:{holder}"
            parts[account] = parts.get(account, 0) + amount
    entries = [(account, -amount) for account, amount in parts.items() if amount]
    if entries:
        whole = -sum(amount for _, amount in entries)
        post_journal("order_refunded", Ref(GRANT, made.id), [(shop_account(shop_id), whole), *entries])
