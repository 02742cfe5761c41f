"""What is due by time: files that nothing sells any more."""

from app.core.joining import joins, rows_of
from app.core.worker import every
from app.store.codes.actions import sweep_goods_files as sweep
from app.store.codes.models import CodeGrant

joins()(rows_of(CodeGrant, "owner"))


@every(seconds=600)
def sweep_goods_files() -> int:
    return sweep()
