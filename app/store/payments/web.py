"""The sandbox's own pay page: what a customer would see at a real provider."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from app.core.caller import Caller
from app.core.http.pages import PageDoor, form, go, page
from app.store.payments import actions, queries
from app.store.payments.models import FAILED, PAID

door = PageDoor("payments", __name__)


@door.get("/sandbox/pay/<uuid:payment_id>")
def show_pay_page(caller: Caller, payment_id: UUID) -> str:
    """What is to be paid, with two buttons; none where nothing waits for this payment any more."""
    given = request.args.get("pass", "")
    payment, back = queries.sandbox_payment(caller.ref, payment_id, given)
    return page("sandbox_pay.html", payment=payment, given=given, back=back, standing=queries.standing_of(payment))


def _settled(kept: tuple[UUID | None, str]) -> Response:
    """The second step, in a transaction of its own: were it to fail, the callback is kept and the sweep settles it."""
    callback_id, back = kept
    if callback_id is not None:
        actions.settle_callback(callback_id)
    return go(back)


@door.post("/sandbox/pay/<uuid:payment_id>", then=_settled)
def pay_on_page(caller: Caller, payment_id: UUID) -> tuple[UUID | None, str]:
    """The customer has decided: the callback goes its way, the browser goes back to where it came from. Nothing is paid
    that waits for no money any more: where the browser goes, it says why."""
    sent = form()
    payment, back = queries.sandbox_payment(caller.ref, payment_id, sent.get("pass", ""))
    onward = back or f"/sandbox/pay/{payment_id}"
    if queries.standing_of(payment) != queries.WAITING:
        return None, onward
    outcome = PAID if sent.get("outcome") == PAID else FAILED
    return actions.play_outcome(payment, outcome), onward
