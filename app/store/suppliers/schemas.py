"""Suppliers as JSON, and the forms of staff."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Int, Moment, Out, Prose, QueryInt
from app.store.onboarding.models import STATES
from app.store.onboarding.schemas import Day
from app.store.suppliers.models import LONGEST_NOTE


class SupplierAuditOut(Out):
    score = Int(required=True)
    note = fields.String(required=True)
    until = Moment(required=True)
    at = Moment(required=True)


class SupplierOut(Out):
    """`until`: when it must have been audited again; `score`: of the last audit, 0 to 100."""

    id = Id(required=True)
    kind = fields.Constant("supplier", required=True)
    state = Choice(*STATES, required=True)
    until = Moment(required=True, allow_none=True)
    score = Int(required=True, allow_none=True)
    audits = fields.List(fields.Nested(SupplierAuditOut), required=True)


class AuditForm(In):
    score = QueryInt(most=100, required=True)
    note = Prose(most=LONGEST_NOTE, required=True)
    until = Day(required=True)
