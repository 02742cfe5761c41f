"""The kinds of goods, one a file; found by looking."""

import importlib
import pkgutil

from app.store.catalogue.kinds.base import Kind

KINDS: dict[str, Kind] = {
    found.name: importlib.import_module(f"{__name__}.{found.name}").kind
    for found in pkgutil.iter_modules(__path__)
    if found.name != "base"
}
"""By name, which is the name of the file."""
