"""Reports and take-downs as JSON."""

from marshmallow import fields

from app.core.fields import Id, In, Moment, Out, Text


class ReportIn(In):
    reason = Text(most=200, required=True)
    note = Text(most=2000, least=0, load_default="")


class ReportMadeOut(Out):
    id = fields.UUID(required=True)


class SubjectOut(Out):
    """What a report or decision is about."""

    kind = fields.String(required=True)
    id = fields.UUID(required=True)


class ReportOut(Out):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    subject = fields.Nested(SubjectOut, required=True)
    reporter_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    note = fields.String(required=True)
    at = Moment(required=True)


class ReportPageOut(Out):
    items = fields.List(fields.Nested(ReportOut), required=True)
    next = fields.String(required=True, allow_none=True)


class DismissalIn(In):
    reason = Text(most=500, least=0, load_default="")


class TakedownIn(In):
    kind = Text(most=40, required=True)
    id = Id(required=True)
    reason = Text(most=500, required=True)


class TakedownOut(Out):
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    subject = fields.Nested(SubjectOut, required=True)
    reason = fields.String(required=True)
    by_id = fields.UUID(required=True)
    at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class TakedownPageOut(Out):
    items = fields.List(fields.Nested(TakedownOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ListQuery(In):
    """The query of a page's list."""

    cursor = Text(most=500, least=0, load_default=None)


class ApprovalForm(In):
    """`version`: the one that the moderator saw; `until`: the last report that he saw."""

    version = Moment(required=True)
    until = Moment(load_default=None)


class ApprovalsForm(In):
    """`seen`: "id@version" of each entry that stood on the page, with spaces between."""

    seen = Text(most=10_000, required=True)


class TakedownForm(In):
    """The author sees the reason. `entry` and `until`: what of the queue and of the reports the moderator saw."""

    reason = Text(most=500, required=True)
    entry = Id(load_default=None)
    until = Moment(load_default=None)


class DismissalForm(In):
    reason = Text(most=500, least=0, load_default="")
    until = Moment(required=True)
