"""Pages of shops for those who work in them."""

from flask import Response, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, form, go, page
from app.core.http.request import language
from app.core.paging import USUAL
from app.core.texts import in_language
from app.store.shops import actions, queries
from app.store.shops.schemas import NAME_MOST, ShopIn

door = PageDoor("shops", __name__, who=PERSON)
menu.add(menu.PORTAL, "/portal/shops", "店铺", "Shops", order=20)


@door.get("/portal/shops")
def list_shops(caller: Caller) -> str:
    """The shops where the caller works; who has none is invited to open one."""
    return _shops_page(caller, "", {})


@door.post("/portal/shops")
def open_shop(caller: Caller) -> AnyResponse:
    """Open a shop; it may sell at once."""
    try:
        given = ShopIn().load(form())
    except ValidationError as fault:
        faults = in_language(fault.messages_dict, language())
        return Response(_shops_page(caller, form().get("name", ""), faults), 422, mimetype="text/html")
    return go(f"/portal/shops/{actions.open_shop(caller, given['name']).id}")


def _shops_page(caller: Caller, name: str, faults: dict[str, object]) -> str:
    shops, following = queries.shops_of(caller.person, USUAL, request.args.get("cursor"))
    return page("shops_list.html", shops=shops, next=following, name=name, faults=faults, most=NAME_MOST)
