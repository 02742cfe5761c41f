"""The sandbox's own pay page: what a customer would see at a real provider."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from app.core.caller import Caller
from app.core.http.pages import PageDoor, form, go, page
from app.core.money import yuan
from app.store.payments import actions, queries
from app.store.payments.models import FAILED, PAID

door = PageDoor("payments", __name__)


@door.get("/sandbox/pay/<uuid:payment_id>")
def show_pay_page(caller: Caller, payment_id: UUID) -> str:
    """What is to be paid, with two buttons."""
    given = request.args.get("pass", "")
    payment, back = queries.sandbox_payment(caller.ref, payment_id, given)
    amount = yuan(payment.amount)
    return page("sandbox_pay.html", payment=payment, amount=amount, given=given, back=back)


@door.post("/sandbox/pay/<uuid:payment_id>")
def pay_on_page(caller: Caller, payment_id: UUID) -> Response:
    """The customer has decided: the callback goes its way, the browser goes back to where it came from."""
    sent = form()
    payment, back = queries.sandbox_payment(caller.ref, payment_id, sent.get("pass", ""))
    outcome = PAID if sent.get("outcome") == PAID else FAILED
    actions.settle_callback(actions.play_outcome(payment, outcome))
    return go(back or f"/sandbox/pay/{payment_id}")
