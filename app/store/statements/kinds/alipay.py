"""Alipay's statement of business (业务明细): refunds are lines of their own, with an amount below 0."""

from collections.abc import Mapping

from app.core import money
from app.store.statements.kinds.base import PAYMENT, REFUND, Kind, Row, moment

AMOUNT, REFUND_NUMBER = "订单金额（元）", "退款批次号/请求号"
_KINDS = {"交易": PAYMENT, "退款": REFUND}


class AlipayBusiness(Kind):
    gateway = "alipay"
    columns = ("支付宝交易号", "商户订单号", "业务类型", "完成时间", AMOUNT)

    def row(self, cells: Mapping[str, str]) -> Row | None:
        known = _KINDS.get(cells["业务类型"])
        if known is None:
            return None
        number = cells["商户订单号"] if known == PAYMENT else cells[REFUND_NUMBER]
        return Row(known, number, money.from_yuan(cells[AMOUNT].lstrip("-")), moment(cells["完成时间"]))


kind = AlipayBusiness()
