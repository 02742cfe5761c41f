"""Named points at which a test may kill this process: FAILPOINTS="purchase.before_commit,settle.after_commit".

`reach(name)` does nothing unless the environment names the point; then the process dies as by kill -9, once a marker
file (FAILPOINTS_FOLDER) says that it has not died there yet. Refused in production by having no effect there.
"""

import os
import signal
from pathlib import Path

from app.core.config import settings


def reach(name: str) -> None:
    """Die here by SIGKILL if a test asked for it, once for each name."""
    if not settings.failpoints or settings.is_production or name not in settings.failpoints.split(","):
        return
    marker = Path(os.environ.get("FAILPOINTS_FOLDER", ".")) / f"failpoint-{name}"
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
