"""The page of who gets a shop's money."""

from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.people.accounts.queries import author_cards
from app.store.payouts import actions, queries
from app.store.payouts.schemas import PayeeIn
from app.store.shops.models import MONEY
from app.store.shops.queries import require_right

PAYEE = "/portal/shops/<uuid:shop_id>/payee"
door = PageDoor("payouts", __name__, who=PERSON)


@door.get(PAYEE)
def show_payee(caller: Caller, shop_id: UUID) -> str:
    """Who gets the money, of his account only the end, and who changed that when."""
    return _payee_page(caller, shop_id, {})


@door.post(PAYEE)
def enter_payee(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Say who gets it; for 24 hours nothing is paid then. The same once more changes nothing."""
    require_right(shop_id, caller.person, MONEY)
    faults = faults_of(lambda: actions.enter_payee(caller, shop_id, **PayeeIn().load(form())))
    if faults is None:
        return go(f"/portal/shops/{shop_id}/payee")
    return once_more(_payee_page(caller, shop_id, faults))


def _payee_page(caller: Caller, shop_id: UUID, faults: dict[str, Any]) -> str:
    shop = require_right(shop_id, caller.person, MONEY)
    log = queries.payee_log(shop_id)
    told = {"payee": queries.payee_of(shop_id), "log": log, "people": author_cards({one.who_id for one in log})}
    typed = {"faults": faults, "filled": form(), "channels": queries.channels()}
    return page("payouts_payee.html", shop=shop, **told, **typed)
