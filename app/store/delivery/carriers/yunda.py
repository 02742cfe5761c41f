"""Yunda Express: 13 to 15 digits."""

from app.store.delivery.carriers.base import Silent

carrier = Silent("yunda", "韵达快递", "Yunda Express", r"[0-9]{13,15}", "13 至 15 位数字", "13 to 15 digits")
