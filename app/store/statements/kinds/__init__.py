"""The forms of statement files, one class a file, found by looking."""

import importlib
import pkgutil
from collections.abc import Sequence

from app.store.statements.kinds.base import Kind

kinds: list[Kind] = [
    importlib.import_module(f"{__name__}.{found.name}").kind
    for found in pkgutil.iter_modules(__path__)
    if found.name != "base"
]


def kind_of(header: Sequence[str]) -> Kind | None:
    """The form whose columns a line names, None if it is no header."""
    return next((one for one in kinds if set(one.columns) <= set(header)), None)
