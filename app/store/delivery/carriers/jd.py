"""JD Logistics: begins with JD."""

from app.store.delivery.carriers.base import Silent

carrier = Silent(
    "jd",
    "京东快递",
    "JD Logistics",
    r"JD[A-Z0-9-]{8,30}",
    "JD 开头，后面 8 至 30 位大写字母、数字或连字符",
    "JD and 8 to 30 capitals, digits or hyphens",
)
