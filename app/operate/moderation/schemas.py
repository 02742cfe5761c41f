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
