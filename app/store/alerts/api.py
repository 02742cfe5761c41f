"""Doors of alerts."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.store.alerts import actions, queries
from app.store.alerts.schemas import LowsOut
from app.store.shops.queries import require_staff

door = Door("alerts")


@door.get("/shops/<uuid:shop_id>/alerts", asks=PageQuery, gives=LowsOut, who=PERSON, for_keys=True)
def list_alerts(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """What runs low in a shop where the caller works, the latest first."""
    require_staff(shop_id, caller.person)
    items, following = queries.low_stock(shop_id, asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.put("/skus/<uuid:sku_id>/alert")
def wait_for(caller: Caller, sku_id: UUID) -> None:
    """Tell me when there is something of this variant again."""
    actions.wait_for(caller, sku_id)


@door.delete("/skus/<uuid:sku_id>/alert")
def wait_no_more(caller: Caller, sku_id: UUID) -> None:
    """Do not tell me any more."""
    actions.wait_no_more(caller, sku_id)
