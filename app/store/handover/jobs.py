"""What is heard of paid orders, codes and vouchers."""

from collections.abc import Sequence

from app.core.events import on
from app.store.codes.events import CodesDelivered
from app.store.handover import actions
from app.store.orders.events import PurchasePaid
from app.store.refunds.events import RefundGranted
from app.store.vouchers.events import VoucherExpired, VoucherRedeemed


@on(PurchasePaid, batch=20)
def hand_out(facts: Sequence[PurchasePaid]) -> None:
    for one in facts:
        actions.hand_out(one.purchase_id)


@on(CodesDelivered, batch=20)
def settle_codes(facts: Sequence[CodesDelivered]) -> None:
    for one in facts:
        actions.settle_codes(one.line_id)


@on(VoucherRedeemed, batch=20)
def settle_vouchers(facts: Sequence[VoucherRedeemed]) -> None:
    for one in facts:
        actions.settle_vouchers(one.line_id)


@on(VoucherExpired, batch=20)
def refund_expired(facts: Sequence[VoucherExpired]) -> None:
    for one in facts:
        actions.refund_expired(one.voucher_id, one.line_id)


@on(RefundGranted, batch=20)
def take_back(facts: Sequence[RefundGranted]) -> None:
    for one in facts:
        actions.take_back(one.order_id)
