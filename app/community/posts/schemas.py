"""JSON of posts."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load

from app.community.posts.models import NOTE, PRIVATE, PUBLIC, REVIEW
from app.community.tags.models import TagWanted
from app.core.fields import Choice, Fraction, Id, In, Int, Moment, Out, Text, is_blank, some
from app.people.accounts.schemas import AuthorOut
from app.people.uploads.schemas import PictureOut

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
    visibility = Choice(PUBLIC, PRIVATE, load_default=PUBLIC)
    rating = Int(least=1, most=5, load_default=None, allow_none=True)
    uploads = some(Id(), most=MOST_UPLOADS, load_default=list)
    topics = some(TopicName(most=LONGEST_TOPIC), most=MOST_TOPICS, load_default=list)
    tags = some(TagIn, most=MOST_TAGS, load_default=list)


class PostPatchIn(In):
    """What is not named stays."""

    title = Text(most=LONGEST_TITLE)
    body = Text(most=LONGEST_BODY, least=0)
    visibility = Choice(PUBLIC, PRIVATE)
    uploads = some(Id(), most=MOST_UPLOADS)
    topics = some(TopicName(most=LONGEST_TOPIC), most=MOST_TOPICS)
    tags = some(TagIn, most=MOST_TAGS)


class TaggedProductOut(Out):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)


class TagLinkOut(Out):
    code = fields.String(required=True)
    url = fields.String(required=True)


class TagOut(Out):
    id = fields.UUID(required=True)
    product = fields.Nested(TaggedProductOut, required=True)
    sku_id = fields.UUID(required=True, allow_none=True)
    image = fields.Integer(required=True, allow_none=True)
    x = fields.Float(required=True, allow_none=True)
    y = fields.Float(required=True, allow_none=True)
    link = fields.Nested(TagLinkOut, required=True)


class PostCountsOut(Out):
    likes = fields.Integer(required=True)
    collects = fields.Integer(required=True)
    comments = fields.Integer(required=True)
    views = fields.Integer(required=True)


class PostViewerOut(Out):
    """What the person who asks has done with the post and its author."""

    liked = fields.Boolean(required=True)
    collected = fields.Boolean(required=True)
    following = fields.Boolean(required=True)


class PostCardOut(Out):
    """A post as every list shows it. published_at is null while it has never been open to everybody."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    cover = fields.Nested(PictureOut, required=True, allow_none=True)
    author = fields.Nested(AuthorOut, required=True, allow_none=True)
    tags = fields.List(fields.Nested(TagOut), required=True)
    published_at = Moment(required=True, allow_none=True)
    counts = fields.Nested(PostCountsOut, required=True)
    viewer = fields.Nested(PostViewerOut, required=True)


class PostsOut(Out):
    items = fields.List(fields.Nested(PostCardOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PostPictureOut(PictureOut):
    id = fields.UUID(required=True)


class TakeDownReasonOut(Out):
    reason = fields.String(required=True)
    at = Moment(required=True)


class PostOut(PostCardOut):
    """`verified`: the post is a review of something that its author has bought here. `takedown`: for its author."""

    pictures = fields.List(fields.Nested(PostPictureOut), required=True)
    topics = fields.List(fields.String(), required=True)
    body = fields.String(required=True)
    visibility = fields.String(required=True)
    rating = fields.Integer(required=True, allow_none=True)
    verified = fields.Boolean(required=True)
    edited_at = Moment(required=True, allow_none=True)
    takedown = fields.Nested(TakeDownReasonOut, required=True, allow_none=True)
