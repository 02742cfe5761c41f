"""JSON of drafts."""

from typing import Any

from marshmallow import fields, post_load

from app.community.cards.schemas import PostPictureOut
from app.community.declarations.models import DECLARATIONS
from app.community.posts.models import NOTE, REVIEW, VISIBILITIES
from app.community.posts.schemas import (
    LONGEST_BODY,
    LONGEST_TITLE,
    LONGEST_TOPIC,
    MOST_TAGS,
    MOST_TOPICS,
    MOST_UPLOADS,
    TagIn,
    TopicName,
)
from app.core.fields import Choice, Id, In, Int, Moment, Out, Text, some


class DraftIn(In):
    """A post that need not be whole; all of it each time."""

    kind = Choice(NOTE, REVIEW)
    title = Text(most=LONGEST_TITLE, least=0)
    body = Text(most=LONGEST_BODY, least=0)
    visibility = Choice(*VISIBILITIES)
    rating = Int(least=1, most=5)
    uploads = some(Id(), most=MOST_UPLOADS)
    topics = some(TopicName(most=LONGEST_TOPIC), most=MOST_TOPICS)
    tags = some(TagIn, most=MOST_TAGS)
    declared = Choice(*DECLARATIONS)

    @post_load
    def as_json(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        told = dict(found)
        if "uploads" in told:
            told["uploads"] = [str(one) for one in told["uploads"]]
        if "tags" in told:
            told["tags"] = [_tag(one) for one in told["tags"]]
        return told


def _tag(one: Any) -> dict[str, Any]:
    goods = {name: str(value) if (value := getattr(one, name)) else None for name in ("product_id", "sku_id")}
    return {**goods, "image": one.image, "x": one.x, "y": one.y}


class ScheduleIn(In):
    publish_at = Moment(required=True)


class FailureOut(Out):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class DraftOut(Out):
    """`content` is what was sent; `failure`: why it could not be published when its time came."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    content = fields.Dict(required=True)
    pictures = fields.List(fields.Nested(PostPictureOut), required=True)
    publish_at = Moment(required=True, allow_none=True)
    failure = fields.Nested(FailureOut, required=True, allow_none=True)
    changed_at = Moment(required=True)
    created_at = Moment(required=True)


class DraftsOut(Out):
    items = fields.List(fields.Nested(DraftOut), required=True)
    next = fields.String(required=True, allow_none=True)
