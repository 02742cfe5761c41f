"""Files of goods, batch by batch; and those that are over."""

from app.core.worker import every
from app.store.imports import actions


@every(seconds=1)
def take_in_goods() -> int:
    return actions.take_batch()


@every(seconds=1)
def write_goods() -> int:
    return actions.write_batch()


@every(seconds=900)
def forget_old_runs() -> int:
    return actions.forget_old()
