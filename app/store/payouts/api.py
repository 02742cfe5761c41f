"""Doors of payees, for their shops, and of payouts, for admins."""

from typing import Any
from uuid import UUID

import orjson

from app.core.caller import Caller
from app.core.errors import missing
from app.core.fields import PageQuery
from app.core.http.answers import Ready
from app.core.http.door import ADMIN, PERSON, Door
from app.store.payouts import actions, queries
from app.store.payouts.schemas import (
    PayeeIn,
    PayeeOut,
    PayoutBatchesOut,
    PayoutBatchIn,
    PayoutBatchOut,
    RejectionIn,
    WholePayoutBatchOut,
)
from app.store.shops.models import MONEY
from app.store.shops.queries import require_right

door = Door("payouts", for_keys=True)
PAYEE, BATCHES = "/shops/<uuid:shop_id>/payee", "/desk/payouts"
BATCH = f"{BATCHES}/<uuid:batch_id>"


@door.get(PAYEE, gives=PayeeOut, who=PERSON)
def show_payee(caller: Caller, shop_id: UUID) -> Ready:
    """Who gets the shop's money; 404 while nobody is entered."""
    require_right(shop_id, caller.person, MONEY)
    found = queries.payee_of(shop_id)
    if found is None:
        raise missing("还没有填写收款账户", "No payee is entered yet.")
    return Ready(orjson.dumps(found))


@door.put(PAYEE, takes=PayeeIn, gives=PayeeOut)
def enter_payee(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> Ready:
    """Say who gets the shop's money; for 24 hours nothing is paid then."""
    actions.enter_payee(caller, shop_id, **given)
    return Ready(orjson.dumps(queries.payee_of(shop_id)))


@door.get(BATCHES, asks=PageQuery, gives=PayoutBatchesOut, who=ADMIN)
def list_batches(caller: Caller, asked: dict[str, Any]) -> Ready:
    """Batches of payouts, the latest first."""
    return Ready(orjson.dumps(queries.batches(**asked)))


@door.post(BATCHES, takes=PayoutBatchIn, gives=PayoutBatchOut, who=ADMIN, key="required")
def make_batch(caller: Caller, given: dict[str, Any]) -> Ready:
    """Put what is to be paid by a channel into a batch."""
    made = actions.make_batch(caller, **given)
    return Ready(orjson.dumps(queries.shown_batches([made])[0]))


@door.get(BATCH, asks=PageQuery, gives=WholePayoutBatchOut, who=ADMIN)
def show_batch(caller: Caller, batch_id: UUID, asked: dict[str, Any]) -> Ready:
    """A batch with a page of its payouts."""
    batch = queries.shown_batches([queries.batch_or_missing(batch_id)])[0]
    return Ready(orjson.dumps(batch | queries.payouts_of(batch_id, **asked)))


@door.post(f"{BATCH}/approval", gives=PayoutBatchOut, who=ADMIN, key="required")
def approve_batch(caller: Caller, batch_id: UUID) -> Ready:
    """Another admin than who made it agrees."""
    return Ready(orjson.dumps(queries.shown_batches([actions.approve_batch(caller, batch_id)])[0]))


@door.post(f"{BATCH}/rejection", takes=RejectionIn, gives=PayoutBatchOut, who=ADMIN)
def reject_batch(caller: Caller, batch_id: UUID, given: dict[str, Any]) -> Ready:
    """Nothing of it is paid."""
    return Ready(orjson.dumps(queries.shown_batches([actions.reject_batch(caller, batch_id, given["why"])])[0]))
