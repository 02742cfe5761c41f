"""Pages of listing: a form of new goods, and one of another variant."""

from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.errors import Refused
from app.core.http.door import PERSON
from app.core.http.forms import form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sent import Sent, form_sent
from app.core.ids import new_id
from app.core.texts import in_language
from app.people.uploads.actions import StoredPicture, store_pictures
from app.store.catalogue.queries import product_of_staff
from app.store.categories.queries import category_list, category_or_refused
from app.store.listing import actions
from app.store.listing.schemas import MOST, MOST_PICTURES, GoodsForm, VariantForm
from app.store.shops.models import GOODS, Shop
from app.store.shops.queries import require_right

CATEGORIES = 500
"""So many are offered to choose from."""
door = PageDoor("listing", __name__, who=PERSON)


@door.get("/portal/shops/<uuid:shop_id>/goods/new")
def new_goods(caller: Caller, shop_id: UUID) -> str:
    """An empty form of goods for a shop where the caller works."""
    return _goods_page(require_right(shop_id, caller.person, GOODS), {}, {})


def _goods_sent(_caller: Caller) -> Sent[StoredPicture]:
    return form_sent(GoodsForm(), MOST_PICTURES, store_pictures)


@door.post("/portal/shops/<uuid:shop_id>/goods", before=_goods_sent, limit="upload")
def list_goods(caller: Caller, shop_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """List them: on sale at once, or as a draft."""
    shop = require_right(shop_id, caller.person, GOODS)
    try:
        category_or_refused(prepared.given.get("category_id"))
    except Refused as refused:
        prepared.faults |= in_language(refused.errors, language())
    if prepared.faults:
        return once_more(_goods_page(shop, form(), prepared.faults))

    def list_them() -> AnyResponse:
        is_new = actions.list_goods(caller, shop_id, **prepared.given, pictures=prepared.pictures)
        return go(f"/portal/products/{prepared.given['id']}?done={'listed' if is_new else 'known'}")

    return submitted(list_them, lambda faults: _goods_page(shop, form(), faults))


@door.get("/portal/products/<uuid:product_id>/skus/new")
def new_variant(caller: Caller, product_id: UUID) -> str:
    """An empty form of a variant."""
    return _variant_page(caller, product_id, {}, {})


@door.post("/portal/products/<uuid:product_id>/skus")
def add_variant(caller: Caller, product_id: UUID) -> AnyResponse:
    """Add the variant."""
    product_of_staff(product_id, caller.person)

    def add() -> AnyResponse:
        is_new = actions.add_variant(caller, product_id, VariantForm().load(form()))
        return go(f"/portal/products/{product_id}?done={'saved' if is_new else 'known'}")

    return submitted(add, lambda faults: _variant_page(caller, product_id, form(), faults))


def _goods_page(shop: Shop, filled: dict[str, str], faults: dict[str, Any]) -> str:
    """`goods_id`: once for each form, kept while it is filled in."""
    goods_id = new_id() if "id" in faults else filled.get("id", new_id())
    categories, _ = category_list(CATEGORIES, None)
    shown = {"categories": categories, "filled": filled, "faults": faults, "goods_id": goods_id, "most": MOST}
    return page("listing_goods.html", shop=shop, **shown)


def _variant_page(caller: Caller, product_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    product, shop, _ = product_of_staff(product_id, caller.person)
    return page("listing_variant.html", product=product, shop=shop, filled=filled, faults=faults, most=MOST)
