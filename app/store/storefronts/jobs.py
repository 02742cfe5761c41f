"""What storefronts hear."""

from app.core.events import within
from app.store.shops.events import StaffChanged
from app.store.storefronts import actions


@within(StaffChanged)
def end_key_of_who_was_let_go(fact: StaffChanged) -> None:
    actions.end_key_of(fact)
