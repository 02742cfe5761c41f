"""What promotions hear: what was used for orders of which nothing is left is free again, in the same transaction."""

from app.core.events import within
from app.plays.promotions.actions import return_uses, return_uses_of_order
from app.store.fulfilment.events import OrderCancelled, OrderRefunded
from app.store.orders.events import PurchaseCancelled, PurchaseLapsed


@within(PurchaseLapsed, PurchaseCancelled)
def give_back_uses(fact: PurchaseLapsed | PurchaseCancelled) -> None:
    return_uses(fact.purchase_id)


@within(OrderCancelled, OrderRefunded)
def give_back_uses_of_order(fact: OrderCancelled | OrderRefunded) -> None:
    return_uses_of_order(fact.order_id)
