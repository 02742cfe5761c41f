"""Pages of the admin view: withdrawals of people's wallets, from the asking to the bank's word."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.http import menu
from app.core.http.door import ADMIN
from app.core.http.forms import form, submitted
from app.core.http.pages import Leaving, PageDoor, go, page
from app.core.http.sheets import sheet
from app.people.accounts.queries import author_cards
from app.store.wallets import actions, queries
from app.store.wallets.models import ASKED, LONGEST_WHY, SENT
from app.store.wallets.schemas import DeskQuery, WhyForm

ALL = "/admin/withdrawals"
ONE = f"{ALL}/<uuid:withdrawal_id>"
_PICKED = re.compile(r"pick-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
door = PageDoor("wallets", __name__, who=ADMIN)
menu.add(menu.ADMIN_VIEW, ALL, "提现", "Withdrawals", order=38, scopes=frozenset({ADMIN}))


@door.get(ALL)
def list_withdrawals(caller: Caller) -> str:
    """Those that wait, or are on their way; the longest waiting first."""
    return _page("", {})


@door.post(f"{ALL}/approval")
def approve(caller: Caller) -> AnyResponse:
    """Those that are ticked go to the bank with one file."""

    def send() -> AnyResponse:
        picked = [UUID(found[1]) for found in map(_PICKED.fullmatch, form()) if found]
        if not picked:
            raise bad_field("picked", "请先勾选提现", "Tick withdrawals first.")
        actions.approve_withdrawals(caller.person, picked)
        return go(f"{ALL}?show={SENT}&done=approved")

    return submitted(send, lambda faults: _page("", faults), moved=f"{ALL}?done=moved")


@door.post(f"{ONE}/refusal")
def refuse(caller: Caller, withdrawal_id: UUID) -> AnyResponse:
    """It is not paid out, for this reason; the money is in the wallet again."""
    return _done(
        withdrawal_id,
        ASKED,
        lambda: actions.refuse_withdrawal(caller.person, withdrawal_id, WhyForm().load(form())["why"]),
    )


@door.post(f"{ONE}/payment")
def note_payment(caller: Caller, withdrawal_id: UUID) -> AnyResponse:
    """The bank has paid it."""
    return _done(
        withdrawal_id,
        SENT,
        lambda: actions.finish_withdrawal(withdrawal_id, True, "said by an admin", caller.person),
    )


@door.post(f"{ONE}/return")
def note_return(caller: Caller, withdrawal_id: UUID) -> AnyResponse:
    """The bank could not pay it: the money is in the wallet again."""
    return _done(
        withdrawal_id,
        SENT,
        lambda: actions.finish_withdrawal(withdrawal_id, False, WhyForm().load(form())["why"], caller.person),
    )


@door.get(f"{ALL}/payouts/<uuid:payout_id>.csv", limit="upload")
def download(caller: Caller, payout_id: UUID) -> Leaving:
    """The file of a payout for the bank, with whole accounts. That somebody has it is written down."""
    queries.payout_or_missing(payout_id)
    file = sheet(f"payout-{payout_id}.csv", queries.COLUMNS, queries.payout_rows(payout_id))
    return Leaving(file, lambda: actions.note_file_read(caller.person, payout_id))


def _done(withdrawal_id: UUID, show: str, work: Callable[[], object]) -> AnyResponse:
    """Once, however often it is pressed. `show`: the list on which it stood."""
    here = f"{ALL}?show={show}"

    def take() -> AnyResponse:
        work()
        return go(f"{here}&done=1")

    return submitted(take, lambda faults: _page(str(withdrawal_id), faults, show), moved=f"{here}&done=moved")


def _page(at: str, faults: dict[str, Any], show: str | None = None) -> str:
    """`at`: the withdrawal whose form has these faults."""
    asked = DeskQuery().load({name: one for name, one in request.args.items() if name != "done"})
    show = show or asked["show"]
    found = queries.desk_page(show, asked["limit"], asked["cursor"])
    people = author_cards({one["person_id"] for one in found["items"]})
    told = {"withdrawals": found["items"], "next": found["next"], "people": people, "age": _age}
    typed = {"at": at, "faults": faults, "filled": form(), "done": request.args.get("done", ""), "most": LONGEST_WHY}
    return page("wallets_withdrawals.html", show=show, waiting=queries.asked_withdrawals(), **told, **typed)


def _age(moment: str) -> int:
    """Whole days since then."""
    return (clock.now() - datetime.fromisoformat(moment)).days
