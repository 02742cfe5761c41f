"""Verbs of listing: what the forms of a merchant bring into the catalogue."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.idempotency import made_by_another, one_at_a_time
from app.people.uploads.actions import StoredPicture, receive_picture
from app.store.catalogue.actions import add_sku, list_product
from app.store.catalogue.queries import locked_product, product_briefs
from app.store.shops.models import GOODS
from app.store.shops.queries import require_right
from app.store.variants.models import MOST_SKUS, SkuWanted
from app.store.variants.queries import skus_of


def list_goods(
    caller: Caller,
    shop_id: UUID,
    *,
    id: UUID,
    title: str,
    description: str,
    brand: str,
    category_id: UUID | None,
    sku: SkuWanted,
    state: str,
    pictures: Sequence[StoredPicture],
) -> bool:
    """List goods of one variant with pictures that were just sent, the first as the cover; answers whether it did.

    `id` came with the form: sent again it lists and changes nothing, and its pictures' files go as orphans.
    Raises Refused as list_product, 409 for the id of another shop's goods.
    """
    require_right(shop_id, caller.person, GOODS)
    one_at_a_time(id)
    known = product_briefs([id]).get(id)
    if known is not None and known.shop_id != shop_id:
        raise made_by_another()
    if known is not None:
        return False
    uploads = [receive_picture(caller.person, one).id for one in pictures]
    told: dict[str, Any] = {"title": title, "description": description, "brand": brand, "state": state}
    list_product(caller, shop_id, **told, category_id=category_id, skus=[sku], uploads=uploads, product_id=id)
    return True


def add_variant(caller: Caller, product_id: UUID, wanted: SkuWanted) -> bool:
    """Add a variant to goods of the caller's shop; answers whether it did, and not where one of this name and price is
    there, as after a second press. Raises Refused 404, 422 for a name that another one has, or one too many."""
    locked_product(product_id, staffed_by=caller.person)
    prices = {one.name: one.price for one in skus_of([product_id])[product_id]}
    if prices.get(wanted.name) == wanted.price:
        return False
    if wanted.name in prices:
        raise bad_field("name", "这件商品已有同名规格", "This product already has a variant of this name.")
    if len(prices) >= MOST_SKUS:
        raise bad_field("name", f"最多 {MOST_SKUS} 个规格", f"At most {MOST_SKUS} variants.")
    add_sku(caller, product_id, wanted)
    return True
