"""The page of a person's own wallet: what is in it, what moved, filling it and having money paid out."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.config import settings
from app.core.errors import bad_field
from app.core.http import browser
from app.core.http.door import PERSON
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.ids import new_id
from app.core.outside import Wanted
from app.core.paging import USUAL
from app.store.payments.actions import BEGINNING
from app.store.payments.queries import browser_ways, page_of
from app.store.wallets import actions, queries
from app.store.wallets.schemas import TopUpForm, WithdrawalForm

WALLET = "/me/wallet"
door = PageDoor("wallets", __name__, who=PERSON)


@door.get(WALLET)
def show_wallet(caller: Caller) -> str:
    """The balance, what moved it, and the last withdrawals."""
    return _page(caller, {}, {})


@door.post(f"{WALLET}/top-ups", calls=BEGINNING)
def top_up(caller: Caller) -> AnyResponse | Wanted:
    """Begin to fill it."""

    def begin() -> AnyResponse | Wanted:
        given = TopUpForm().load(form())
        ways = {one.gateway: one for one in _ways()}
        way = ways.get(given["gateway"])
        scene = way.scene if way else ""
        paying = actions.begin_top_up(caller, given["amount"], given["gateway"], scene, back=WALLET)
        onward = go(page_of(paying))
        return Wanted(paying.id, onward) if paying.waits else onward

    return submitted(begin, lambda faults: _page(caller, form(), faults))


@door.post(f"{WALLET}/withdrawals")
def withdraw(caller: Caller) -> AnyResponse:
    """Have money paid out; sent twice it is paid once."""

    def ask() -> AnyResponse:
        given = WithdrawalForm().load(form())
        withdrawal_id: UUID = given.pop("id")
        if given["amount"] > queries.wallet_of(caller.person)["balance"]:
            raise bad_field("amount", "余额不足", "This is more than the balance.")
        actions.ask_withdrawal(caller, **given, withdrawal_id=withdrawal_id)
        return go(WALLET)

    return submitted(ask, lambda faults: _page(caller, form(), faults))


def _page(caller: Caller, filled: dict[str, str], faults: dict[str, Any]) -> str:
    entries = queries.entries_page(caller.person, USUAL, request.args.get("cursor"))
    shown = {"wallet": queries.wallet_of(caller.person), "entries": entries["items"], "next": entries["next"]}
    may = {"ways": _ways() if settings.wallet_top_up else [], "may_withdraw": settings.wallet_withdrawals}
    asked = queries.withdrawals_page(caller.person, 5, None)["items"]
    told = {"withdrawals": asked, "form_id": new_id(), "filled": filled, "faults": faults}
    return page("wallet.html", **shown, **may, **told)


def _ways() -> list[Any]:
    return browser_ways(browser.is_phone(), at_once=False)
