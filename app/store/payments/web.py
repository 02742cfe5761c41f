"""Pay pages: where a payment goes on that its provider's own page does not take over, and the sandbox's own, which is
what a customer would see at a real provider."""

from uuid import UUID

import segno
from flask import Response as Page
from flask import request
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core.caller import Caller
from app.core.http.forms import form
from app.core.http.pages import PageDoor, go, page
from app.core.signing import require_signed
from app.store.payments import actions, queries
from app.store.payments.models import FAILED, PAID, How

door = PageDoor("payments", __name__)
LOOK_AGAIN = "3"
"""After so many seconds a page that waits for a provider, or for the money, looks again by itself."""


@door.get("/payments/<uuid:payment_id>", limit="page")
def show_payment(caller: Caller, payment_id: UUID) -> Page:
    """What is to be done to pay: the provider's page, or a code to scan; it says so by itself once the money is in."""
    require_signed(request.path, request.args.get("e", ""), request.args.get("s", ""))
    found = queries.payment(payment_id)
    standing, back = queries.standing_of(found), queries.back_of(found)
    waits = found.state not in {PAID, FAILED} and standing == queries.WAITING
    paying = queries.to_pay(found, How(found.scene, back=back)) if waits else None
    code = (paying.pay or {}).get("code_url") if paying else None
    told = {"url": paying.pay_url if paying else "", "code": _drawn(code) if code else None, "back": back}
    shown = page("payment.html", payment=found, standing=standing, **told)
    return Page(shown, mimetype="text/html", headers={"Refresh": LOOK_AGAIN} if waits else {})


def _drawn(code: str) -> Markup:
    return Markup(segno.make(code, error="m").svg_inline(scale=5, omitsize=True, svgclass="qr", lineclass=None))


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
