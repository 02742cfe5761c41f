"""Somebody follows me."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from app.core.caller import PERSON, Ref
from app.operate.notifications.kinds.base import Happening, Key, Kind, Seen, told_by
from app.operate.notifications.models import FOLLOWERS
from app.people.social.events import PersonFollowed, PersonUnfollowed
from app.people.social.models import Follow


def oneself(viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
    """What is about the reader himself. No query."""
    return {one: Seen(Ref(PERSON, one)) for one in ids}


class FollowKind(Kind):
    name = "follow"
    tab = FOLLOWERS
    called = {"zh": "新增关注", "en": "New followers"}
    zh = "{who}关注了你"
    en = "{who} followed you"
    is_of_people = True
    facts = (PersonFollowed, PersonUnfollowed)
    look = staticmethod(oneself)

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        return {Key(one.followed_id, one.follower_id) for one in facts}

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        asked = select(Follow.followed_id, Follow.followed_id, Follow.follower_id, Follow.at)
        return told_by(asked.where(tuple_(Follow.followed_id, Follow.follower_id).in_(keys)))


kind = FollowKind()
