"""Somebody puts a post of mine into his collection."""

from app.community.posts.events import PostHidden
from app.community.reactions.events import PostCollected, PostUncollected
from app.community.reactions.models import COLLECT
from app.operate.notifications.kinds.like import LikeKind


class CollectKind(LikeKind):
    name = "collect"
    called = {"zh": "收藏", "en": "Collects"}
    zh = "{who}收藏了你的笔记"
    en = "{who} collected your post"
    facts = (PostCollected, PostUncollected, PostHidden)
    reaction = COLLECT


kind = CollectKind()
