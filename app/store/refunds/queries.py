"""Questions about money that goes back, and the one rule of how much that is.

Of what is left of a line, each unit that goes back takes its share by the method of the largest remainder, and so does
each funder's part: refunded unit by unit, the refunds add up to what was paid, to the last 分, and the last unit takes
what is left. A unit that is kept counts as refunded once nothing is left of its share; what is given back before that
compensates for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, and_, cast, func, or_, select

from app.core.db import db
from app.core.errors import Refused
from app.core.money import split
from app.store.catalogue.queries import sellable_skus
from app.store.fulfilment.models import REFUND, LineProgress, OrderProgress
from app.store.orders.models import PAID, SHOP_FUNDS, Adjustment, OrderLine, OrderLog
from app.store.refunds.models import BUYER, Back, Grant, Share
from app.store.repayments.models import Refund

Holdings = dict[UUID | None, dict[str, int]]
"""For each line (None: the freight) what its buyer and its funders have still in it, in 分."""


@dataclass(frozen=True, slots=True)
class SharedBack:
    """What goes back for a line (None: of the freight), to each of those who gave towards it, and how many of its units
    count as refunded by that: none by a compensation. `withheld`: what of these units is given back no more."""

    line_id: UUID | None
    units: int
    parts: Mapping[str, int]
    withheld: Mapping[str, int] = field(default_factory=dict)

    @property
    def to_buyer(self) -> int:
        return self.parts.get(BUYER, 0)


def holdings_of(order: OrderProgress, lines: Mapping[UUID, LineProgress]) -> Holdings:
    """What is left in an order of what its buyer and its funders gave. Two queries."""
    found: Holdings = {one.line_id: {BUYER: max(one.total, 0) - one.refunded_amount} for one in lines.values()}
    found[None] = {BUYER: order.freight - order.freight_refunded}
    of_freight = and_(Adjustment.order_id == order.order_id, Adjustment.line_id.is_(None))
    of_order = or_(Adjustment.line_id.in_(lines), of_freight)
    funded = select(Adjustment.line_id, Adjustment.funder, cast(func.sum(Adjustment.amount), BigInteger))
    funded = funded.where(of_order, Adjustment.funder != SHOP_FUNDS).group_by(Adjustment.line_id, Adjustment.funder)
    for line_id, funder, amount in db.session.execute(funded):
        found[line_id][funder] = -amount
    amounts, withhelds = cast(func.sum(Share.amount), BigInteger), cast(func.sum(Share.withheld), BigInteger)
    given = select(Share.line_id, Share.holder, amounts, withhelds).where(Share.order_id == order.order_id)
    for line_id, holder, amount, withheld in db.session.execute(given.group_by(Share.line_id, Share.holder)):
        found[line_id][holder] -= withheld + (amount if holder != BUYER else 0)
    return found


def shared_back(back: Back, line: LineProgress, left: Mapping[str, int]) -> SharedBack:
    """What goes back for `back`. Raises Refused 422 "refund_too_large" for more than was paid for these units."""
    if back.amount is not None and not back.units:
        return SharedBack(line.line_id, 0, {BUYER: _at_most(back.amount, left[BUYER])})
    others = max(line.quantity - line.refunded - back.units, 0)
    whole = {holder: split(amount, [back.units, others])[0] for holder, amount in left.items()}
    if back.amount is None:
        return SharedBack(line.line_id, back.units, whole)
    part = _part_of(whole, back.amount)
    if back.kind == REFUND and not 0 < whole[BUYER] == back.amount:
        return SharedBack(line.line_id, 0, part)
    withheld = {one: amount - part.get(one, 0) for one, amount in whole.items()}
    return SharedBack(line.line_id, back.units, part, {one: rest for one, rest in withheld.items() if rest})


def freight_back(amount: int | None, left: Mapping[str, int]) -> SharedBack:
    """So much of the freight, None for all that is left of it. Raises Refused 422 "refund_too_large" for more."""
    return SharedBack(None, 0, dict(left) if amount is None else _part_of(left, amount))


def require_payable(
    order: OrderProgress, lines: Mapping[UUID, LineProgress], backs: Sequence[Back], freight: int
) -> None:
    """Raises Refused 422 "refund_too_large" for more than could go back now."""
    left = holdings_of(order, lines)
    for one in backs:
        shared_back(one, lines[one.line_id], left[one.line_id])
    freight_back(freight, left[None])


def could_go_back(order: OrderProgress, lines: Mapping[UUID, LineProgress], backs: Sequence[Back]) -> tuple[int, int]:
    """(all that could go back to the buyer now for the units of `backs` together, and for the freight), in 分."""
    left = holdings_of(order, lines)
    whole = [shared_back(replace(one, amount=None), lines[one.line_id], left[one.line_id]) for one in backs]
    return sum(one.to_buyer for one in whole), left[None][BUYER]


def ends_all(lines: Mapping[UUID, LineProgress], units: Mapping[UUID, int]) -> bool:
    """Whether nothing of an order is ever sent once so many units of its lines are cancelled."""
    return all(one.shipped == 0 and one.to_ship == units.get(one.line_id, 0) for one in lines.values())


def require_unused_freight(lines: Mapping[UUID, LineProgress], units: Mapping[UUID, int], freight: int) -> None:
    """Raises Refused 422 "freight_is_used" for freight that would go back though something was sent, or still will be,
    once so many units are cancelled: nobody of the shop is asked about it."""
    if freight and not ends_all(lines, units):
        zh, en = "还有商品要发货或已经发货，运费不退", "Something is sent all the same: the freight is used."
        raise Refused(422, "freight_is_used", zh, en, errors={"freight": [0]})


def shared_out(
    order: OrderProgress, lines: Mapping[UUID, LineProgress], backs: Sequence[Back], amount: int
) -> list[Back]:
    """`amount` 分 for all of `backs` together: each line has its share of it, by what could go back for its units."""
    left = holdings_of(order, lines)
    whole = [shared_back(one, lines[one.line_id], left[one.line_id]).to_buyer for one in backs]
    return [replace(one, amount=part) for one, part in zip(backs, split(amount, whole), strict=True)]


def fallen_since(order: OrderProgress, lines: Mapping[UUID, LineProgress], of: Collection[UUID]) -> dict[UUID, int]:
    """For each of these lines what its free units cost less now than was paid for them, in 分, less what that brought
    before; nothing for a line whose price has not fallen. Three queries."""
    skus = {row.id: row.sku_id for row in db.session.execute(_SKUS.where(OrderLine.id.in_(of)))}
    prices = sellable_skus(set(skus.values()))
    given = select(Share.line_id, cast(func.sum(Share.amount), BigInteger)).where(
        Share.order_id == order.order_id, Share.units == 0, Share.holder == BUYER, Share.line_id.is_not(None)
    )
    before = {row[0]: row[1] for row in db.session.execute(given.group_by(Share.line_id))}
    found = {}
    for one in (lines[line_id] for line_id in of):
        paid, now_is = max(one.total, 0), prices.get(skus[one.line_id])
        fell = split(paid, [one.free, one.quantity - one.free])[0] - now_is.price * one.free if now_is else 0
        found[one.line_id] = min(fell - before.get(one.line_id, 0), paid - one.refunded_amount)
    return {line_id: amount for line_id, amount in found.items() if amount > 0}


_SKUS = select(OrderLine.id, OrderLine.sku_id)


def grants_of(order_id: UUID) -> Sequence[Grant]:
    """What was granted of an order, oldest first."""
    return db.session.scalars(select(Grant).where(Grant.order_id == order_id).order_by(Grant.id)).all()


def grant_about(kind: str, subject_id: UUID) -> Grant | None:
    """The grant of this subject."""
    return db.session.scalar(select(Grant).where(Grant.subject_kind == kind, Grant.subject_id == subject_id))


def refund_of(grant_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What these grants come to, and how far their refunds are: {amount, status}; "none" where no money moves."""
    wanted = select(Grant.id, Grant.amount, Refund.state).outerjoin(Refund, Refund.id == Grant.refund_id)
    found = db.session.execute(wanted.where(Grant.id.in_(grant_ids))) if grant_ids else ()
    return {row[0]: {"amount": row[1], "status": row[2] or "none"} for row in found}


def payment_of(purchase_id: UUID) -> UUID | None:
    """The payment that paid this purchase; others of it that came in later are due back already."""
    paid = select(OrderLog.who_id).where(OrderLog.purchase_id == purchase_id, OrderLog.after == PAID)
    return db.session.scalar(paid.order_by(OrderLog.id.desc()).limit(1))


def _part_of(whole: Mapping[str, int], amount: int) -> dict[str, int]:
    """The buyer gets `amount` of what he could, and each funder as much of his."""
    most = whole[BUYER]
    weights = [_at_most(amount, most), most - amount]
    return {BUYER: amount} | {one: split(whole[one], weights)[0] for one in whole if one != BUYER and amount}


def _at_most(amount: int, most: int) -> int:
    if not 0 <= amount <= most:
        zh, en = f"最多可退 {most} 分", f"At most {most} (分) can go back."
        raise Refused(422, "refund_too_large", zh, en, errors={"amount": [most]})
    return amount
