"""ZTO Express: 12 to 15 digits."""

from app.store.delivery.carriers.base import Silent

carrier = Silent("zto", "中通快递", "ZTO Express", r"[0-9]{12,15}", "12 至 15 位数字", "12 to 15 digits")
