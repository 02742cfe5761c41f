"""What is due by time: holds that are long over; and what is held for a guest who is known now."""

from app.core.joining import joins
from app.core.worker import every
from app.store.inventory.actions import adopt_holds, forget_ended

joins()(adopt_holds)


@every(seconds=600)
def forget_ended_holds() -> int:
    return forget_ended()
