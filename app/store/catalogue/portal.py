"""The page of one product for those who work in its shop: state, prices, stock."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.store.catalogue import actions, queries
from app.store.catalogue.schemas import SkuForm, StateForm
from app.store.inventory.queries import available, require_available
from app.store.variants.queries import product_id_of, skus_of

DONE = ("saved", "listed", "known")
door = PageDoor("catalogue", __name__, who=PERSON)


@door.get("/portal/products/<uuid:product_id>")
def show_product(caller: Caller, product_id: UUID) -> str:
    """A product of a shop where the caller works, with the price and stock of each variant."""
    return _product_page(caller, product_id)


@door.post("/portal/products/<uuid:product_id>/state")
def change_state(caller: Caller, product_id: UUID) -> AnyResponse:
    """Put goods on sale, or take them off."""
    actions.change_product(caller, product_id, state=StateForm().load(form())["state"])
    return go(f"/portal/products/{product_id}?done=saved")


@door.post("/portal/skus/<uuid:sku_id>")
def change_sku(caller: Caller, sku_id: UUID) -> AnyResponse:
    """Change price and stock of a variant. Stock that was sold since the form was made is not set back."""
    product = queries.locked_product(product_id_of(sku_id), staffed_by=caller.person)

    def change() -> AnyResponse:
        given = SkuForm().load(form())
        stock = _wanted_stock(sku_id, given["stock"], given["seen"])
        actions.change_sku(caller, sku_id, price=given["price"], stock=stock)
        return go(f"/portal/products/{product.id}?done=saved")

    def again(faults: dict[str, Any]) -> str:
        return _product_page(caller, product.id, {"sku": sku_id, "texts": faults, "filled": form()})

    return submitted(change, again)


def _wanted_stock(sku_id: UUID, wanted: int, seen: int) -> int | None:
    """The stock to be set, None where it stays; `seen`: what it was when the form was made."""
    if wanted == seen:
        return None
    require_available(sku_id, seen)
    return wanted


def _product_page(caller: Caller, product_id: UUID, faults: dict[str, Any] | None = None) -> str:
    product, shop, reason = queries.product_of_staff(product_id, caller.person)
    skus = skus_of([product_id])[product_id]
    told: dict[str, Any] = {"skus": skus, "stock": available([sku.id for sku in skus]), "done": _done()}
    told["refusal"] = queries.why_sent_back(product_id)
    return page("catalogue_product.html", product=product, shop=shop, reason=reason, faults=faults or {}, **told)


def _done() -> str | None:
    """What the address says was just done, of the words that this page knows; it is asked for after a form."""
    done = request.args.get("done")
    return done if done in DONE else None
