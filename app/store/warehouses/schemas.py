"""Warehouses and movements of stock as JSON."""

from typing import Any

from marshmallow import fields, post_load

from app.core.fields import Bool, Choice, Id, In, Int, Moment, Out, Text, some
from app.people.addresses.schemas import Province
from app.store.inventory.models import LARGEST_STOCK, REASONS
from app.store.warehouses.models import LONGEST_HOURS, LONGEST_NAME, LONGEST_WHY, MOST_MOVED, SIGNS


class PlaceIn(In):
    """Where a warehouse stands, and who answers the door."""

    province = Province(required=True)
    city = Text(most=40, required=True)
    district = Text(most=40, least=0, load_default="")
    street = Text(most=200, required=True)
    name = Text(most=40, least=0, load_default="")
    phone = Text(most=30, least=0, load_default="")


class WarehouseIn(In):
    name = Text(most=LONGEST_NAME, required=True)
    address = fields.Nested(PlaceIn, required=True)
    is_default = Bool(load_default=False)
    pick_up_hours = Text(most=LONGEST_HOURS, least=0, load_default="")


class WarehousePatchIn(In):
    name = Text(most=LONGEST_NAME)
    pick_up_hours = Text(most=LONGEST_HOURS, least=0)
    address = fields.Nested(PlaceIn)
    is_default = Bool()
    is_open = Bool()


class WarehouseForm(PlaceIn):
    """The form of a warehouse; `name` is the warehouse's own."""

    name = Text(most=LONGEST_NAME, required=True)

    @post_load
    def with_address(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        address = {key: value for key, value in data.items() if key != "name"}
        return {"name": data["name"], "address": {**address, "name": "", "phone": data["phone"]}}


class WarehousePatchForm(In):
    """The button that was pressed."""

    do = Choice("default", "open", "close", required=True)

    @post_load
    def as_change(self, data: dict[str, Any], **_: Any) -> dict[str, bool]:
        return {"is_default": True} if data["do"] == "default" else {"is_open": data["do"] == "open"}


class WarehouseOut(Out):
    id = Id(required=True)
    kind = fields.Constant("warehouse", required=True)
    name = fields.String(required=True)
    address = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    is_default = fields.Boolean(required=True)
    pick_up_hours = fields.String(required=True)
    is_open = fields.Function(lambda one: one.closed_at is None, required=True)


class WarehousesOut(Out):
    items = fields.List(fields.Nested(WarehouseOut), required=True)
    next = fields.String(required=True, allow_none=True)


class PickUpPointOut(Out):
    """Where, and when, a buyer may fetch what he ordered."""

    id = Id(required=True)
    kind = fields.Constant("pick_up_point", required=True)
    name = fields.String(required=True)
    address = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    hours = fields.String(attribute="pick_up_hours", required=True)


class PickUpPointsOut(Out):
    items = fields.List(fields.Nested(PickUpPointOut), required=True)
    next = fields.String(required=True, allow_none=True)


class TransferIn(In):
    """`warehouse_id` null: the shop's own place."""

    warehouse_id = Id(required=True, allow_none=True)
    sku_ids = some(Id(), least=1, most=MOST_MOVED, required=True)


class TransferOut(Out):
    moved = Int(required=True)


class MovementIn(In):
    reason = Choice(*SIGNS, required=True)
    units = Int(least=1, most=LARGEST_STOCK, required=True)
    why = Text(most=LONGEST_WHY, least=0, load_default="")


class StockOut(Out):
    available = Int(required=True)


class WatchIn(In):
    """`low_at` null: never."""

    low_at = Int(most=LARGEST_STOCK, required=True, allow_none=True)


class MovementOut(Out):
    id = fields.String(required=True)
    kind = fields.Constant("movement", required=True)
    sku_id = Id(required=True)
    delta = fields.Integer(required=True)
    reason = Choice(*REASONS, required=True)
    subject_kind = fields.String(required=True)
    subject_id = Id(required=True, allow_none=True)
    warehouse_id = Id(required=True, allow_none=True)
    why = fields.String(required=True)
    at = Moment(required=True)


class MovementsOut(Out):
    items = fields.List(fields.Nested(MovementOut), required=True)
    next = fields.String(required=True, allow_none=True)
