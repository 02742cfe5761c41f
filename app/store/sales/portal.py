"""Pages of a shop's orders over all channels, and what it has sold of late, for those who work there."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.charts import bars
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sheets import sheet
from app.core.ids import new_id
from app.store.aftersales.queries import cases_about
from app.store.delivery import actions as delivery
from app.store.delivery.queries import carrier_names, carriers_to_choose, lines_to_send, packages_of
from app.store.delivery.schemas import PackageForm, units_sent
from app.store.fulfilment.queries import (
    SEES_BUYERS,
    STATES,
    order_page,
    orders_of_shop,
)
from app.store.orders.models import CHANNELS, PAID
from app.store.orders.models import SHIP as BY_CARRIER
from app.store.refunds.actions import cancel_order
from app.store.refunds.schemas import CancellationForm
from app.store.sales.queries import sales_of_shop, sheet_of_shop
from app.store.sales.schemas import CHANNEL_NAMES, COLUMNS, OF_BUYERS, STATE_NAMES, OrdersQueryForm, row_of, wanted_of
from app.store.shops.models import BILLS, SEE, SERVE, SHIP
from app.store.shops.queries import require_staff, rights_in

ORDER = "/portal/orders/<uuid:order_id>"
NAMES = {"state_names": STATE_NAMES, "channel_names": CHANNEL_NAMES}
FILTERS = ("state", "status", "channel", "about", "since", "until")
door = PageDoor("sales", __name__, who=PERSON)
menu.add(menu.SHOP, "/orders", "订单与数据", "Orders and figures", order=20, right=SEE)


@door.get("/portal/shops/<uuid:shop_id>/orders")
def list_orders(caller: Caller, shop_id: UUID) -> str:
    """A shop's orders of all channels, newest first, narrowed or all; and its sales of the
    last 30 days, to who may read its bills."""
    shop = require_staff(shop_id, caller.person)
    asked = _asked()
    found = orders_of_shop(shop_id, caller.person, asked["limit"], asked["cursor"], wanted_of(asked))
    narrowed = {name: str(asked[name]) for name in FILTERS if asked[name]}
    following = "?" + urlencode({**narrowed, "cursor": found["next"]}) if found["next"] else None
    told = {"orders": [_timed(one) for one in found["items"]], "following": following, "narrowed": narrowed}
    desk = {"states": tuple(STATES), "channels": CHANNELS, "query": urlencode(narrowed)}
    rights = rights_in(shop_id, caller.person)
    figures = {} if narrowed or asked["cursor"] or BILLS not in rights else _figures(shop_id)
    may = {"search": not rights.isdisjoint(SEES_BUYERS), "ship": SHIP in rights}
    return page("sales_shop.html", shop=shop, may=may, figures=figures, **told, **desk, **NAMES)


@door.get("/portal/shops/<uuid:shop_id>/orders.csv", limit="upload")
def export_orders(caller: Caller, shop_id: UUID) -> AnyResponse:
    """The same orders as a sheet, a row a line; who bought stands in it for those who ship."""
    require_staff(shop_id, caller.person)
    tells_buyer = SHIP in rights_in(shop_id, caller.person)
    columns = COLUMNS[language()] + (OF_BUYERS[language()] if tells_buyer else ())
    tongue, found = language(), sheet_of_shop(shop_id, caller.person, wanted_of(_asked()))
    return sheet("orders.csv", columns, ([row_of(one, tells_buyer, tongue) for one in some] for some in found))


@door.get(ORDER)
def show_order(caller: Caller, order_id: UUID) -> str:
    """One order of a shop where the caller works: where it stands, and what may be done about it."""
    return _order_page(caller, order_id, {})


@door.post(f"{ORDER}/packages")
def ship(caller: Caller, order_id: UUID) -> AnyResponse:
    """Send all or a part of it."""

    def enter() -> None:
        given = PackageForm().load(form())
        delivery.ship(caller, order_id, given["carrier"], given["number"], units_sent(form()))

    return _changed(caller, order_id, enter, "shipped")


@door.post(f"{ORDER}/cancellation")
def cancel(caller: Caller, order_id: UUID) -> AnyResponse:
    """Cancel what is not sent: its money goes back at once, once however often the form is sent."""

    def give_back() -> None:
        given = CancellationForm().load(form())
        cancel_order(caller, order_id, given["reason"], given["id"])

    return _changed(caller, order_id, give_back, "cancelled")


def _changed(caller: Caller, order_id: UUID, change: Any, done: str) -> AnyResponse:
    """A refusal that names a field is shown beside it; of any, nothing is changed."""
    require_staff(order_page(caller, order_id)["shop"]["id"], caller.person)
    faults = faults_of(change)
    if faults is None:
        return go(f"/portal/orders/{order_id}?done={done}")
    return once_more(_order_page(caller, order_id, faults))


def _order_page(caller: Caller, order_id: UUID, faults: dict[str, Any]) -> str:
    order = order_page(caller, order_id)
    shop = require_staff(order["shop"]["id"], caller.person)
    made = (
        _made_of(caller, order_id, shop.id) if order["status"] == PAID else {"packages": [], "cases": [], "own": set()}
    )
    left = {one["id"]: one["quantity"] - one["cancelled"] - one["shipped"] for one in order["lines"]}
    own_left = {one: left[one] for one in made["own"] if left[one]}
    rights = rights_in(shop.id, caller.person)
    may = {
        "ship": SHIP in rights and bool(own_left) and order["method"] == BY_CARRIER,
        "cancel": SERVE in rights and order["status"] == PAID and any(left.values()),
        "see": not rights.isdisjoint(SEES_BUYERS),
    }
    form_id = new_id() if "id" in faults else form().get("id", new_id())
    typed = {"faults": faults, "filled": form(), "form_id": form_id, "done": request.args.get("done", "")}
    told = {"order": _timed(order), "left": own_left, "may": may, "carriers": carriers_to_choose()}
    told["carrier_names"] = carrier_names()
    return page("sales_order.html", shop=shop, now=clock.iso(clock.now()), **told, **made, **typed, **NAMES)


def _made_of(caller: Caller, order_id: UUID, shop_id: UUID) -> dict[str, Any]:
    """What became of a paid order, and the ids of the lines that the shop itself sends."""
    own = set(lines_to_send(order_id, shop_id))
    return {"packages": packages_of(caller, order_id)["items"], "cases": cases_about(order_id), "own": own}


def _asked() -> dict[str, Any]:
    found: dict[str, Any] = OrdersQueryForm().load({name: one for name, one in request.args.items() if one})
    return found


def _figures(shop_id: UUID) -> dict[str, Any]:
    days = sales_of_shop(shop_id)
    return {
        "revenue": bars([(f"{one.day:%m-%d}", one.revenue) for one in days]),
        "paid_orders": sum(one.orders for one in days),
        "total": sum(one.revenue for one in days),
    }


def _timed(order: dict[str, Any]) -> dict[str, Any]:
    """With its times as such, not as JSON has them."""
    times = {name: datetime.fromisoformat(order[name]) for name in ("created_at", "paid_at") if order[name]}
    return {**order, **times}
