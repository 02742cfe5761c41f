"""China Post: S10 numbers of the Universal Postal Union, or 13 digits."""

from app.store.delivery.carriers.base import Silent

carrier = Silent("ems", "中国邮政", "China Post EMS", r"[A-Z]{2}[0-9]{9}[A-Z]{2}|[0-9]{13}")
