"""JSON of what posts said before."""

from marshmallow import fields

from app.core.fields import Moment, Out


class PostVersionOut(Out):
    """`until`: when it was edited away; `pictures`: how many it had."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    number = fields.Integer(required=True)
    title = fields.String(required=True)
    body = fields.String(required=True)
    topics = fields.List(fields.String(), required=True)
    pictures = fields.Integer(required=True)
    until = Moment(required=True)


class PostVersionsOut(Out):
    items = fields.List(fields.Nested(PostVersionOut), required=True)
    next = fields.String(required=True, allow_none=True)
