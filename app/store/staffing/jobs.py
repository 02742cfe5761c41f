"""Sweeps of staffing."""

from app.core.worker import every
from app.store.staffing import actions


@every(seconds=600)
def forget_unanswered_invitations() -> int:
    return actions.forget_unanswered()
