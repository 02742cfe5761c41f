"""The kinds of notices, one class a file; found by looking."""

import importlib
import pkgutil

from app.operate.notifications.kinds.base import Kind


def _found() -> dict[str, Kind]:
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.name != "base"]
    kinds: list[Kind] = [importlib.import_module(f"{__name__}.{name}").kind for name in sorted(names)]
    return {one.name: one for one in kinds}


KINDS = _found()
