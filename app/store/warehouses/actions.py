"""What is done to warehouses, and in them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.core import clock
from app.core.caller import PERSON, Caller, Ref
from app.core.db import changed, db
from app.core.errors import Refused, bad_field
from app.core.ids import new_id
from app.store.catalogue.queries import shop_of_sku
from app.store.inventory.actions import change_stock, move_stock, watch_stock
from app.store.shops.models import GOODS
from app.store.shops.queries import require_right
from app.store.variants.queries import COUNTED, pools_of
from app.store.warehouses.models import MOST_WAREHOUSES, SIGNS, Warehouse
from app.store.warehouses.queries import open_warehouse, skus_of_shop, warehouse_or_missing


def add_warehouse(
    caller: Caller,
    shop_id: UUID,
    name: str,
    address: Mapping[str, str],
    is_default: bool = False,
    pick_up_hours: str = "",
) -> Warehouse:
    """A new warehouse of the caller's shop; the first one is the default. Raises Refused 404, 403, 409, 422."""
    require_right(shop_id, caller.person, GOODS)
    count = db.session.scalar(select(func.count()).where(Warehouse.shop_id == shop_id)) or 0
    if count >= MOST_WAREHOUSES:
        raise Refused(409, "too_many", f"最多 {MOST_WAREHOUSES} 个仓库", f"At most {MOST_WAREHOUSES} warehouses.")
    if is_default:
        _no_default(shop_id)
    made = Warehouse(id=new_id(), shop_id=shop_id, name=name, address=dict(address), pick_up_hours=pick_up_hours)
    made.is_default = is_default or not count
    db.session.add(made)
    db.session.flush()
    return made


def change_warehouse(caller: Caller, shop_id: UUID, warehouse_id: UUID, wanted: Mapping[str, Any]) -> Warehouse:
    """Change what is named: `name`, `address`, `pick_up_hours`, `is_default` (only true: another takes its place),
    `is_open`.

    Raises Refused 404, 403, 422, 409 for the default, which stays open.
    """
    require_right(shop_id, caller.person, GOODS)
    found = warehouse_or_missing(shop_id, warehouse_id)
    if wanted.get("is_default") and not found.is_default:
        _no_default(shop_id)
        found.is_default = True
    if "is_open" in wanted:
        found.closed_at = None if wanted["is_open"] else clock.now()
    if found.is_default and found.closed_at is not None:
        raise Refused(409, "default_stays", "默认仓库不能停用", "The default warehouse stays open.")
    for name in {"name", "address", "pick_up_hours"} & wanted.keys():
        setattr(found, name, wanted[name])
    db.session.flush()
    return found


def move_goods(caller: Caller, shop_id: UUID, warehouse_id: UUID | None, sku_ids: Sequence[UUID]) -> int:
    """All units of these variants lie in that warehouse now; answers of how many that is new. Raises Refused 404, 403,
    422 for another shop's variants or a closed warehouse."""
    require_right(shop_id, caller.person, GOODS)
    target = open_warehouse(shop_id, warehouse_id)
    if skus_of_shop(shop_id, sku_ids) != set(sku_ids):
        raise bad_field("sku_ids", "有规格不属于这家店", "A variant is not of this shop.")
    return move_stock(sku_ids, target, Ref(PERSON, caller.person))


def note_movement(caller: Caller, sku_id: UUID, reason: str, units: int, why: str = "") -> int:
    """Units came in ("received") or are lost ("damaged"); answers how many are available then.

    Raises Refused 404, 403, 422 where more are lost than nobody holds, and of goods that come out of a pool of codes.
    """
    shop_of_sku(sku_id, caller.person, GOODS)
    if pools_of([sku_id]):
        raise bad_field("units", *COUNTED)
    return change_stock(sku_id, SIGNS[reason] * units, reason, Ref(PERSON, caller.person), why)


def watch(caller: Caller, sku_id: UUID, low_at: int | None) -> None:
    """From so many units down the shop is told; None: never. Raises Refused 404, 403."""
    shop_of_sku(sku_id, caller.person, GOODS)
    watch_stock(sku_id, low_at)


def _no_default(shop_id: UUID) -> None:
    changed(update(Warehouse).where(Warehouse.shop_id == shop_id, Warehouse.is_default).values(is_default=False))
