"""JSON of posts."""

from marshmallow import fields

from app.core.fields import Moment, Out
from app.people.accounts.schemas import AuthorOut
from app.people.uploads.schemas import PictureOut


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
    """A post as every list shows it. published_at is null while nobody else has seen it. `declared`: what its author
    gets for it: none, commission, gift, paid, own_goods."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    cover = fields.Nested(PictureOut, required=True, allow_none=True)
    author = fields.Nested(AuthorOut, required=True, allow_none=True)
    tags = fields.List(fields.Nested(TagOut), required=True)
    declared = fields.String(required=True)
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
    comments_off = fields.Boolean(required=True)
    edited_at = Moment(required=True, allow_none=True)
    takedown = fields.Nested(TakeDownReasonOut, required=True, allow_none=True)
