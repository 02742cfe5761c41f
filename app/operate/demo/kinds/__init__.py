"""The kinds of goods of the demo town, one a file, with their words and drawings; found by looking.

base, canvas, people and words serve all kinds.
"""

import importlib
import pkgutil

from app.operate.demo.kinds.base import Kind

_SHARED = {"base", "canvas", "people", "words"}


def _found() -> dict[str, Kind]:
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.name not in _SHARED]
    kinds: list[Kind] = [importlib.import_module(f"{__name__}.{name}").kind for name in sorted(names)]
    return {one.name: one for one in kinds}


KINDS = _found()
