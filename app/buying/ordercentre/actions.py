"""What a buyer does in the order centre that takes more than one room of the store."""

import hmac
from collections.abc import Mapping
from uuid import UUID

from app.buying.placing.models import purchase_of_token
from app.core.caller import GUEST, Caller
from app.core.db import db
from app.core.errors import bad_field, missing
from app.core.idempotency import one_at_a_time
from app.store.aftersales.actions import open_case
from app.store.aftersales.models import CASE, NO_REASON, REFUND, LineClaimed, Wish
from app.store.fulfilment.models import units_unsent
from app.store.fulfilment.queries import order_of_buyer
from app.store.orders.models import Purchase
from app.store.refunds.actions import CANCELLATION, cancel_order
from app.store.refunds.queries import grant_about


def cancel_units(caller: Caller, order_id: UUID, units: Mapping[UUID, int], why: str, form_id: UUID) -> None:
    """Cancel so many units of each line before they are sent: all that is left as a cancellation, with the freight
    where nothing was sent, a part of it as a refund of these units. `form_id` came with the form: sent twice, it
    cancels once.

    Raises Refused as cancel_order and open_case.
    """
    order = order_of_buyer(caller, order_id)
    one_at_a_time(form_id)
    if any(grant_about(kind, form_id) for kind in (CANCELLATION, CASE)):
        return
    left = {line["id"]: units_unsent(line) for line in order["lines"] if units_unsent(line)}
    if dict(units) != left:
        lines = [LineClaimed(line_id, count) for line_id, count in units.items()]
        open_case(caller, order_id, Wish(REFUND, NO_REASON, lines, why), form_id)
    else:
        cancel_order(caller, order_id, why, form_id)


def prove_owner(token: str, phone: str) -> UUID:
    """The guest whose purchase this token opens, if `phone` is the number that its parcel goes to: who knows both may
    do what he may. Raises Refused 404 for another token and a person's purchase, 422 for another number."""
    purchase_id = purchase_of_token(token)
    found = db.session.get(Purchase, purchase_id) if purchase_id else None
    if found is None or found.buyer_kind != GUEST or not found.address:
        raise missing("没有这个订单", "There is no such purchase.")
    if not hmac.compare_digest(_digits(found.address["phone"]), _digits(phone)):
        raise bad_field("phone", "与下单时填写的手机号不一致", "This is not the number that the parcel goes to.")
    return found.buyer_id


def _digits(phone: str) -> bytes:
    return "".join(sign for sign in phone if sign.isdigit()).encode()
