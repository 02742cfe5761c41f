"""JSON of a person's page, and of lists of people."""

from marshmallow import fields

from app.core.fields import In, Moment, Out, Text
from app.people.accounts.schemas import AuthorOut
from app.people.social.models import LONGEST_REMARK


class MuteIn(In):
    """Without `until`: for good."""

    until = Moment(load_default=None, allow_none=True)


class RemarkIn(In):
    """Empty words take the remark away."""

    words = Text(most=LONGEST_REMARK, least=0, required=True)


class PersonCounts(Out):
    followers = fields.Integer(required=True)
    following = fields.Integer(required=True)
    posts = fields.Integer(required=True)


class PersonViewer(Out):
    """What the person is to who asks. `friend`: each follows the other; `blocking`: who asks has blocked him."""

    following = fields.Boolean(required=True)
    follows = fields.Boolean(required=True)
    friend = fields.Boolean(required=True)
    blocking = fields.Boolean(required=True)
    muted = fields.Boolean(required=True)
    remark = fields.String(required=True)


class PersonOut(AuthorOut):
    """What everybody sees of a person; `viewer` is about who asks."""

    username = fields.String(required=True)
    bio = fields.String(required=True)
    counts = fields.Nested(PersonCounts, required=True)
    viewer = fields.Nested(PersonViewer, required=True)
    created_at = Moment(required=True)


class ListedPersonOut(AuthorOut):
    """`remark`: what who asks calls him."""

    remark = fields.String(required=True)


class ListedPeopleOut(Out):
    items = fields.List(fields.Nested(ListedPersonOut), required=True)
    next = fields.String(required=True, allow_none=True)
