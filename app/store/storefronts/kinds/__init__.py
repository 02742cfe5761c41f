"""Templates of light stores, one a file; found by looking."""

import importlib
import pkgutil

from app.store.storefronts.kinds.base import Template

TEMPLATES: dict[str, Template] = {}
for _found in pkgutil.iter_modules(__path__):
    if _found.name != "base":
        _template: Template = importlib.import_module(f"{__name__}.{_found.name}").template
        TEMPLATES[_template.name] = _template
