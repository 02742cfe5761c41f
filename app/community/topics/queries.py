"""Questions about topics."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from app.community.topics.models import Topic, TopicUse
from app.core.db import db
from app.core.plain import Prepared


def topics_by_key(keys: Collection[str]) -> dict[str, tuple[UUID, str]]:
    """(id, name) of the topics that exist, by key. One query, none for no keys."""
    if not keys:
        return {}
    return {row.name_key: (row.id, row.name) for row in _BY_KEY.rows(keys=list(keys))}


_BY_KEY = Prepared(
    select(Topic.name_key, Topic.id, Topic.name).where(Topic.name_key == any_(bindparam("keys", type_=ARRAY(Text))))
)


def topics_of(post_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """(post, name of a topic) of these posts, in the authors' order. One query."""
    named = select(TopicUse.post_id, Topic.name).join(Topic, Topic.id == TopicUse.topic_id)
    rows = db.session.execute(named.where(TopicUse.post_id.in_(post_ids)).order_by(TopicUse.post_id, TopicUse.position))
    return [(row[0], row[1]) for row in rows]
