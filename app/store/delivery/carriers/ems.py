"""China Post: S10 numbers of the Universal Postal Union, or 13 digits."""

from app.store.delivery.carriers.base import Silent

carrier = Silent(
    "ems",
    "中国邮政",
    "China Post EMS",
    r"[A-Z]{2}[0-9]{9}[A-Z]{2}|[0-9]{13}",
    "两个大写字母、9 位数字和两个大写字母，或 13 位数字",
    "two capitals, 9 digits and two capitals, or 13 digits",
)
