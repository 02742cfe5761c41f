"""What onboarding hears, and what it does by itself."""

from app.core.events import within
from app.core.worker import every
from app.store.onboarding import actions
from app.store.onboarding.events import ApplicationMoved
from app.store.onboarding.models import SHOP
from app.store.shops.events import ShopOpened


@within(ShopOpened)
def wait_for_papers(fact: ShopOpened) -> None:
    """Where papers are looked at first, a shop begins closed."""
    actions.open_with_papers(fact.shop_id)


@within(ApplicationMoved)
def close_or_open_shop(fact: ApplicationMoved) -> None:
    if fact.about == SHOP:
        actions.keep_shop_in_step(fact)


@every(seconds=60)
def end_approvals() -> int:
    return actions.end_approvals()
