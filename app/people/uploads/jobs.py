"""Sweeps of uploads."""

from app.core import clock
from app.core.worker import every
from app.people.uploads import actions


@every(seconds=60)
def sweep_orphans() -> int:
    """Files that a failed upload left behind: each minute another folder of the 256, by the clock."""
    actions.sweep_orphans(int(clock.now().timestamp() // 60) % 256)
    return 0


@every(seconds=60)
def sweep_unused() -> int:
    """Pictures that were sent and that nothing used."""
    return actions.sweep_unused()
