"""Sweeps of suppliers. That an approval ends by itself is onboarding's."""

from app.core.worker import every
from app.store.suppliers import actions


@every(seconds=300)
def tell_of_audits() -> int:
    return actions.tell_of_audits()
