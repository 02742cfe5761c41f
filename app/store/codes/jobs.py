"""What is due by time: files that nothing sells any more."""

from app.core.worker import every
from app.store.codes.actions import sweep_goods_files as sweep


@every(seconds=600)
def sweep_goods_files() -> int:
    return sweep()
