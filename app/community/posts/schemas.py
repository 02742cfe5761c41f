"""JSON of posts."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, post_load

from app.community.declarations.models import DECLARATIONS, NONE
from app.community.posts.models import NOTE, PUBLIC, REVIEW, VISIBILITIES
from app.community.tags.models import TagWanted
from app.core.fields import Bool, Choice, Fraction, Id, In, Int, Text, is_blank, some

LONGEST_TITLE, LONGEST_BODY, LONGEST_TOPIC = 100, 20_000, 50
MOST_UPLOADS, MOST_TOPICS, MOST_TAGS = 18, 10, 20


class TagIn(In):
    """Goods tagged in a post; `image` is the index in uploads, x and y the place on it."""

    product_id = Id(required=True)
    sku_id = Id(load_default=None, allow_none=True)
    image = Int(most=MOST_UPLOADS - 1, load_default=None, allow_none=True)
    x = Fraction(load_default=None, allow_none=True)
    y = Fraction(load_default=None, allow_none=True)

    @post_load
    def wanted(self, found: dict[str, Any], **_: Any) -> TagWanted:
        return TagWanted(**found)


class TopicName(Text):
    """A topic as people type it: #露营# is 露营."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> str:
        name = super()._deserialize(value, attr, data, **named).strip(" \t\n#＃")
        if is_blank(name):
            raise ValidationError("Must not be blank.")
        return name


class PostIn(In):
    kind = Choice(NOTE, REVIEW, required=True)
    title = Text(most=LONGEST_TITLE, required=True)
    body = Text(most=LONGEST_BODY, least=0, load_default="")
    visibility = Choice(*VISIBILITIES, load_default=PUBLIC)
    rating = Int(least=1, most=5, load_default=None, allow_none=True)
    uploads = some(Id(), most=MOST_UPLOADS, load_default=list)
    topics = some(TopicName(most=LONGEST_TOPIC), most=MOST_TOPICS, load_default=list)
    tags = some(TagIn, most=MOST_TAGS, load_default=list)
    declared = Choice(*DECLARATIONS, load_default=NONE)


class PostPatchIn(In):
    """What is not named stays. `comments_off`: only its author comments on it."""

    declared = Choice(*DECLARATIONS)
    comments_off = Bool()

    title = Text(most=LONGEST_TITLE)
    body = Text(most=LONGEST_BODY, least=0)
    visibility = Choice(*VISIBILITIES)
    uploads = some(Id(), most=MOST_UPLOADS)
    topics = some(TopicName(most=LONGEST_TOPIC), most=MOST_TOPICS)
    tags = some(TagIn, most=MOST_TAGS)
