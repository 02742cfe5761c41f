"""The page of what a shop has to send: many parcels in one form or by a sheet, and goods fetched at the counter."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.clock import in_china
from app.core.errors import Refused
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import files, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.http.sheets import sheet
from app.core.paging import MOST
from app.core.texts import in_language
from app.store.delivery import actions, queries
from app.store.delivery.schemas import (
    LARGEST_SHEET,
    MOST_ROWS,
    CodeIn,
    RowRead,
    parcels_read,
    parcels_sent,
)
from app.store.shops.models import SHIP
from app.store.shops.queries import require_right

SHOP = "/portal/shops/<uuid:shop_id>"
SHIPPING = f"{SHOP}/shipping"
COLUMNS = {
    "zh": ("订单号", "发货截止", "收货人", "电话", "地址", "留言", "商品", "快递公司", "运单号"),
    "en": ("order", "ship by (UTC+8)", "name", "phone", "address", "note", "goods", "carrier", "number"),
}
door = PageDoor("delivery", __name__, who=PERSON)
menu.add(menu.SHOP, "/shipping", "发货", "Shipping", order=21, right=SHIP)


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of a row: it was entered, or had been before (`is_known`), or why not."""

    row: RowRead
    is_known: bool
    why: str = ""


@door.get(SHIPPING)
def show_parcels(caller: Caller, shop_id: UUID) -> str:
    """What the shop has to send, its own orders and those that it supplies, the first due first."""
    return _shipping_page(caller, shop_id, [], {})


@door.get(f"{SHOP}/shipping.csv", limit="upload")
def download_parcels(caller: Caller, shop_id: UUID) -> AnyResponse:
    """All of that as a sheet, to be filled in with carriers and numbers, and sent back."""
    require_right(shop_id, caller.person, SHIP)
    pages = ([_row(one) for one in some] for some in queries.sheet_to_send(shop_id, caller.person))
    return sheet("parcels.csv", COLUMNS[language()], pages)


@door.post(SHIPPING)
def ship_many(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Enter a parcel for each order with a number. What was refused is said beside it; the others are on their way."""
    require_right(shop_id, caller.person, SHIP)
    return _entered(caller, shop_id, parcels_sent(form()))


@door.post(f"{SHIPPING}/sheet", limit="upload")
def ship_by_sheet(caller: Caller, shop_id: UUID) -> AnyResponse:
    """The same by a CSV: order, carrier, number."""
    require_right(shop_id, caller.person, SHIP)
    sent = files("file")
    try:
        rows = parcels_read(sent[0].stream.read(LARGEST_SHEET + 1) if sent else b"", _called())
    except ValidationError as fault:
        return once_more(_shipping_page(caller, shop_id, [], in_language(fault.messages_dict, language())))
    return _entered(caller, shop_id, rows)


@door.post(f"{SHOP}/pick-ups")
def hand_over(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Give an order to whoever shows its code."""
    require_right(shop_id, caller.person, SHIP)

    def give() -> AnyResponse:
        made = actions.hand_over(caller, shop_id, CodeIn().load(form())["code"].strip())
        return go(f"/portal/orders/{made.order_id}?done=handed_over")

    return submitted(give, lambda faults: _shipping_page(caller, shop_id, [], faults, form().get("code", "")))


def _entered(caller: Caller, shop_id: UUID, rows: Sequence[RowRead]) -> AnyResponse:
    known = queries.known_parcels(shop_id, [row.parcel for row in rows if row.parcel])
    fresh = dict.fromkeys(row.parcel for row in rows if row.parcel and row.parcel not in known)
    refused = dict(actions.ship_many(caller, list(fresh)))
    found = [
        Entered(row, row.parcel in known, _why(row, refused.get(row.parcel) if row.parcel else None)) for row in rows
    ]
    shown = _shipping_page(caller, shop_id, found, {})
    return once_more(shown) if any(one.why for one in found) else Response(shown, mimetype="text/html")


def _why(row: RowRead, refused: Refused | None) -> str:
    if row.fault:
        return row.fault[language()]
    if refused is None:
        return ""
    said = [text for texts in in_language(refused.errors, language()).values() for text in texts]
    return " ".join(said) if refused.status == 422 else refused.text(language())


def _shipping_page(
    caller: Caller, shop_id: UUID, found: Sequence[Entered], faults: dict[str, Any], code: str = ""
) -> str:
    shop = require_right(shop_id, caller.person, SHIP)
    parcels = queries.to_send(shop_id, caller.person, MOST, request.args.get("cursor"))
    whys = {one.row.order: one.why for one in found if one.why}
    told = {"parcels": parcels["items"], "next": parcels["next"], "carriers": queries.carriers_to_choose()}
    done = {"found": found, "whys": whys, "filled": form() if whys else {}, "faults": faults, "code": code}
    told["called"] = {name: en if language() == "en" else zh for name, zh, en in told["carriers"]}
    return page("delivery_shipping.html", shop=shop, now=clock.iso(clock.now()), most=MOST_ROWS, **told, **done)


def _row(parcel: Any) -> tuple[str, ...]:
    to = parcel.address or {}
    place = " ".join(to.get(one) or "" for one in ("province", "city", "district", "street"))
    until = in_china(parcel.ship_by) if parcel.ship_by else ""
    who = (to.get("name") or "", to.get("phone") or "", place.strip())
    return (str(parcel.order_id), until, *who, parcel.note, parcel.goods, "", "")


def _called() -> dict[str, str]:
    """What people write for a carrier, in small letters."""
    every = ([(name, name), (zh, name), (en, name)] for name, zh, en in queries.carriers_to_choose())
    return {said.lower(): name for said, name in chain.from_iterable(every)}
