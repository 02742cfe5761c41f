"""Questions about variants."""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.core.errors import Refused, bad_field, missing
from app.store.inventory.queries import available, was_ever_held
from app.store.variants.models import Sku

COUNTED = (
    "虚拟商品的库存就是券码数：请添加券码，或上传文件后再填库存",
    "The stock of virtual goods is their codes: add codes, or a file and then a stock.",
)


PoolsOf = Callable[[Collection[UUID]], Mapping[UUID, bool]]
"""Of these variants, those whose units come out of a pool; whether anything was ever put into it."""
_pools_of: list[PoolsOf] = []


def tells_pools(pools_of_room: PoolsOf) -> PoolsOf:
    """Register who knows about pools: a room above, which fills them."""
    _pools_of.append(pools_of_room)
    return pools_of_room


def pools_of(sku_ids: Collection[UUID]) -> dict[UUID, bool]:
    """As PoolsOf says, of all rooms that have some; the stock of all other variants is what their shop says. One query
    a room."""
    return {sku_id: is_filled for pools in _pools_of for sku_id, is_filled in pools(sku_ids).items()}


def require_uncounted(sku_id: UUID, units: int, field: str = "stock") -> None:
    """Raises Refused 422 for other `units` than there are of a variant whose stock is what is in its pool."""
    if pools_of([sku_id]) and units != available([sku_id]).get(sku_id, 0):
        raise bad_field(field, *COUNTED)


def require_filled(skus: Collection[Sku]) -> None:
    """Raises Refused 409 "no_codes" for goods that would be sold out of pools into which nothing was ever put."""
    pools = pools_of([one.id for one in skus])
    if skus and all(pools.get(one.id) is False for one in skus):
        zh = "虚拟商品请先保存为草稿，加入券码或上传文件后再上架"
        en = "Save virtual goods as a draft and add codes or a file first: their buyers would get nothing."
        raise Refused(409, "no_codes", zh, en)


def skus_of(product_ids: Collection[UUID]) -> dict[UUID, list[Sku]]:
    """The variants of these products, each in its order. One query."""
    found: dict[UUID, list[Sku]] = {one: [] for one in product_ids}
    if found:
        wanted = select(Sku).where(Sku.product_id.in_(found)).order_by(Sku.position, Sku.id)
        for sku in db.session.scalars(wanted):
            found[sku.product_id].append(sku)
    return found


def product_id_of(sku_id: UUID) -> UUID:
    """The product that this variant is of. Raises Refused 404, with the words for another's, which may be a draft."""
    found = db.session.scalar(select(Sku.product_id).where(Sku.id == sku_id))
    if found is None:
        raise missing("没有这件商品", "There is no such product.")
    return found


def skus_by_code(shop_id: UUID, codes: Collection[str]) -> dict[str, Sku]:
    """A shop's variants by its own numbers; absent ones are left out. One query."""
    if not codes:
        return {}
    found = db.session.scalars(select(Sku).where(Sku.shop_id == shop_id, Sku.code.in_(codes)))
    return {one.code or "": one for one in found}


def locked_skus(product_id: UUID) -> list[Sku]:
    """The variants of a product whose row is locked, themselves locked: the sweep of prices takes only those."""
    mine = select(Sku).where(Sku.product_id == product_id).order_by(Sku.id)
    locking = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return sorted(db.session.scalars(locking), key=lambda one: one.position)


def require_unsold(product_id: UUID) -> None:
    """Raises Refused 409 once somebody has begun to buy a product."""
    if was_ever_held([one.id for one in skus_of([product_id])[product_id]]):
        zh, en = "已有人购买过，不能再改商品类型", "Somebody has begun to buy it: its kind stays as it is."
        raise Refused(409, "kind_is_fixed", zh, en)
