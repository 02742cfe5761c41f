"""Our own form, for any provider: `kind,number,amount,time`. `kind` is payment or refund, `number` the id of our
payment or refund, `amount` yuan with at most two decimals."""

from collections.abc import Mapping

from app.core import money
from app.store.statements.kinds.base import PAYMENT, REFUND, Kind, Row, moment


class Plain(Kind):
    columns = ("kind", "number", "amount", "time")

    def row(self, cells: Mapping[str, str]) -> Row | None:
        if cells["kind"] not in {PAYMENT, REFUND}:
            raise ValueError(f"kind must be {PAYMENT} or {REFUND}, not {cells['kind']!r}")
        return Row(cells["kind"], cells["number"], money.from_yuan(cells["amount"]), moment(cells["time"]))


kind = Plain()
