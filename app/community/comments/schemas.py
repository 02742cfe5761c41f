"""JSON of comments."""

from marshmallow import fields

from app.community.cards.schemas import TakeDownReasonOut
from app.core.fields import In, Moment, Out, Text
from app.people.accounts.schemas import AuthorOut

LONGEST_COMMENT = 1000


class CommentIn(In):
    body = Text(most=LONGEST_COMMENT, required=True)


class CommentOut(Out):
    """`takedown`: why it is hidden from others; its author alone sees it."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    post_id = fields.UUID(required=True)
    body = fields.String(required=True)
    author = fields.Nested(AuthorOut, required=True, allow_none=True)
    created_at = Moment(required=True)
    takedown = fields.Nested(TakeDownReasonOut, required=True, allow_none=True)


class CommentsOut(Out):
    items = fields.List(fields.Nested(CommentOut), required=True)
    next = fields.String(required=True, allow_none=True)
