"""The front door of the creator portal: on to the first page of its menu."""

from werkzeug.wrappers import Response

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.pages import PageDoor, go

door = PageDoor("accounts", __name__, who=PERSON)


@door.get("/portal")
def open_portal(caller: Caller) -> Response:
    """Rooms fill the menu; whoever stands first is the start page."""
    return go(menu.first(menu.PORTAL, caller))
