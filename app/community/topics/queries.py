"""Questions about topics."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.community.topics.models import Topic, TopicUse
from app.core.db import db


def topics_by_key(keys: Collection[str]) -> dict[str, tuple[UUID, str]]:
    """(id, name) of the topics that exist, by key. One query, none for no keys."""
    if not keys:
        return {}
    rows = db.session.execute(select(Topic.name_key, Topic.id, Topic.name).where(Topic.name_key.in_(keys)))
    return {row[0]: (row[1], row[2]) for row in rows}


def topics_of(post_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """(post, name of a topic) of these posts, in the authors' order. One query."""
    named = select(TopicUse.post_id, Topic.name).join(Topic, Topic.id == TopicUse.topic_id)
    rows = db.session.execute(named.where(TopicUse.post_id.in_(post_ids)).order_by(TopicUse.post_id, TopicUse.position))
    return [(row[0], row[1]) for row in rows]
