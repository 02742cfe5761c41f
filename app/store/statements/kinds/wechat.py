"""WeChat Pay's bill of all trades (交易账单, ALL): each value begins with a backtick, sums stand at the end."""

from collections.abc import Mapping

from app.core import money
from app.store.statements.kinds.base import PAYMENT, REFUND, Kind, Row, moment


class WeChatTrades(Kind):
    gateway = "wechat"
    columns = ("交易时间", "微信订单号", "商户订单号", "交易状态", "应结订单金额", "商户退款单号", "退款金额")

    def row(self, cells: Mapping[str, str]) -> Row | None:
        state, at = cells["交易状态"], moment(cells["交易时间"])
        if state == "SUCCESS":
            whole = cells.get("订单金额")  # bills of before 2018 have it in two parts
            amount = money.from_yuan(whole) if whole else _sum(cells["应结订单金额"], cells.get("代金券金额", "0"))
            return Row(PAYMENT, cells["商户订单号"], amount, at)
        if state in {"REFUND", "REVOKED"}:
            asked = cells.get("申请退款金额") or cells["退款金额"]
            return Row(REFUND, cells["商户退款单号"], money.from_yuan(asked), at)
        return None


def _sum(*yuan: str) -> int:
    return sum(money.from_yuan(one) for one in yuan)


kind = WeChatTrades()
