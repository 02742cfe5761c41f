"""What parcels hear and do by themselves."""

from app.core.events import within
from app.core.worker import every
from app.store.delivery import actions
from app.store.orders.events import PurchasePaid


@within(PurchasePaid)
def make_pick_up_codes(fact: PurchasePaid) -> None:
    """Orders that are fetched at a counter have a code from the moment they are paid."""
    if fact.fetched:
        actions.make_pick_up_codes(fact.purchase_id)


@every(seconds=5)
def receive_by_time() -> int:
    """Packages whose buyers said nothing."""
    return actions.receive_due()
