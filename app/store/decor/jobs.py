"""Sweeps of decor."""

from app.core.worker import every
from app.store.decor import actions


@every(seconds=30)
def find_best_sellers() -> int:
    return actions.find_best_sellers()
