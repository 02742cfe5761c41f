"""The kinds of files that goods are taken in from, one a file; found by looking."""

import importlib
import pkgutil
from pathlib import Path

from app.store.imports.kinds.base import Kind

KINDS: list[Kind] = [
    importlib.import_module(f"{__name__}.{found.name}").kind
    for found in pkgutil.iter_modules(__path__)
    if found.name != "base"
]


def kind_of(path: Path) -> Kind | None:
    """How to read this file, by the end of its name; None if nobody can."""
    name = path.name.lower().removesuffix(".gz")
    return next((kind for kind in KINDS if name.endswith(kind.suffix)), None)
