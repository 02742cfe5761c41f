"""Imports and exports as JSON."""

from io import BytesIO
from itertools import islice

from marshmallow import fields

from app.core.errors import bad_field
from app.core.fields import Choice, Id, In, Int, Moment, Out, QueryInt
from app.store.catalogue.models import Goods
from app.store.imports.kinds import kind_of
from app.store.imports.kinds.base import BadLine, Line, Refusal
from app.store.imports.models import RUN_STATES, in_one
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


def goods_read(kind: str, text: str, most: int) -> tuple[list[Goods], list[tuple[int, str]]]:
    """Goods out of a text as an import takes them (".csv" or ".jsonl"): what can be taken in, and why not of each other
    line, by its number. Raises Refused 422 for a text that is not of this kind, or of more than `most` lines."""
    reader = kind_of(f"goods{kind}")
    try:
        found = list(islice(reader.lines(BytesIO(text.encode())), most + 1)) if reader else []
    except BadLine as bad:
        raise bad_field("goods", in_one(str(bad), "zh"), in_one(str(bad), "en")) from None
    if len(found) > most:
        raise bad_field("goods", f"一次最多 {most} 行", f"At most {most} lines at a time.")
    goods = [one.goods for one in found if isinstance(one, Line)]
    return goods, [(one.number, one.reason) for one in found if isinstance(one, Refusal)]
