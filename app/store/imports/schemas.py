"""Imports and exports as JSON."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Int, Moment, Out, QueryInt
from app.store.imports.models import RUN_STATES
from app.store.inventory.models import LARGEST_STOCK

USUAL_STOCK = 100


class ImportForm(In):
    """`stock`: of new variants that name none."""

    stock = QueryInt(most=LARGEST_STOCK, load_default=USUAL_STOCK)


class RunOut(Out):
    id = Id(required=True)
    state = Choice(*RUN_STATES, required=True)
    created_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class ImportOut(RunOut):
    """`lines` of about `total` lines (null: not known) are done; `fault`: why the whole file failed."""

    kind = fields.Constant("import", required=True)
    name = fields.String(required=True)
    lines = Int(required=True)
    total = Int(required=True, allow_none=True)
    added = Int(required=True)
    updated = Int(required=True)
    refused = Int(required=True)
    fault = fields.String(required=True)


class ImportsOut(Out):
    items = fields.List(fields.Nested(ImportOut), required=True)
    next = fields.String(required=True, allow_none=True)


class RefusalOut(Out):
    """A line of the file, and why it was not taken in, in both languages."""

    id = fields.Function(lambda one: f"{one.import_id}:{one.line}", required=True)
    kind = fields.Constant("refusal", required=True)
    line = Int(required=True)
    reason = fields.String(required=True)


class RefusalsOut(Out):
    items = fields.List(fields.Nested(RefusalOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ExportOut(RunOut):
    """`url` opens the file for a quarter of an hour once it is done."""

    kind = fields.Constant("export", required=True)
    rows = Int(required=True)
    url = fields.String(required=True, allow_none=True)
