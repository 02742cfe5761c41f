"""What is due by time: files that nothing sells any more."""

from app.core.joining import joins
from app.core.worker import every
from app.store.codes.actions import adopt
from app.store.codes.actions import sweep_goods_files as sweep

joins()(adopt)


@every(seconds=600)
def sweep_goods_files() -> int:
    return sweep()
