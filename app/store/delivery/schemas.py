"""The JSON of parcels."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Int, Moment, Out, Text, some
from app.store.delivery.models import TRACKS
from app.store.fulfilment.models import FULFILMENTS

MOST_AT_ONCE = 100
MOST_LINES = 50


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


class ParcelLineOut(Out):
    line_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    sku_id = Id(required=True)
    units = fields.Integer(required=True)


class ParcelOut(Out):
    """What a shop has to send of an order; `id` is the order's."""

    id = Id(required=True)
    kind = fields.Constant("parcel", required=True)
    address = fields.Dict(keys=fields.String(), required=True, allow_none=True)
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
