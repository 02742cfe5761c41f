"""YTO Express: YT and 13 digits as a rule."""

from app.store.delivery.carriers.base import Silent

carrier = Silent(
    "yto",
    "圆通速递",
    "YTO Express",
    r"YT[0-9]{13}|[0-9A-Z]{10,18}",
    "YT 加 13 位数字，或 10 至 18 位大写字母和数字",
    "YT and 13 digits, or 10 to 18 capitals and digits",
)
