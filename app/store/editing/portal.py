"""Pages on which a merchant changes goods."""

import re
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.clock import CHINA
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sent import Sent, form_sent
from app.core.paging import USUAL
from app.core.texts import in_language
from app.people.uploads.actions import StoredPicture, store_pictures
from app.people.uploads.queries import picture
from app.store.catalogue.models import MOST_PICTURES, STATES
from app.store.catalogue.queries import pictures_of, product_of_staff, shop_of_sku
from app.store.categories.models import GOODS_KINDS
from app.store.categories.queries import attributes_of, category_or_refused, flat_tree
from app.store.editing import actions, queries
from app.store.editing.schemas import EditForm, MovementForm, RowForm, TableQuery, VariantEditForm, lines_of
from app.store.inventory.queries import movements, stocks
from app.store.prices.queries import history
from app.store.shops.models import GOODS
from app.store.shops.queries import require_staff
from app.store.variants.queries import product_id_of, skus_of
from app.store.warehouses.actions import note_movement
from app.store.warehouses.queries import warehouses_by_id

MOST_ADDED = 9
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
door = PageDoor("editing", __name__, who=PERSON)
menu.add(menu.SHOP, "/table", "批量修改", "Change many", order=12)


@door.get("/portal/products/<uuid:product_id>/edit")
def edit(caller: Caller, product_id: UUID) -> str:
    """The words and pictures of a product, its category and its times."""
    return _edit_page(caller, product_id, {}, {})


def _edit_sent(_caller: Caller) -> Sent[StoredPicture]:
    return form_sent(EditForm(), MOST_ADDED, store_pictures)


@door.post("/portal/products/<uuid:product_id>/edit", before=_edit_sent, limit="upload")
def save(caller: Caller, product_id: UUID, prepared: Sent[StoredPicture]) -> AnyResponse:
    """Save them."""
    product_of_staff(product_id, caller.person)
    if prepared.faults:
        return once_more(_edit_page(caller, product_id, form(), prepared.faults))
    faults = faults_of(lambda: actions.edit_product(caller, product_id, prepared.given, prepared.pictures))
    if faults is None:
        return go(f"/portal/products/{product_id}?done=saved")
    return once_more(_edit_page(caller, product_id, form(), faults))


@door.get("/portal/skus/<uuid:sku_id>")
def show_variant(caller: Caller, sku_id: UUID) -> str:
    """All of a variant: price, stock, codes, limits; what it cost before, and what moved its stock."""
    return _variant_page(caller, sku_id, {}, {})


@door.post("/portal/skus/<uuid:sku_id>/edit")
def save_variant(caller: Caller, sku_id: UUID) -> AnyResponse:
    """Save it."""
    return _variant_sent(caller, sku_id, VariantEditForm(), lambda given: actions.edit_variant(caller, sku_id, given))


@door.post("/portal/skus/<uuid:sku_id>/movements")
def move_stock(caller: Caller, sku_id: UUID) -> AnyResponse:
    """Units came in, or are lost."""
    return _variant_sent(caller, sku_id, MovementForm(), lambda given: note_movement(caller, sku_id, **given))


def _variant_sent(caller: Caller, sku_id: UUID, schema: Schema, work: Any) -> AnyResponse:
    shop_of_sku(sku_id, caller.person, GOODS)
    faults = faults_of(lambda: work(schema.load(form())))
    if faults is None:
        return go(f"/portal/skus/{sku_id}?done=1")
    return once_more(_variant_page(caller, sku_id, form(), faults))


@door.get("/portal/shops/<uuid:shop_id>/table")
def show_table(caller: Caller, shop_id: UUID) -> str:
    """Goods of a shop with price and stock of each variant, to change many at once."""
    return _table_page(caller, shop_id, None, {})


@door.post("/portal/shops/<uuid:shop_id>/table")
def save_table(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Save the rows that were changed."""
    require_staff(shop_id, caller.person)
    sent, rows, faults = form(), {}, {}
    for sku_id in _ids_named("price-"):
        told = {key: sent.get(f"{key}-{sku_id}", "") for key in ("price", "stock", "seen", "was")}
        if (told["price"], told["stock"]) == (told["was"], told["seen"]):
            continue
        try:
            given = RowForm().load(told)
        except ValidationError as fault:
            faults[sku_id] = in_language(fault.messages_dict, language())
            continue
        changed = {"price": given["price"]} if told["price"] != told["was"] else {}
        stock = {"stock": given["stock"], "seen": given["seen"]} if told["stock"] != told["seen"] else {}
        rows[sku_id] = {**changed, **stock}
    done = actions.change_rows(caller, rows)
    faults |= {one: {"price": [refused.text(language())]} for one, refused in done.refused.items()}
    shown = _table_page(caller, shop_id, done.changed, faults)
    return once_more(shown) if faults else Response(shown, mimetype="text/html")


@door.post("/portal/shops/<uuid:shop_id>/table/states")
def change_states(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Put the ticked goods on sale, or off."""
    ticked = _ids_named("pick-")
    state = form().get("state", "")
    if state not in STATES:
        raise ValidationError({"state": ["Must be one of: on_sale, off."]})
    done = actions.change_states(caller, shop_id, ticked, state)
    faults = {one: {"state": [refused.text(language())]} for one, refused in done.refused.items()}
    shown = _table_page(caller, shop_id, done.changed, faults)
    return once_more(shown) if faults else Response(shown, mimetype="text/html")


def _ids_named(beginning: str) -> list[UUID]:
    """The ids in the names of fields that begin so; others are no fields of ours."""
    names = [one.removeprefix(beginning) for one in form() if one.startswith(beginning)]
    return [UUID(one) for one in names if _ID.fullmatch(one)]


def _edit_page(caller: Caller, product_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    product, shop, _ = product_of_staff(product_id, caller.person)
    now = {name: getattr(product, name) or "" for name in ("title", "description", "brand", "category_id")}
    now |= {"goods_kind": product.goods_kind, "attributes": lines_of(product.attributes)}
    for name in ("on_sale_at", "off_sale_at"):
        at = getattr(product, name)
        now[name] = f"{at.astimezone(CHINA):%Y-%m-%dT%H:%M}" if at else ""
    shown = [picture(one, "thumb", signed=True) for one in pictures_of([product_id])[product_id]]
    now["order"] = " ".join(str(place) for place in range(1, len(shown) + 1))
    asked = attributes_of(category_or_refused(product.category_id))
    told = {"values": {**now, **filled}, "faults": faults, "pictures": shown, "kinds": GOODS_KINDS, "asked": asked}
    most = {"pictures": MOST_ADDED, "all": MOST_PICTURES}
    return page("editing_product.html", product=product, shop=shop, tree=flat_tree(), most=most, **told)


def _variant_page(caller: Caller, sku_id: UUID, filled: dict[str, str], faults: dict[str, Any]) -> str:
    product, shop, _ = product_of_staff(product_id_of(sku_id), caller.person)
    sku = next(one for one in skus_of([product.id])[product.id] if one.id == sku_id)
    stock = stocks([sku_id]).get(sku_id)
    moved, _ = movements([sku_id], USUAL, None)
    cost, _ = history([sku_id], USUAL, None)
    places = warehouses_by_id({one.warehouse_id for one in moved if one.warehouse_id})
    shown = [(one.id, picture(one, "thumb", signed=True)) for one in pictures_of([product.id])[product.id]]
    told: dict[str, Any] = {"stock": stock.available if stock else 0, "low_at": stock.low_at if stock else None}
    told |= {"places": places, "moved": moved, "cost": cost, "pictures": shown, "lines": lines_of(sku.attributes)}
    told |= {"filled": filled, "faults": faults, "done": request.args.get("done") == "1"}
    return page("editing_variant.html", product=product, shop=shop, sku=sku, **told)


def _table_page(caller: Caller, shop_id: UUID, changed: int | None, faults: dict[UUID, dict[str, Any]]) -> str:
    shop = require_staff(shop_id, caller.person)
    asked = TableQuery().load(request.args.to_dict())
    words, state, category_id = asked["q"].split(), asked["state"], asked["category_id"]
    rows, cursor = queries.table(shop_id, USUAL, asked["cursor"], words, state, category_id)
    narrowed = {"q": asked["q"], "state": state, "category_id": category_id or ""}
    here = "?" + urlencode({**narrowed, "cursor": asked["cursor"] or ""})
    following = "?" + urlencode({**narrowed, "cursor": cursor}) if cursor else None
    told = {"rows": rows, "following": following, "tree": flat_tree(), "changed": changed, "faults": faults}
    states = (*STATES, queries.TAKEN_DOWN)
    return page("editing_table.html", shop=shop, filled=form(), query=here, states=states, **told, **narrowed)
