"""Doors of warehouses and of what moves stock."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.store.catalogue.queries import shop_of_sku
from app.store.inventory.queries import movements
from app.store.shops.queries import require_staff, shop_or_missing
from app.store.warehouses import actions, queries
from app.store.warehouses.models import Warehouse
from app.store.warehouses.schemas import (
    MovementIn,
    MovementsOut,
    PickUpPointsOut,
    StockOut,
    TransferIn,
    TransferOut,
    WarehouseIn,
    WarehouseOut,
    WarehousePatchIn,
    WarehousesOut,
    WatchIn,
)

door = Door("warehouses", for_keys=True)


@door.get("/shops/<uuid:shop_id>/warehouses", gives=WarehousesOut, who=PERSON)
def list_warehouses(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """The warehouses of a shop where the caller works, the default first."""
    require_staff(shop_id, caller.person)
    return {"items": queries.warehouses_of(shop_id), "next": None}


@door.post("/shops/<uuid:shop_id>/warehouses", takes=WarehouseIn, gives=WarehouseOut)
def add_warehouse(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> Warehouse:
    """Add a warehouse; a shop's first one is its default."""
    return actions.add_warehouse(caller, shop_id, **given)


@door.patch("/shops/<uuid:shop_id>/warehouses/<uuid:warehouse_id>", takes=WarehousePatchIn, gives=WarehouseOut)
def change_warehouse(caller: Caller, shop_id: UUID, warehouse_id: UUID, given: dict[str, Any]) -> Warehouse:
    """Rename it, move it, make it the default, close it, open it again."""
    return actions.change_warehouse(caller, shop_id, warehouse_id, given)


@door.get("/shops/<uuid:shop_id>/pick-up-points", gives=PickUpPointsOut, who=None)
def list_points(shop_id: UUID) -> dict[str, Any]:
    """Where buyers may fetch what they ordered of a shop (PATCH /checkouts/{id}, pick_ups)."""
    shop_or_missing(shop_id)
    return {"items": queries.points_of(shop_id), "next": None}


@door.post("/shops/<uuid:shop_id>/transfers", takes=TransferIn, gives=TransferOut)
def move_goods(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, int]:
    """Move all units of some variants into another warehouse."""
    return {"moved": actions.move_goods(caller, shop_id, given["warehouse_id"], given["sku_ids"])}


@door.get("/skus/<uuid:sku_id>/movements", asks=PageQuery, gives=MovementsOut, who=PERSON)
def list_movements(caller: Caller, sku_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What moved the stock of a variant, the latest first; for those who work in its shop."""
    shop_of_sku(sku_id, caller.person)
    items, following = movements([sku_id], asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.post("/skus/<uuid:sku_id>/movements", takes=MovementIn, gives=StockOut)
def note_movement(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> dict[str, int]:
    """Note that units came in ("received") or are lost ("damaged")."""
    return {"available": actions.note_movement(caller, sku_id, **given)}


@door.put("/skus/<uuid:sku_id>/low-stock", takes=WatchIn)
def watch_stock(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> None:
    """Say from how many units down the shop is told (GET /shops/{id}/alerts)."""
    actions.watch(caller, sku_id, given["low_at"])
