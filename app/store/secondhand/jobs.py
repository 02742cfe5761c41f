"""What second-hand hears."""

from collections.abc import Sequence

from app.core.events import on, within
from app.store.catalogue.events import ProductChanged
from app.store.fulfilment.events import OrderCancelled, OrderRefunded
from app.store.orders.events import PurchaseCancelled, PurchaseLapsed, PurchasePaid, PurchasePlaced
from app.store.secondhand import actions
from app.store.secondhand.events import ArticleMoved, WordProhibited


@within(PurchasePlaced)
def take_articles(fact: PurchasePlaced) -> None:
    """Who places his purchase first has them."""
    if fact.personal:
        actions.take_for(fact.purchase_id)


@within(PurchaseLapsed, PurchaseCancelled)
def let_articles_go(fact: PurchaseLapsed | PurchaseCancelled) -> None:
    actions.let_go_of(fact.purchase_id)


@within(PurchasePaid)
def sell_articles(fact: PurchasePaid) -> None:
    if fact.personal:
        actions.sell(fact.purchase_id)


@within(OrderCancelled)
def take_articles_back(fact: OrderCancelled) -> None:
    actions.take_back(fact.order_id)


@within(OrderRefunded)
def let_articles_return(fact: OrderRefunded) -> None:
    actions.let_return(fact.order_id)


@on(ArticleMoved)
def move_goods(facts: Sequence[ArticleMoved]) -> None:
    """What is sold is off; the sale has cost nothing more for it."""
    actions.stand_as_articles({one.article_id for one in facts})


@on(ProductChanged)
def look_at_changed_goods(facts: Sequence[ProductChanged]) -> None:
    """What was said anew of them elsewhere is looked at too."""
    actions.look_again({one.product_id for one in facts})


@on(WordProhibited)
def take_off_prohibited(facts: Sequence[WordProhibited]) -> None:
    """The list has grown: what is for sale already is looked through."""
    actions.take_off_prohibited({one.word_id for one in facts})
