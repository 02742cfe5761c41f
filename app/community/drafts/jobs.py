"""Drafts whose time has come."""

from app.community.drafts import actions
from app.core.worker import every


@every(seconds=0.5)
def publish_due_drafts() -> int:
    return actions.publish_due()
