"""What a merchant's forms do with goods, through the catalogue's own actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.people.uploads.actions import StoredPicture, receive_picture
from app.store.catalogue.actions import change_product, change_sku
from app.store.catalogue.queries import locked_product, pictures_of
from app.store.editing.queries import owned_among
from app.store.shops.models import GOODS
from app.store.shops.queries import require_right
from app.store.warehouses.actions import watch


@dataclass
class Done:
    """How many of many were changed, and why not the others, by what they are (a title, a SKU)."""

    changed: int = 0
    refused: dict[Any, Refused] = field(default_factory=dict)


def edit_product(caller: Caller, product_id: UUID, given: Mapping[str, Any], pictures: Sequence[StoredPicture]) -> None:
    """Change all of a product but its variants; pictures of `given["order"]` stay, new ones follow them.

    Raises Refused as change_product.
    """
    locked_product(product_id, staffed_by=caller.person)
    shown = pictures_of([product_id])[product_id]
    kept = [shown[place - 1].id for place in given["order"] if place <= len(shown)]
    uploads = [*kept, *(receive_picture(caller.person, one).id for one in pictures)]
    is_same = uploads == [one.id for one in shown]
    times = {name: given[name] for name in ("on_sale_at", "off_sale_at")}
    told = {name: given[name] for name in ("title", "description", "brand", "category_id", "attributes", "goods_kind")}
    change_product(caller, product_id, **told, times=times, uploads=None if is_same else uploads)


def edit_variant(caller: Caller, sku_id: UUID, given: Mapping[str, Any]) -> None:
    """Change all of a variant, and when its stock is low. Raises Refused as change_sku."""
    told = dict(given)
    low_at = told.pop("low_at")
    if told["stock"] == told["seen"]:
        del told["stock"], told["seen"]
    change_sku(caller, sku_id, **told)
    watch(caller, sku_id, low_at)


def change_states(caller: Caller, shop_id: UUID, product_ids: Sequence[UUID], state: str) -> Done:
    """Put these goods on sale or off, each for itself: one that may not go there does not hold up the others."""
    require_right(shop_id, caller.person, GOODS)
    done = Done()
    for product_id in owned_among(shop_id, product_ids):
        try:
            with db.session.begin_nested():
                product = change_product(caller, product_id, state=state)
            done.changed += product.state == state or product.submitted_at is not None
        except Refused as refused:
            done.refused[product_id] = refused
    return done


def change_rows(caller: Caller, rows: Mapping[UUID, Mapping[str, Any]]) -> Done:
    """Change price and stock of these variants, each for itself."""
    done = Done()
    for sku_id, wanted in sorted(rows.items()):
        try:
            with db.session.begin_nested():
                change_sku(caller, sku_id, **wanted)
            done.changed += 1
        except Refused as refused:
            done.refused[sku_id] = refused
    return done
