"""The carriers that parcels go by, one class a file, found by looking."""

import importlib
import pkgutil

from app.core.errors import bad_field
from app.store.delivery.carriers.base import Carrier

_known: dict[str, Carrier] = {}
for _found in pkgutil.iter_modules(__path__):
    if _found.name != "base":
        _carrier: Carrier = importlib.import_module(f"{__name__}.{_found.name}").carrier
        _known[_carrier.name] = _carrier


def open_carriers() -> list[Carrier]:
    """Those that this installation sends with."""
    return [one for one in _known.values() if one.is_open()]


def open_carrier(name: str) -> Carrier:
    """The carrier of this name. Raises Refused 422 for any other."""
    found = _known.get(name)
    if found is None or not found.is_open():
        known = "、".join(f"{one.zh}（{one.name}）" for one in open_carriers())
        named = ", ".join(f"{one.name} ({one.en})" for one in open_carriers())
        raise bad_field("carrier", f"没有这家承运商，可选：{known}", f"There is no such carrier. There are: {named}.")
    return found


def names() -> dict[str, tuple[str, str]]:
    """What carriers are called in Chinese and English, open or not: old parcels went by those too."""
    return {one.name: (one.zh, one.en) for one in _known.values()}
