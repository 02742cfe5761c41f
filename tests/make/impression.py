"""make.shown(post_id): one item of what a client tells about its screen; make.impression(post_id, by=...): told."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.db import in_transaction
from app.discover.recommendations import actions
from app.discover.recommendations.actions import Shown
from tests.make.person import Made, person

_places = count(1)


def shown(post_id: object, **changes: object) -> dict[str, Any]:
    """An item as JSON; each at another place unless `position` is given."""
    item = {"id": str(post_id), "surface": "explore", "dwell_ms": 1500, "at": "2026-05-01T12:00:00Z"}
    return {**item, "position": next(_places), **changes}


def impression(post_id: UUID, by: Made | None = None) -> int:
    """Show a post to somebody, to a new person if nobody is named; answers 1 if it was taken in."""
    who = by or person()
    item = Shown(post_id, "explore", next(_places), 1500, datetime.now(UTC))
    return in_transaction(lambda: actions.take_in(Caller(person_id=who.id), [item]))
