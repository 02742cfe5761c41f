"""What scores hear, and what they do by themselves."""

from collections.abc import Sequence

from app.core.events import on
from app.core.worker import every
from app.store.scores import actions
from app.store.shops.events import ShopOpened


@on(ShopOpened)
def begin_scores(facts: Sequence[ShopOpened]) -> None:
    actions.begin_scores({one.shop_id for one in facts})


@every(seconds=60)
def compute_due_scores() -> int:
    return actions.compute_due()
