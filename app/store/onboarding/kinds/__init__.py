"""The kinds of applications, one a file; found by looking."""

import importlib
import pkgutil

from app.store.onboarding.kinds.base import Kind

KINDS: dict[str, Kind] = {}
for _found in pkgutil.iter_modules(__path__):
    if _found.name != "base":
        _kind: Kind = importlib.import_module(f"{__name__}.{_found.name}").kind
        KINDS[_kind.about] = _kind
