"""make.report(post_id, by=...): somebody's report of a post."""

from uuid import UUID

from app.core.caller import Caller
from app.core.db import in_transaction
from app.operate.moderation import actions
from tests.make.person import Made, person


def report(post_id: UUID, by: Made | None = None, reason: str = "广告", note: str = "") -> UUID:
    """The id of the report; of a new person if nobody is named."""
    who = by or person()
    return in_transaction(lambda: actions.report_post(Caller(person_id=who.id), post_id, reason, note))
