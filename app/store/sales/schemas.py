"""What the pages of a shop's orders ask, and the sheet of them."""

from datetime import datetime, timedelta
from typing import Any

from marshmallow import fields

from app.core.clock import day_began, in_china
from app.core.fields import OrNone
from app.core.sheets import money
from app.store.fulfilment.queries import OrdersWanted, payment_axis
from app.store.fulfilment.schemas import ShopOrdersQuery
from app.store.orders.models import LINK, MALL, PAID, STORE

COLUMNS = {
    "zh": (
        *(
            "订单号",
            "下单时间",
            "支付时间",
            "渠道",
            "支付",
            "发货",
            "售后",
            "商品",
            "规格",
            "单价",
            "数量",
            "优惠",
            "小计",
        ),
        *("已发", "已收", "已退", "商品退款", "订单运费", "订单合计", "订单退款", "发货截止", "运单"),
    ),
    "en": (
        *("order", "ordered (UTC+8)", "paid (UTC+8)", "channel", "payment", "fulfilment", "after-sales", "goods"),
        *("variant", "price", "units", "offers", "line total", "sent", "received", "refunded units", "line refunded"),
        *("order freight", "order total", "order refunded", "ship by (UTC+8)", "parcels"),
    ),
}
STATE_NAMES = {
    "unpaid": ("待支付", "Unpaid"),
    "paid": ("已支付", "Paid"),
    "lapsed": ("超时未付", "Lapsed"),
    "partly_refunded": ("部分退款", "Partly refunded"),
    "refunded": ("已退款", "Refunded"),
    "unfulfilled": ("待发货", "To ship"),
    "partly_shipped": ("部分发货", "Partly shipped"),
    "shipped": ("已发货", "Shipped"),
    "received": ("已收货", "Received"),
    "cancelled": ("已取消", "Cancelled"),
    "none": ("无售后", "None"),
    "open": ("售后中", "Open"),
    "requested": ("待处理", "To answer"),
    "approved": ("待寄回", "To be sent back"),
    "sent_back": ("待验收", "To check"),
    "refused": ("已拒绝", "Refused"),
    "disputed": ("平台介入", "Disputed"),
    "granted": ("已退款", "Granted"),
    "replaced": ("已换货", "Replaced"),
    "withdrawn": ("买家撤销", "Withdrawn"),
    "rejected": ("平台驳回", "Rejected"),
    "expired": ("已过期", "Expired"),
}
"""What people call the states of the three axes, and of after-sales cases, in Chinese and English."""
CHANNEL_NAMES = {MALL: ("商城", "Mall"), STORE: ("轻店", "Light store"), LINK: ("链接", "Link")}
OF_BUYERS = {"zh": ("收货人", "电话", "地址", "留言"), "en": ("name", "phone", "address", "note")}


class OrdersQueryForm(ShopOrdersQuery):
    """Which orders a page or a sheet shows; days as they are in China, both included."""

    since = OrNone(fields.Date())
    until = OrNone(fields.Date())


def row_of(line: Any, tells_buyer: bool, tongue: str) -> tuple[object, ...]:
    """A line (sales.queries.sheet_of_shop) as a row of the sheet; money in yuan, times as in China."""
    is_en = tongue == "en"
    payment = payment_axis(line.status, line.order_refunded, line.total)
    words = [CHANNEL_NAMES.get(line.channel, (line.channel,) * 2)[is_en]]
    words += [STATE_NAMES.get(one, (one, one))[is_en] for one in (payment, line.fulfilment, line.aftersale)]
    amounts = (money(line.price), line.quantity, money(line.off), money(line.price * line.quantity + line.off))
    moved = (line.shipped, line.received, line.refunded, money(line.refunded_amount))
    whole = (money(line.freight), money(line.total), money(line.order_refunded))
    return (
        *(str(line.order_id), _time(line.created_at), _time(line.paid_at), *words),
        *(line.title, line.sku_name, *amounts, *moved, *whole, _time(line.ship_by), line.parcels),
        *(_buyer(line) if tells_buyer else ()),
    )


def _time(moment: datetime | None) -> str:
    return in_china(moment) if moment else ""


def _buyer(line: Any) -> tuple[str, ...]:
    """Of an order that is not paid nobody in a shop is told whose it is."""
    if line.status != PAID:
        return ("", "", "", "")
    to = line.address or {}
    place = " ".join(to.get(one) or "" for one in ("province", "city", "district", "street"))
    return (to.get("name") or "", to.get("phone") or "", place.strip(), line.note)


def wanted_of(asked: dict[str, Any]) -> OrdersWanted:
    """What was asked for, from the beginning of its first day to the end of its last."""
    since, until = asked["since"], asked["until"]
    begins = day_began(since) if since else None
    ends = day_began(until) + timedelta(days=1) if until else None
    rest = {name: asked[name] for name in ("state", "status", "channel", "about")}
    return OrdersWanted(since=begins, until=ends, **rest)
