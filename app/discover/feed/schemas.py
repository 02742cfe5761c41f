"""Feeds as JSON."""

from marshmallow import fields

from app.community.cards.schemas import PostCardOut
from app.core.fields import Out


class ReasonOut(Out):
    """Why somebody sees a post: `code` for programs, `because` for people."""

    code = fields.String(required=True)
    because = fields.String(required=True)


class FeedItemOut(Out):
    """`id` is the post's; `paid`: somebody pays for its being here."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    post = fields.Nested(PostCardOut, required=True)
    reason = fields.Nested(ReasonOut, required=True)
    paid = fields.Boolean(required=True)


class FeedOut(Out):
    items = fields.List(fields.Nested(FeedItemOut), required=True)
    next = fields.String(required=True, allow_none=True)
