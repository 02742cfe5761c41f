"""Pages of payouts, for admins: one makes a batch, another approves it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.db import db
from app.core.errors import Refused
from app.core.fields import PageQuery
from app.core.http import menu
from app.core.http.door import ADMIN
from app.core.http.forms import form, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.ids import new_id
from app.people.accounts.queries import author_cards
from app.store.payouts import actions, queries
from app.store.payouts.schemas import PayoutBatchForm, RejectionIn

PAYOUTS = "/admin/payouts"
BATCH = f"{PAYOUTS}/<uuid:batch_id>"
door = PageDoor("payouts", __name__, who=ADMIN)
menu.add(menu.ADMIN_VIEW, PAYOUTS, "打款", "Payouts", order=37, scopes=frozenset({ADMIN}))


@door.get(PAYOUTS)
def list_batches(caller: Caller) -> str:
    """Batches, the latest first, and a form for the next one."""
    return _batches_page("")


@door.post(PAYOUTS)
def make_batch(caller: Caller) -> AnyResponse:
    """Put what is to be paid by a channel into a batch; the form sent twice makes one."""
    try:
        with db.session.begin_nested():
            given = PayoutBatchForm().load(form())
            made = actions.make_batch(caller, given["channel"], batch_id=given["id"])
    except Refused as refused:
        if refused.code != "nothing_to_pay":
            raise
        return Response(_batches_page(refused.text(language())), 409, mimetype="text/html")
    return go(f"{PAYOUTS}/{made.id}")


@door.get(BATCH)
def show_batch(caller: Caller, batch_id: UUID) -> str:
    """Who gets how much, and how far each is."""
    return _batch_page(caller, batch_id, {})


@door.post(f"{BATCH}/approval")
def approve_batch(caller: Caller, batch_id: UUID) -> AnyResponse:
    """Another admin than who made it agrees."""
    return _decided(caller, batch_id, lambda: actions.approve_batch(caller, batch_id))


@door.post(f"{BATCH}/rejection")
def reject_batch(caller: Caller, batch_id: UUID) -> AnyResponse:
    """Nothing of it is paid."""
    queries.batch_or_missing(batch_id)
    return _decided(
        caller,
        batch_id,
        lambda: actions.reject_batch(caller, batch_id, RejectionIn().load(form())["why"]),
    )


def _decided(caller: Caller, batch_id: UUID, decide: Callable[[], object]) -> AnyResponse:
    """A batch is decided once, however often the form is sent; how it stands is shown then."""
    here = f"{PAYOUTS}/{batch_id}"

    def take() -> AnyResponse:
        decide()
        return go(here)

    return submitted(take, lambda faults: _batch_page(caller, batch_id, faults), moved=f"{here}?done=moved")


def _batches_page(fault: str) -> str:
    asked = PageQuery().load(request.args.to_dict())
    found = queries.batches(asked["limit"], asked["cursor"])
    people = author_cards({one["made_by"] for one in found["items"]})
    told = {"batches": found["items"], "next": found["next"], "people": people, "channels": queries.channels()}
    return page("payouts_batches.html", fault=fault, form_id=new_id(), **told)


def _batch_page(caller: Caller, batch_id: UUID, faults: dict[str, Any]) -> str:
    batch = queries.shown_batches([queries.batch_or_missing(batch_id)])[0]
    asked = PageQuery().load(request.args.to_dict())
    payouts = queries.payouts_of(batch_id, asked["limit"], asked["cursor"])
    people = author_cards({one for one in (batch["made_by"], batch["decided_by"]) if one})
    told = {"batch": batch, "payouts": payouts["items"], "next": payouts["next"], "people": people}
    typed = {"faults": faults, "filled": form(), "done": request.args.get("done", "")}
    is_maker = batch["made_by"] == caller.person_id
    return page("payouts_batch.html", is_maker=is_maker, channels=queries.channels(), **told, **typed)
