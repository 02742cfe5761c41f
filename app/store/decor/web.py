"""The page of a shop for everybody: as it is arranged, and below all that it has on sale."""

from uuid import UUID

from flask import request

from app.core.caller import Caller
from app.core.http.pages import PageDoor, page
from app.store.decor import queries
from app.store.decor.models import CARDS

door = PageDoor("decor", __name__)


@door.get("/shops/<uuid:shop_id>", limit="page")
def show_shop(caller: Caller, shop_id: UUID) -> str:
    """A shop; `cursor` names a further page of its goods."""
    shown = queries.public_page(shop_id, request.args.get("cursor"), CARDS)
    return page("decor_shop.html", address=f"/shops/{shop_id}", **shown)
