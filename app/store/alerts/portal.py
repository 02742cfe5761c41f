"""The page of a shop's stock: what runs low, and its warehouses."""

from typing import Any
from uuid import UUID

from flask import request
from marshmallow import Schema
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.paging import USUAL
from app.store.alerts import queries
from app.store.shops.queries import require_staff
from app.store.warehouses import actions
from app.store.warehouses.queries import warehouses_of
from app.store.warehouses.schemas import WarehouseForm, WarehousePatchForm

door = PageDoor("alerts", __name__, who=PERSON)
menu.add(menu.SHOP, "/stock", "库存与仓库", "Stock", order=16)
SHOP = "/portal/shops/<uuid:shop_id>"


@door.get(f"{SHOP}/stock")
def show_stock(caller: Caller, shop_id: UUID) -> str:
    """What runs low, the latest first; and the warehouses."""
    return _stock_page(caller, shop_id, {}, {})


@door.post(f"{SHOP}/warehouses")
def add_warehouse(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Add a warehouse."""
    return _sent(caller, shop_id, WarehouseForm(), lambda given: actions.add_warehouse(caller, shop_id, **given))


@door.post(f"{SHOP}/warehouses/<uuid:warehouse_id>")
def change_warehouse(caller: Caller, shop_id: UUID, warehouse_id: UUID) -> AnyResponse:
    """Make it the default, close it, open it again."""
    schema = WarehousePatchForm()
    return _sent(caller, shop_id, schema, lambda given: actions.change_warehouse(caller, shop_id, warehouse_id, given))


def _sent(caller: Caller, shop_id: UUID, schema: Schema, work: Any) -> AnyResponse:
    require_staff(shop_id, caller.person)
    faults = faults_of(lambda: work(schema.load(form())))
    if faults is None:
        return go(f"/portal/shops/{shop_id}/stock")
    return once_more(_stock_page(caller, shop_id, form(), faults))


def _stock_page(caller: Caller, shop_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    shop = require_staff(shop_id, caller.person)
    low, following = queries.low_stock(shop_id, USUAL, request.args.get("cursor"))
    told = {"low": low, "next": following, "warehouses": warehouses_of(shop_id), "filled": filled, "faults": faults}
    return page("alerts_stock.html", shop=shop, **told)
