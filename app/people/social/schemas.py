"""JSON of a person's page."""

from marshmallow import fields

from app.core.fields import Moment, Out
from app.people.accounts.schemas import AuthorOut


class PersonCounts(Out):
    followers = fields.Integer(required=True)
    following = fields.Integer(required=True)
    posts = fields.Integer(required=True)


class PersonViewer(Out):
    following = fields.Boolean(required=True)


class PersonOut(AuthorOut):
    """What everybody sees of a person; `viewer` is about who asks."""

    username = fields.String(required=True)
    bio = fields.String(required=True)
    counts = fields.Nested(PersonCounts, required=True)
    viewer = fields.Nested(PersonViewer, required=True)
    created_at = Moment(required=True)
