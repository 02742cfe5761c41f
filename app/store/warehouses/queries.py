"""Questions about warehouses."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.core.errors import bad_field, missing
from app.store.catalogue.models import Product
from app.store.variants.models import Sku
from app.store.warehouses.models import Warehouse


def warehouses_of(shop_id: UUID) -> list[Warehouse]:
    """A shop's warehouses, the default first, then by name; closed ones too. One query."""
    mine = select(Warehouse).where(Warehouse.shop_id == shop_id)
    return list(db.session.scalars(mine.order_by(Warehouse.is_default.desc(), Warehouse.name)))


def warehouse_or_missing(shop_id: UUID, warehouse_id: UUID) -> Warehouse:
    """A warehouse of this shop, its row locked. Raises Refused 404."""
    mine = (Warehouse.id == warehouse_id, Warehouse.shop_id == shop_id)
    found = db.session.scalar(select(Warehouse).where(*mine).with_for_update())
    if found is None:
        raise missing("没有这个仓库", "There is no such warehouse.")
    return found


def open_warehouse(shop_id: UUID, warehouse_id: UUID | None) -> UUID | None:
    """The id of a warehouse that takes goods; None for the shop's own. Raises Refused 422."""
    mine = (Warehouse.id == warehouse_id, Warehouse.shop_id == shop_id, Warehouse.closed_at.is_(None))
    if warehouse_id is not None and db.session.scalar(select(Warehouse.id).where(*mine)) is None:
        raise bad_field("warehouse_id", "没有这个仓库，或已停用", "There is no such open warehouse.")
    return warehouse_id


def default_warehouses(shop_ids: Collection[UUID]) -> dict[UUID, Warehouse]:
    """The default warehouse of each of these shops that has one: whence goods are sent that name none. One query."""
    wanted = select(Warehouse).where(Warehouse.shop_id.in_(shop_ids), Warehouse.is_default)
    return {one.shop_id: one for one in db.session.scalars(wanted)} if shop_ids else {}


def points_of(shop_id: UUID) -> list[Warehouse]:
    """Where buyers may fetch what they ordered of a shop, by name. One query."""
    return points_of_shops([shop_id]).get(shop_id, [])


def points_of_shops(shop_ids: Collection[UUID]) -> dict[UUID, list[Warehouse]]:
    """The same for several shops, those that have such a place. One query, none for no shops."""
    wanted = select(Warehouse).where(Warehouse.shop_id.in_(shop_ids), *_IS_POINT).order_by(Warehouse.name)
    found: dict[UUID, list[Warehouse]] = {}
    for one in db.session.scalars(wanted) if shop_ids else ():
        found.setdefault(one.shop_id, []).append(one)
    return found


def points_at(ids: Collection[UUID]) -> dict[UUID, Warehouse]:
    """Those of these warehouses at which buyers may fetch what they ordered, by id. One query, none for no ids."""
    wanted = select(Warehouse).where(Warehouse.id.in_(ids), *_IS_POINT)
    return {one.id: one for one in db.session.scalars(wanted)} if ids else {}


_IS_POINT = (Warehouse.pick_up_hours != "", Warehouse.closed_at.is_(None))


def warehouses_by_id(ids: Collection[UUID]) -> dict[UUID, Warehouse]:
    """These warehouses by id. One query, none for no ids."""
    if not ids:
        return {}
    return {one.id: one for one in db.session.scalars(select(Warehouse).where(Warehouse.id.in_(ids)))}


def skus_of_shop(shop_id: UUID, sku_ids: Collection[UUID]) -> set[UUID]:
    """Those of these variants that the shop sells. One query."""
    mine = select(Sku.id).join(Product, Product.id == Sku.product_id)
    return set(db.session.scalars(mine.where(Product.shop_id == shop_id, Sku.id.in_(sku_ids))))
