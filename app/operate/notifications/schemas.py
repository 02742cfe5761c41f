"""Notices as JSON."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Moment, Out, PageQuery, some
from app.operate.notifications.models import TABS
from app.people.accounts.schemas import AuthorOut

MOST_IDS = 100


class NoticesQuery(PageQuery):
    """Without `tab`: all of them."""

    tab = Choice(*TABS, load_default=None)


class NoticeTargetOut(Out):
    """Where a notice leads."""

    kind = fields.String(required=True)
    id = Id(required=True)
    title = fields.String(required=True)


class NoticeOut(Out):
    """One line of the inbox: `count` people (or things) and the latest three people. `words` is all of it as a
    sentence in the reader's language."""

    id = Id(required=True)
    kind = fields.String(required=True)
    tab = fields.String(required=True)
    count = fields.Integer(required=True)
    actors = fields.List(fields.Nested(AuthorOut), required=True)
    target = fields.Nested(NoticeTargetOut, required=True)
    words = fields.String(required=True)
    read = fields.Boolean(required=True)
    at = Moment(required=True)


class NoticesOut(Out):
    items = fields.List(fields.Nested(NoticeOut), required=True)
    next = fields.String(required=True, allow_none=True)


class UnreadOut(Out):
    """Unread notices by tab, and all together."""

    total = fields.Integer(required=True)
    tabs = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class ReadIn(In):
    """What is marked read: these, those of a tab, those up to a moment; what of it is named must all hold."""

    ids = some(Id(), most=MOST_IDS, load_default=None, allow_none=True)
    tab = Choice(*TABS, load_default=None, allow_none=True)
    until = Moment(load_default=None, allow_none=True)
