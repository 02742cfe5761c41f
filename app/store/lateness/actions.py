"""What is done about orders that wait too long."""

from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.caller import PERSON, SYSTEM, Ref
from app.core.db import db
from app.core.events import emit
from app.core.failpoints import reach
from app.core.money import split
from app.store.fulfilment.actions import locked_order
from app.store.fulfilment.models import PARTLY_SHIPPED, PAY, UNFULFILLED, LineProgress, OrderProgress
from app.store.lateness.events import OrderLate
from app.store.lateness.models import Late
from app.store.ledger.actions import post_journal
from app.store.ledger.queries import shop_account, wallet_account
from app.store.orders.queries import buyer_of
from app.store.refunds.actions import grant
from app.store.refunds.models import BUYER, Back
from app.store.refunds.queries import holdings_of

SHARE, LEAST, MOST = 20, 100, 3000
"""A twentieth of what the waiting goods cost, at least 1.00 and at most 30.00 yuan, as the large malls promise."""
LATE = "late_order"


def compensate_late(most: int = 50) -> int:
    """Find orders of which something was not sent in time, and give their buyers something for it; answers how many. A
    sweep. An order that somebody is changing now is passed by."""
    waits = OrderProgress.fulfilment.in_((UNFULFILLED, PARTLY_SHIPPED))
    known = select(Late.order_id).where(Late.order_id == OrderProgress.order_id).exists()
    due = select(OrderProgress.order_id).where(waits, OrderProgress.ship_by <= clock.db_now(), ~known)
    locking = due.order_by(OrderProgress.ship_by).limit(most).with_for_update(skip_locked=True, key_share=True)
    found = db.session.scalars(locking).all()
    for order_id in found:
        _compensate(order_id)
    reach("sweep.before_commit")
    return len(found)


def _compensate(order_id: UUID) -> None:
    order, lines = locked_order(order_id)
    holdings = holdings_of(order, lines)
    left = {one.line_id: _worth(one, holdings[one.line_id][BUYER]) for one in lines.values() if one.to_ship}
    amount = min(max(sum(left.values()) // SHARE, LEAST), MOST, sum(left.values()))
    db.session.add(Late(order_id=order_id, shop_id=order.shop_id, amount=amount))
    db.session.flush()
    if amount:
        _pay(order, amount, left)
    emit(OrderLate(order_id))


def _worth(line: LineProgress, left: int) -> int:
    """What was paid for those units of a line that are still to be sent; `left`: for all that are not refunded."""
    return split(left, [line.to_ship, line.quantity - line.refunded - line.to_ship])[0]


def _pay(order: OrderProgress, amount: int, left: dict[UUID, int]) -> None:
    """Into the wallet of a person; a guest has none, and gets it back of what he paid."""
    buyer = buyer_of(order.order_id)
    if buyer.kind == PERSON:
        entries = [(shop_account(order.shop_id), amount), (wallet_account(buyer.id), -amount)]
        post_journal(LATE, Ref("order", order.order_id), entries)
        return
    parts = zip(left, split(amount, list(left.values())), strict=True)
    backs = [Back(line_id, PAY, 0, part) for line_id, part in parts if part]
    grant(order.order_id, backs, Ref(LATE, order.order_id), (SYSTEM, None), "sent too late")
