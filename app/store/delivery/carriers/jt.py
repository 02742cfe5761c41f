"""J&T Express: JT and 13 digits."""

from app.store.delivery.carriers.base import Silent

carrier = Silent("jt", "极兔速递", "J&T Express", r"JT[0-9]{13}", "JT 加 13 位数字", "JT and 13 digits")
