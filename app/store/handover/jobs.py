"""What is heard of paid orders, codes and vouchers."""

from collections.abc import Sequence

from app.core.events import on, within
from app.store.aftersales.events import CaseClosed
from app.store.codes.events import CodesDelivered
from app.store.handover import actions
from app.store.orders.events import PurchasePaid
from app.store.refunds.events import RefundGranted
from app.store.vouchers.events import RedemptionUndone, VoucherExpired, VoucherRedeemed


@on(PurchasePaid)
def hand_out(facts: Sequence[PurchasePaid]) -> None:
    for purchase_id in actions.to_hand_out([one.purchase_id for one in facts]):
        actions.hand_out(purchase_id)


@within(CodesDelivered)
def settle_codes_at_once(fact: CodesDelivered) -> None:
    """What its buyer can read is not cancelled a moment later. Of a pool that is filled and a cancellation that meet
    one may have to be tried again (each holds what the other waits for), which doors do by themselves."""
    actions.settle_codes(fact.line_id)


@on(CodesDelivered, batch=20)
def settle_codes(facts: Sequence[CodesDelivered]) -> None:
    for one in facts:
        actions.settle_codes(one.line_id)


@within(VoucherRedeemed, RedemptionUndone)
def settle_vouchers(fact: VoucherRedeemed | RedemptionUndone) -> None:
    """At once: what was had at the counter is not cancelled a moment later, and what was not had after all can be."""
    actions.settle_vouchers(fact.line_id)


@on(VoucherExpired, batch=20)
def refund_expired(facts: Sequence[VoucherExpired]) -> None:
    for one in facts:
        actions.refund_expired(one.voucher_id, one.line_id)


@on(CaseClosed, batch=20)
def refund_what_a_case_let_go(facts: Sequence[CaseClosed]) -> None:
    """What expired while a case claimed it."""
    for order_id in sorted({one.order_id for one in facts}):
        actions.refund_expired_of(order_id)


@within(RefundGranted)
def take_back(fact: RefundGranted) -> None:
    """At once: what is paid back is not had a moment later. Of a counter and a cancellation that meet, one waits at the
    order for the other."""
    actions.take_back(fact.order_id)
