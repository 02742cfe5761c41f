"""What the pages of a shop's orders ask, and the sheet of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import fields

from app.core.clock import day_began, in_china
from app.core.fields import OrNone
from app.core.sheets import money
from app.store.fulfilment.queries import OrdersWanted
from app.store.fulfilment.schemas import ShopOrdersQuery
from app.store.orders.models import LINK, MALL, STORE

AXES = ("payment", "fulfilment", "aftersale")
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


def rows_of(order: dict[str, Any], parcels: list[str], tells_buyer: bool, tongue: str) -> list[tuple[object, ...]]:
    """An order as rows of the sheet, one a line; money in yuan, times as in China."""
    names = [(CHANNEL_NAMES, order["channel"]), *((STATE_NAMES, order[one]) for one in AXES)]
    words = [known.get(word, (word, word))[tongue == "en"] for known, word in names]
    times = [in_china(order[one]) if order[one] else "" for one in ("created_at", "paid_at", "ship_by")]
    whole = [money(order[one]) for one in ("freight", "total", "refunded")]
    buyer = _buyer(order) if tells_buyer else ()
    return [
        (
            *(str(order["id"]), *times[:2], *words, *_line(line)),
            *(*whole, times[2], "; ".join(parcels), *buyer),
        )
        for line in order["lines"]
    ]


def _line(line: Mapping[str, Any]) -> tuple[object, ...]:
    off = sum(one["amount"] for one in line["adjustments"])
    cost = line["price"] * line["quantity"]
    amounts = (money(line["price"]), line["quantity"], money(off), money(cost + off))
    moved = (line["shipped"], line["received"], line["refunded"], money(line["refunded_amount"]))
    return (line["title"], line["sku_name"], *amounts, *moved)


def _buyer(order: Mapping[str, Any]) -> tuple[str, ...]:
    to = order["address"] or {}
    place = " ".join(to.get(one) or "" for one in ("province", "city", "district", "street"))
    return (to.get("name") or "", to.get("phone") or "", place.strip(), order["note"])


def wanted_of(asked: dict[str, Any]) -> OrdersWanted:
    """What was asked for, from the beginning of its first day to the end of its last."""
    since, until = asked["since"], asked["until"]
    begins = day_began(since) if since else None
    ends = day_began(until) + timedelta(days=1) if until else None
    rest = {name: asked[name] for name in ("state", "status", "channel", "about")}
    return OrdersWanted(since=begins, until=ends, **rest)
