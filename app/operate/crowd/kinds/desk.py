"""What the moderators of the town did: they have looked at every open post but those of the last day, which wait."""

from datetime import datetime, timedelta
from uuid import UUID

from app.core.audit import AuditRow
from app.core.bulk import Columns
from app.operate.crowd.kinds.base import Batch, Town
from app.operate.crowd.kinds.chance import bits, id_of, place_in_log
from app.operate.moderation.models import ACTS, APPROVAL, Decision, QueueEntry

DECISIONS = Columns(Decision, ("id", "kind", "subject_id", "action", "reason", "by_id", "at"))
QUEUE = Columns(QueueEntry, ("id", "kind", "subject_id", "version", "at", "closed_at", "decision_id"))
AUDIT = Columns(AuditRow, ("id", "at", "who_id", "what", "subject_kind", "subject_id", "why"))
TABLES = (DECISIONS, QUEUE, AUDIT)
WAITING_DAYS = 1.0


def look_at(batch: Batch, town: Town, post_id: UUID, moment: datetime) -> None:
    """A moderator finds nothing wrong with a post of this moment, some hours later; what is newer is left to the queue,
    where its listener puts it."""
    if town.age_days(moment) <= WAITING_DAYS:
        return
    chance = bits("looked at", post_id)
    looked = moment + timedelta(seconds=600 + chance % 60_000)
    decision_id, moderator = id_of(looked, chance), town.founders.moderator
    batch.add(DECISIONS, decision_id, "post", post_id, APPROVAL, "", moderator, looked)
    batch.add(QUEUE, id_of(moment, bits("queued", post_id)), "post", post_id, moment, moment, looked, decision_id)
    place = place_in_log(looked, chance)
    batch.add(AUDIT, place, looked, moderator, ACTS[APPROVAL].code, "post", str(post_id), "")
