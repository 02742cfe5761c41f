"""Verbs of drafts. A draft is gone in the transaction that makes its post, so it is published once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.community.drafts.events import DraftFailed
from app.community.drafts.models import LATEST, MOST_DRAFTS, MOST_SCHEDULED_A_DAY, SOONEST, Draft
from app.community.drafts.queries import draft_of, how_many
from app.community.posts.actions import publish_post
from app.core import clock
from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused, bad_field, refusal_of
from app.core.events import emit
from app.core.failpoints import reach
from app.core.idempotency import one_at_a_time
from app.core.ids import new_id
from app.people.accounts.queries import suspension_of
from app.people.uploads.actions import use_pictures

_UNKNOWN = Refused(
    409, "not_published", "发布失败，请检查后重试", "It could not be published: look it over and try again."
)


def keep_draft(caller: Caller, content: Mapping[str, Any], draft_id: UUID | None = None) -> Draft:
    """Keep a draft, or say anew what is in it. Raises Refused: 404 for another's, 409 for one too many, 422 for
    pictures that are not the caller's."""
    use_pictures(caller.person, [UUID(one) for one in content.get("uploads", [])])
    if draft_id is None:
        one_at_a_time(caller.person)
        if how_many(caller.person) >= MOST_DRAFTS:
            zh, en = f"最多保存 {MOST_DRAFTS} 篇草稿", f"You have {MOST_DRAFTS} drafts, the most there may be."
            raise Refused(409, "too_many_drafts", zh, en)
        draft = Draft(id=new_id(), person_id=caller.person)
        db.session.add(draft)
    else:
        draft = draft_of(caller.person, draft_id, locked=True)
    draft.content, draft.failure, draft.changed_at = dict(content), None, clock.now()
    db.session.flush()
    db.session.refresh(draft)
    return draft


def delete_draft(caller: Caller, draft_id: UUID) -> None:
    """Raises Refused 404."""
    db.session.delete(draft_of(caller.person, draft_id, locked=True))
    db.session.flush()


def schedule_draft(caller: Caller, draft_id: UUID, publish_at: datetime | None) -> Draft:
    """Publish a draft at this time, None: not by itself. Raises Refused: 404, 409 for more than MOST_SCHEDULED_A_DAY on
    one day, 422 for a time that is too soon or too late, and for a draft without a title."""
    one_at_a_time(caller.person)
    draft = draft_of(caller.person, draft_id, locked=True)
    if publish_at is not None:
        draft.as_post()
        _check_time(caller.person, draft.id, publish_at)
    draft.publish_at, draft.failure, draft.changed_at = publish_at, None, clock.now()
    db.session.flush()
    db.session.refresh(draft)
    return draft


def publish_draft(caller: Caller, draft_id: UUID) -> UUID:
    """A draft becomes a post of the same id. Raises Refused: 404, and as posts.publish_post."""
    _publish(caller, draft_of(caller.person, draft_id, locked=True))
    return draft_id


def publish_due(most: int = 20) -> int:
    """Publish drafts whose time has come; one that cannot be says why, and stays. A sweep; answers how many."""
    due = select(Draft).where(Draft.publish_at <= clock.db_now()).order_by(Draft.publish_at, Draft.id)
    found = db.session.scalars(due.limit(most).with_for_update(skip_locked=True)).all()
    for draft in found:
        try:
            with db.session.begin_nested():
                _publish(Caller(person_id=draft.person_id), draft)
        except (Refused, IntegrityError) as error:
            refused = error if isinstance(error, Refused) else refusal_of(error) or _UNKNOWN
            draft.publish_at, draft.failure = None, _reason(refused)
            db.session.flush()
            emit(DraftFailed(draft.id, draft.person_id))
    reach("sweep.before_commit")
    return len(found)


def _publish(caller: Caller, draft: Draft) -> None:
    suspension = suspension_of(caller.person)
    if suspension is not None:
        raise Refused(403, "suspended", "账号已停用", "This account is suspended.")
    publish_post(caller, **draft.as_post(), post_id=draft.id)
    db.session.execute(delete(Draft).where(Draft.id == draft.id))


def _check_time(person_id: UUID, draft_id: UUID, publish_at: datetime) -> None:
    now = clock.now()
    if not now + SOONEST <= publish_at <= now + LATEST:
        raise bad_field("publish_at", "须在 5 分钟后、一年以内", "Must be 5 minutes to a year from now.")
    day = func.date_trunc("day", Draft.publish_at, "Asia/Shanghai")
    same = day == func.date_trunc("day", publish_at, "Asia/Shanghai")
    if how_many(person_id, Draft.id != draft_id, same) >= MOST_SCHEDULED_A_DAY:
        zh = f"同一天最多定时发布 {MOST_SCHEDULED_A_DAY} 篇"
        raise Refused(409, "too_many_scheduled", zh, f"At most {MOST_SCHEDULED_A_DAY} posts are published on one day.")


def _reason(refused: Refused) -> dict[str, str]:
    """What its author is told: of a field that is wrong what is wrong with it."""
    for said in refused.errors.values():
        if said and isinstance(said, list) and isinstance(said[0], dict):
            return {"zh": str(said[0].get("zh", refused.zh)), "en": str(said[0].get("en", refused.en))}
    return {"zh": refused.zh, "en": refused.en}
