"""The parts of a score that the store itself counts, one a file; found by looking."""

import importlib
import pkgutil

from app.store.scores.kinds.base import Part

PARTS: list[Part] = [
    importlib.import_module(f"{__name__}.{found.name}").part
    for found in pkgutil.iter_modules(__path__)
    if found.name != "base"
]
