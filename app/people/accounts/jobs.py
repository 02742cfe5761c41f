"""Sweeps of accounts."""

from app.core.worker import every
from app.people.accounts import actions


@every(seconds=600)
def forget_old_tokens() -> int:
    return actions.forget_old_tokens()
