"""What sending hears, and its sweeps."""

from collections.abc import Sequence

import structlog

from app.core.db import in_transaction
from app.core.events import on
from app.core.outside import each
from app.core.worker import every
from app.operate.notifications.events import NoticeRaised
from app.operate.reach.events import ContactAsked
from app.operate.sending import actions
from app.operate.sending.queries import Taken

log = structlog.get_logger("sending")
AT_ONCE, THREADS = 16, 4
"""Messages that are taken at once, and sent side by side: four calls in a row are over before their lease is."""


@on(NoticeRaised)
def enqueue_notices(facts: Sequence[NoticeRaised]) -> None:
    actions.enqueue({one.notice_id for one in facts})


@on(ContactAsked)
def enqueue_codes(facts: Sequence[ContactAsked]) -> None:
    for person_id, medium in sorted({(one.person_id, one.medium) for one in facts}):
        actions.enqueue_code(person_id, medium)


@every(seconds=0.5, outside=True)
def send_due() -> int:
    """Messages whose time has come; also those that are put off, held or dropped count."""
    due, taken = in_transaction(lambda: actions.take_due(AT_ONCE))
    each(_send, [taken[begin::THREADS] for begin in range(min(THREADS, len(taken)))])
    return due


def _send(some: Sequence[Taken]) -> None:
    """One that fails is tried again after its lease, and holds up no other."""
    for one in some:
        try:
            actions.send(one)
        except Exception:
            log.exception("message_failed", message=str(one.id))


@every(seconds=3600)
def forget_sent() -> int:
    return actions.forget_sent()
