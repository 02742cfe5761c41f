"""The JSON of parcels, and the forms and sheets in which a shop enters them."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from marshmallow import ValidationError, fields

from app.core.errors import said
from app.core.fields import Choice, Id, In, Int, Moment, Out, QueryInt, Text, some
from app.core.sheets import read, unguarded
from app.store.delivery.models import TRACKS, ParcelToEnter
from app.store.fulfilment.models import FULFILMENTS

MOST_AT_ONCE = 100
MOST_LINES = 50
MOST_ROWS, LARGEST_SHEET, LONGEST_FIELD = 200, 1 << 20, 5000
SHEET_COLUMNS = {
    "order": ("order", "order_id", "订单", "订单号"),
    "carrier": ("carrier", "快递", "快递公司", "承运商"),
    "number": ("number", "tracking", "运单", "运单号", "快递单号"),
}
"""How the columns of a sheet of parcels may be called."""
_NO_ORDER = said("订单号不对", "There is no such order.")
_NO_PARCEL = said("快递公司或运单号没有填对", "Carrier or number is not right.")
_NO_NUMBER = said("运单号被改成了科学计数法，请把这一列设为文本", "A spreadsheet has rounded this number.")
_UNITS = QueryInt(most=10**6)
_MANGLED = re.compile(r"\d(\.\d+)?[eE]\+\d+")


class ShippedLineIn(In):
    line_id = Id(required=True)
    units = Int(least=1, most=10**6, required=True)


class PackageIn(In):
    """A parcel; without `lines` it holds all that is still to be sent."""

    carrier = Text(most=40, required=True)
    number = Text(most=40, required=True)
    lines = some(ShippedLineIn, most=MOST_LINES, least=1, load_default=None, allow_none=True)


class ParcelIn(In):
    order_id = Id(required=True)
    carrier = Text(most=40, required=True)
    number = Text(most=40, required=True)


class ParcelsIn(In):
    parcels = some(ParcelIn, most=MOST_AT_ONCE, least=1, required=True)


class CodeIn(In):
    """What a buyer shows at the counter."""

    code = Text(most=20, required=True)


class PlayedTrackIn(In):
    """What the sandbox's carrier shall tell of a parcel."""

    state = Choice(*TRACKS, required=True)
    place = Text(most=100, least=0, load_default="")
    words = Text(most=300, least=0, load_default="")


class CarrierOut(Out):
    name = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class CarriersOut(Out):
    items = fields.List(fields.Nested(CarrierOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PackageLineOut(Out):
    line_id = Id(required=True)
    units = fields.Integer(required=True)


class TrackOut(Out):
    """One thing that a carrier told."""

    state = Choice(*TRACKS, required=True)
    place = fields.String(required=True)
    words = fields.String(required=True)
    at = Moment(required=True)


class PackageOut(Out):
    """Goods on their way. `put_off`: its buyer has put `receive_by` off, which he may once."""

    id = Id(required=True)
    kind = fields.Constant("package", required=True)
    carrier = fields.Nested(CarrierOut, required=True)
    number = fields.String(required=True)
    lines = fields.List(fields.Nested(PackageLineOut), required=True)
    tracks = fields.List(fields.Nested(TrackOut), required=True)
    shipped_at = Moment(required=True)
    delivered_at = Moment(required=True, allow_none=True)
    receive_by = Moment(required=True)
    put_off = fields.Boolean(required=True)
    received_at = Moment(required=True, allow_none=True)


class PackagesOut(Out):
    """All packages of an order; `pick_up_code` is for a buyer who fetches it."""

    items = fields.List(fields.Nested(PackageOut), required=True)
    next = fields.String(required=True, allow_none=True)
    pick_up_code = fields.String(required=True, allow_none=True)


class MadePackageOut(PackagesOut):
    """As PackagesOut; `made` is the id of the package that was just entered."""

    made = Id(required=True)


class ParcelLineOut(Out):
    line_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    sku_id = Id(required=True)
    units = fields.Integer(required=True)


class ParcelOut(Out):
    """What a shop has to send of an order; `id` is the order's, `note` what its buyer asks of who sends it."""

    id = Id(required=True)
    kind = fields.Constant("parcel", required=True)
    address = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    note = fields.String(required=True)
    lines = fields.List(fields.Nested(ParcelLineOut), required=True)
    ship_by = Moment(required=True, allow_none=True)
    fulfilment = Choice(*FULFILMENTS, required=True)


class ParcelsOut(Out):
    items = fields.List(fields.Nested(ParcelOut), required=True)
    next = fields.String(required=True, allow_none=True)


class EnteredOut(Out):
    """What came of one parcel of many; `refused` is the code of why not."""

    order_id = Id(required=True)
    number = fields.String(required=True)
    refused = fields.String(required=True, allow_none=True)


class EnteredAllOut(Out):
    items = fields.List(fields.Nested(EnteredOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TrackTakenOut(Out):
    """What came of a carrier's message: how many packages it was news of."""

    kind = fields.Constant("track", required=True)
    news = fields.Integer(required=True)


class PackageForm(In):
    """A parcel of one order, entered on its page."""

    carrier = Text(most=40, required=True)
    number = Text(most=40, required=True)


@dataclass(frozen=True, slots=True)
class RowRead:
    """A row of many parcels: where it stands (from 1), what was written as order, carrier and number; the parcel that
    this is, or what is wrong with it, in both languages."""

    line: int
    order: str
    carrier: str
    number: str
    parcel: ParcelToEnter | None
    fault: Mapping[str, str] | None = None


def units_sent(sent: Mapping[str, str]) -> dict[UUID, int]:
    """How many units of each line a form sends, from its fields "units-<line>"; none of 0. Raises ValidationError."""
    found: dict[UUID, int] = {}
    for name in [one for one in sent if one.startswith("units-")]:
        try:
            line_id, units = (
                Id().deserialize(name.removeprefix("units-")),
                _UNITS.deserialize(sent[name].strip() or "0"),
            )
        except ValidationError as error:
            raise ValidationError({name: error.messages}) from None
        found |= {line_id: units} if units else {}
    if not found:
        raise ValidationError({"units": [said("请填写要发的数量", "Say how many are sent.")]})
    return found


def parcels_sent(sent: Mapping[str, str]) -> list[RowRead]:
    """The rows of a form with a number: fields "number-<order>", "carrier-<order>", and "carrier" for those without."""
    names = [one.removeprefix("number-") for one in sent if one.startswith("number-") and sent[one].strip()]
    carriers = [sent.get(f"carrier-{one}") or sent.get("carrier", "") for one in names[:MOST_AT_ONCE]]
    rows = zip(names, carriers, strict=False)
    return [_row(place, order, carrier, sent[f"number-{order}"], {}) for place, (order, carrier) in enumerate(rows, 1)]


def parcels_read(data: bytes, called: Mapping[str, str]) -> list[RowRead]:
    """The rows of a CSV with the columns SHEET_COLUMNS; those without carrier and number are left out. `called`: what
    people write for a carrier, in small letters, and its name. Raises ValidationError for what is no such file."""
    text = read(data) if len(data) <= LARGEST_SHEET else None
    if text is None or "\x00" in text:
        raise _bad_file("无法读取此文件，请上传 1 MB 以内的 CSV", "This is no CSV of at most 1 MB.")
    try:
        found = list(_rows_of(csv.reader(io.StringIO(text, newline="")), called))
    except csv.Error:
        raise _bad_file("无法读取此文件", "This file cannot be read as CSV.") from None
    if not found:
        raise _bad_file("没有填写运单号的行", "No row has a number.")
    if len(found) > MOST_ROWS:
        raise _bad_file(f"每次最多 {MOST_ROWS} 行，请分成几个文件", f"At most {MOST_ROWS} rows at a time.")
    return found


def _rows_of(lines: Iterator[list[str]], called: Mapping[str, str]) -> Iterator[RowRead]:
    heads = [one.strip().lower() for one in next(lines, [])]
    places = {
        column: next((heads.index(name) for name in names if name in heads), -1)
        for column, names in SHEET_COLUMNS.items()
    }
    if min(places.values()) < 0:
        raise _bad_file("第一行须有列名：订单号、快递公司、运单号", "The first line names order, carrier, number.")
    for line, fields_of_line in enumerate(lines, 2):
        if any(len(one) > LONGEST_FIELD for one in fields_of_line):
            raise csv.Error("a quote that nobody closes")
        row = {
            column: unguarded(fields_of_line[place].strip()) if place < len(fields_of_line) else ""
            for column, place in places.items()
        }
        if row["number"] or row["carrier"]:
            yield _row(line, row["order"], row["carrier"], row["number"], called)


def _row(line: int, order: str, carrier: str, number: str, called: Mapping[str, str]) -> RowRead:
    told = (line, order, carrier.strip(), number.strip())
    try:
        order_id = Id().deserialize(order.lower())
        given = PackageForm().load({"carrier": called.get(told[2].lower(), told[2]), "number": told[3]})
    except ValidationError as error:
        is_order = not isinstance(error.messages, dict)
        return RowRead(*told, None, _NO_ORDER if is_order else _NO_PARCEL)
    if _MANGLED.fullmatch(told[3]):
        return RowRead(*told, None, _NO_NUMBER)
    return RowRead(*told, ParcelToEnter(order_id, **given))


def _bad_file(zh: str, en: str) -> ValidationError:
    return ValidationError({"file": [said(zh, en)]})
