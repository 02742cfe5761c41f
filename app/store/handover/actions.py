"""What is done with paid lines of virtual goods and services.

Each step compares what is with what should be, so that it may be told twice, or late.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select

from app.core.caller import SYSTEM, Ref
from app.core.db import db
from app.store.codes.actions import close_grant, deliver, owe_at_most
from app.store.codes.models import CodeGrant
from app.store.fulfilment.actions import locked_order, move_lines
from app.store.fulfilment.models import CANCEL, CLAIM, RECEIVE, REFUND, SHIP, UNDO, LineProgress, Move
from app.store.orders.models import SERVICE, VIRTUAL, OrderLine, Purchase
from app.store.refunds.actions import grant
from app.store.refunds.models import Back, Grant
from app.store.vouchers.actions import issue, void_unused
from app.store.vouchers.models import EXPIRED, USED, Issue, Voucher
from app.store.vouchers.queries import gone, paid_unhad, vouchers_of_line

WHO, VOUCHER = (SYSTEM, None), "voucher"
_NOT_SENT = OrderLine.goods_kind.in_((VIRTUAL, SERVICE))


def to_hand_out(purchase_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these purchases with something that is not sent. One query."""
    wanted = select(OrderLine.purchase_id).where(OrderLine.purchase_id.in_(purchase_ids), _NOT_SENT).distinct()
    return sorted(db.session.scalars(wanted))


def hand_out(purchase_id: UUID) -> None:
    """Give the buyer of a paid purchase his codes, files and vouchers, but for what he cancelled meanwhile."""
    wanted = select(OrderLine, Purchase).join(Purchase, Purchase.id == OrderLine.purchase_id)
    rows = db.session.execute(
        wanted.where(OrderLine.purchase_id == purchase_id, _NOT_SENT).order_by(OrderLine.id)
    ).all()
    for line, purchase in rows:
        _, progress = locked_order(line.order_id)
        units = progress[line.id].quantity - progress[line.id].cancelled
        if units:
            _hand_out(line, units, Ref(purchase.buyer_kind, purchase.buyer_id))


def _hand_out(line: OrderLine, units: int, owner: Ref) -> None:
    sku_id = line.stock_sku_id or line.sku_id
    if line.goods_kind == VIRTUAL:
        deliver(line.id, sku_id, units, owner)
        settle_codes(line.id)
    else:
        shop_id = line.supplier_id or line.shop_id
        issue(line.id, units, owner, Issue(sku_id, line.product_id, shop_id, line.title, line.sku_name))


def settle_codes(line_id: UUID) -> None:
    """The units of a line whose codes, or file, its buyer has count as sent and received."""
    given = db.session.get(CodeGrant, line_id, populate_existing=True)
    if given is not None:
        _hand_over(line_id, given.units - given.lacking)


def settle_vouchers(line_id: UUID) -> None:
    """The units of a line that were had at the counter count as sent and received, and those alone: one that was undone
    can be cancelled again, and its time for after-sales begins when it is had."""
    _hand_over(line_id, sum(one.state == USED for one in vouchers_of_line(line_id)))


def refund_expired(voucher_id: UUID, line_id: UUID) -> None:
    """A unit that was not had in time is paid back; once for a voucher. Where an open case claims all that is left, the
    end of the case asks again (refund_expired_of)."""
    order_id = _order_of(line_id)
    if order_id is None:
        return
    _, lines = locked_order(order_id)
    line = lines[line_id]
    found = vouchers_of_line(line_id)
    if not line.free or paid_unhad(line, found) >= gone(found):
        return
    if not line.to_ship:
        move_lines(order_id, [Move(line_id, CLAIM, 1)], WHO, "voucher expired")
    kind = CANCEL if line.to_ship else REFUND
    grant(order_id, [Back(line_id, kind, 1)], Ref(VOUCHER, voucher_id), WHO, "voucher expired")


def refund_expired_of(order_id: UUID) -> None:
    """What could not be paid back while a case of this order was open: its vouchers that expired without a refund."""
    of_it = select(Voucher.id, Voucher.line_id).join(LineProgress, LineProgress.line_id == Voucher.line_id)
    is_paid = exists().where(Grant.subject_kind == VOUCHER, Grant.subject_id == Voucher.id)
    wanted = of_it.where(LineProgress.order_id == order_id, Voucher.state == EXPIRED, ~is_paid)
    for voucher_id, line_id in db.session.execute(wanted.order_by(Voucher.id)).all():
        refund_expired(voucher_id, line_id)


def take_back(order_id: UUID) -> None:
    """What was refunded of an order is not to be had any more: unused vouchers go, files open no more."""
    lines = select(LineProgress, OrderLine.goods_kind).join(OrderLine, OrderLine.id == LineProgress.line_id)
    mine = lines.where(LineProgress.order_id == order_id, _NOT_SENT)
    for line, kind in db.session.execute(mine.order_by(LineProgress.line_id)).all():
        if kind == SERVICE:
            found = vouchers_of_line(line.line_id)
            void_unused(line.line_id, max(paid_unhad(line, found) - gone(found), 0))
        elif line.refunded == line.quantity:
            close_grant(line.line_id)
        else:
            owe_at_most(line.line_id, line.to_ship)


def _hand_over(line_id: UUID, units: int) -> None:
    order_id = _order_of(line_id)
    if order_id is None:
        return
    _, lines = locked_order(order_id)
    line = lines[line_id]
    count = min(units - line.shipped, line.to_ship)
    if count > 0:
        both = [Move(line_id, SHIP, count), Move(line_id, RECEIVE, count)]
        move_lines(order_id, both, WHO, "handed over")
    elif units < line.shipped:
        move_lines(order_id, [Move(line_id, UNDO, line.shipped - units)], WHO, "not handed over after all")


def _order_of(line_id: UUID) -> UUID | None:
    """The order of a line that has begun; None for one that no order knows."""
    return db.session.scalar(select(LineProgress.order_id).where(LineProgress.line_id == line_id))
