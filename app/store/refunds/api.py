"""Doors of cancellations."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.http.answers import Ready
from app.core.http.door import BUYER, Door
from app.store.fulfilment.queries import order_page
from app.store.refunds import actions
from app.store.refunds.schemas import CancellationIn, GrantOut

door = Door("refunds", for_keys=True)


@door.post(
    "/orders/<uuid:order_id>/cancellation",
    takes=CancellationIn,
    gives=GrantOut,
    who=BUYER,
    limit="order",
    key="required",
)
def cancel_order(caller: Caller, order_id: UUID, given: dict[str, Any]) -> Ready:
    """Cancel what is not sent of a paid order: its buyer, or its shop. The money goes back at once."""
    made = actions.cancel_order(caller, order_id, given["reason"])
    told = {"id": made.id, "kind": "grant", "amount": made.amount, "freight": made.freight}
    return Ready(orjson.dumps(told | {"order": order_page(caller, order_id)}))
