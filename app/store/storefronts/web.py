"""The own address of a light store."""

from flask import request

from app.core.caller import Caller
from app.core.http.pages import PageDoor, page
from app.store.decor.models import CARDS
from app.store.decor.queries import public_page
from app.store.storefronts import queries

door = PageDoor("storefronts", __name__)


@door.get("/s/<slug>", limit="page")
def show_store(caller: Caller, slug: str) -> str:
    """A light store; `cursor` names a further page of its goods."""
    found = queries.store_at(slug)
    return page(
        "decor_shop.html", address=f"/s/{slug}", **public_page(found.shop_id, request.args.get("cursor"), CARDS)
    )
