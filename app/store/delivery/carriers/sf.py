"""SF Express: SF and 13 digits as a rule."""

from app.store.delivery.carriers.base import Silent

carrier = Silent(
    "sf",
    "顺丰速运",
    "SF Express",
    r"SF[0-9]{12,15}|[0-9]{12,15}",
    "SF 加 12 至 15 位数字，或 12 至 15 位数字",
    "SF and 12 to 15 digits, or 12 to 15 digits alone",
)
