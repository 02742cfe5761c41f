"""The kinds of files that goods are taken in from, one a file; found by looking."""

import importlib
import pkgutil

from app.store.imports.kinds.base import Kind

KINDS: list[Kind] = [
    importlib.import_module(f"{__name__}.{found.name}").kind
    for found in pkgutil.iter_modules(__path__)
    if found.name != "base"
]


def kind_of(name: str) -> Kind | None:
    """How to read a file of this name, by its end; None if nobody can."""
    plain = name.lower().removesuffix(".gz")
    return next((kind for kind in KINDS if plain.endswith(kind.suffix)), None)
