"""What promotions hear: what was used for a purchase that came to nothing is free again, in the same transaction."""

from app.core.events import within
from app.plays.promotions.actions import return_uses
from app.store.orders.events import PurchaseCancelled, PurchaseLapsed


@within(PurchaseLapsed, PurchaseCancelled)
def give_back_uses(fact: PurchaseLapsed | PurchaseCancelled) -> None:
    return_uses(fact.purchase_id)
