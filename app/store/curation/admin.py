"""The page of goods that wait for a moderator."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.paging import USUAL
from app.store.curation import actions, queries
from app.store.curation.schemas import SeenIn, SentBackIn

door = PageDoor("curation", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, "/admin/goods", "商品审核", "Goods to review", order=12)


@door.get("/admin/goods")
def list_waiting(caller: Caller) -> str:
    """Goods that wait, the longest first."""
    return _page(None, {})


@door.post("/admin/goods/<uuid:product_id>/approval")
def approve(caller: Caller, product_id: UUID) -> AnyResponse:
    """They are on sale now."""
    actions.approve_goods(caller, product_id, SeenIn().load(form())["seen"])
    return go("/admin/goods")


@door.post("/admin/goods/<uuid:product_id>/refusal")
def send_back(caller: Caller, product_id: UUID) -> AnyResponse:
    """They go back to their shop, with a reason."""

    def send() -> AnyResponse:
        given = SentBackIn().load(form())
        actions.send_back(caller, product_id, given["seen"], given["reason"])
        return go("/admin/goods")

    return submitted(send, lambda faults: _page(product_id, faults))


def _page(product_id: UUID | None, faults: dict[str, object]) -> str:
    goods, following = queries.waiting(USUAL, request.args.get("cursor"))
    return page("curation_list.html", goods=goods, next=following, asked=product_id, faults=faults)
