"""Giving posts their topics."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert

from app.community.topics.models import Topic, TopicUse, topic_key
from app.community.topics.queries import topics_by_key
from app.core.db import db
from app.core.ids import new_id
from app.core.plain import insertion

_USE = insertion(TopicUse, "post_id", "position", "topic_id")


def put_topics(post_id: UUID, names: Sequence[str]) -> list[str]:
    """Give a new post these topics, each once; answers their names. A topic keeps its first spelling."""
    topics = _kept(names)
    for place, (topic_id, _) in enumerate(topics):
        _USE.changed(post_id=post_id, position=place, topic_id=topic_id)
    return [name for _, name in topics]


def replace_topics(post_id: UUID, names: Sequence[str]) -> list[str]:
    """Give a post these topics instead of those that it has."""
    db.session.execute(delete(TopicUse).where(TopicUse.post_id == post_id))
    return put_topics(post_id, names)


def _kept(names: Sequence[str]) -> list[tuple[UUID, str]]:
    """(id, name) of these topics in order, made where they are new."""
    spelled = {topic_key(name): name for name in reversed(names)}
    found = topics_by_key(spelled)
    # In the order of keys: two authors who make the same topics wait for each other, and never in a circle.
    lacking = sorted(key for key in spelled if key not in found)
    if lacking:
        rows = [{"id": new_id(), "name": spelled[key], "name_key": key} for key in lacking]
        db.session.execute(upsert(Topic).on_conflict_do_nothing(), rows)
        found |= topics_by_key(lacking)
    return [found[key] for key in dict.fromkeys(topic_key(name) for name in names)]
