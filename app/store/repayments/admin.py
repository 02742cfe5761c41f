"""Pages of payments and refunds, for admins."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from app.core import paging
from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import ADMIN
from app.core.http.pages import PageDoor, came_from, go, page
from app.store.ledger.queries import last_proof
from app.store.repayments import actions, queries
from app.store.repayments.schemas import PaymentsQuery

PAYMENTS, REFUNDS = "/admin/payments", "/admin/payments/refunds"
PAGE = 50
door = PageDoor("repayments", __name__, who=ADMIN)
menu.add(menu.ADMIN_VIEW, PAYMENTS, "支付", "Payments", order=35, scopes=frozenset({ADMIN}))


@door.get(PAYMENTS)
def show_payments(caller: Caller) -> str:
    """The latest payments, or those that a number is about; and what the last proof of the ledger said."""
    asked = PaymentsQuery().load(request.args.to_dict())
    about = asked["about"].strip()
    before = _place(PAYMENTS, asked["cursor"])
    found = queries.payments_about(about) if about else queries.latest_payments(PAGE + 1, before)
    following = paging.cursor(PAYMENTS, [str(found[PAGE - 1].id)]) if len(found) > PAGE else None
    named = {"payments": found[:PAGE], "next": following, "about": about}
    failed = queries.failed_count()
    return page("repayments_list.html", **named, proof=last_proof(), failed=failed, most=queries.MOST_COUNTED)


@door.get(f"{PAYMENTS}/<uuid:payment_id>")
def show_payment(caller: Caller, payment_id: UUID) -> str:
    """One payment with its refunds and all that happened to both."""
    return page("repayments_payment.html", file=queries.payment_file(payment_id))


@door.get(REFUNDS)
def show_failed_refunds(caller: Caller) -> str:
    """Refunds that their providers refused, the longest waiting first."""
    asked = PaymentsQuery().load(request.args.to_dict())
    found = queries.failed_refunds(PAGE + 1, _place(REFUNDS, asked["cursor"]))
    following = paging.cursor(REFUNDS, [str(found[PAGE - 1].id)]) if len(found) > PAGE else None
    return page("repayments_failed.html", refunds=found[:PAGE], next=following)


@door.post(f"{REFUNDS}/<uuid:refund_id>/retry")
def retry_refund(caller: Caller, refund_id: UUID) -> Response:
    """Have a failed refund sent again now."""
    actions.retry_refund(caller, refund_id)
    return go(came_from() or REFUNDS)


def _place(scope: str, cursor: str | None) -> UUID | None:
    values = paging.values_of(scope, cursor)
    return UUID(values[0]) if values else None
