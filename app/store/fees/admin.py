"""The page of take rates, for admins."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import ADMIN
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.ids import new_id
from app.core.paging import USUAL
from app.store.fees import actions, queries
from app.store.fees.schemas import WHY_MOST, RateForm

FEES = "/admin/fees"
door = PageDoor("fees", __name__, who=ADMIN)
menu.add(menu.ADMIN_VIEW, FEES, "平台扣点", "Take rates", order=36, scopes=frozenset({ADMIN}))


@door.get(FEES)
def list_rates(caller: Caller) -> str:
    """All rates that were ever set, the last set first, and a form for the next one."""
    return _rates_page({})


@door.post(FEES)
def set_rate(caller: Caller) -> AnyResponse:
    """Set a rate, from now on or from a later moment; the form sent twice sets it once."""
    faults = faults_of(lambda: actions.set_rate(caller, **RateForm().load(form())))
    if faults is None:
        return go(f"{FEES}?done=1")
    return once_more(_rates_page(faults))


def _rates_page(faults: dict[str, Any]) -> str:
    found = queries.rates(USUAL, request.args.get("cursor"))
    form_id = new_id() if "id" in faults else form().get("id", new_id())
    typed = {"faults": faults, "filled": form(), "form_id": form_id, "most": WHY_MOST}
    told = {"rates": found["items"], "next": found["next"], "categories": queries.categories()}
    return page("fees_rates.html", done=request.args.get("done", ""), **told, **typed)
