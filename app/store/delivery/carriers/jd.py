"""JD Logistics: begins with JD."""

from app.store.delivery.carriers.base import Silent

carrier = Silent("jd", "京东快递", "JD Logistics", r"JD[A-Z0-9-]{8,30}")
