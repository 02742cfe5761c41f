"""Pages of shops for those who work in them."""

from collections.abc import Collection
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.ids import new_id
from app.core.paging import USUAL
from app.store.shops import actions, queries
from app.store.shops.models import ARTICLES
from app.store.shops.schemas import NAME_MOST, ShopForm

door = PageDoor("shops", __name__, who=PERSON)
menu.add(
    menu.PORTAL,
    "/portal/shops",
    "店铺",
    "Shops",
    order=20,
    has_some=lambda caller: queries.has_shop(caller.person),
)


@menu.tells_rights
def rights_in_menu(shop_id: UUID, caller: Caller) -> Collection[str]:
    """What a person's role lets him do, and find: who sells his own things works with few pages of a merchant."""
    found = queries.rights_in(shop_id, caller.person_id)
    return found if not found or ARTICLES in found else found | {menu.LOOK}


@door.get("/portal/shops")
def list_shops(caller: Caller) -> str:
    """The shops where the caller works; who has none is invited to open one."""
    return _shops_page(caller, {}, {})


@door.post("/portal/shops")
def open_shop(caller: Caller) -> AnyResponse:
    """Open a shop; it may sell at once."""

    def open_it() -> AnyResponse:
        given = ShopForm().load(form())
        return go(f"/portal/shops/{actions.open_shop(caller, given['name'], given['id']).id}")

    return submitted(open_it, lambda faults: _shops_page(caller, form(), faults))


def _shops_page(caller: Caller, filled: dict[str, str], faults: dict[str, object]) -> str:
    """`shop_id`: once for each form, kept while it is filled in."""
    shops, following = queries.shops_of(caller.person, USUAL, request.args.get("cursor"))
    shop_id = new_id() if "id" in faults else filled.get("id", new_id())
    typed = {"name": filled.get("name", ""), "shop_id": shop_id, "faults": faults}
    return page("shops_list.html", shops=shops, next=following, **typed, most=NAME_MOST)
