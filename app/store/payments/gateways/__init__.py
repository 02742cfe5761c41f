"""The providers that take money, one class a file, found by looking."""

import importlib
import pkgutil

from app.core.errors import bad_field
from app.store.payments.gateways.base import Gateway

_known: dict[str, Gateway] = {}
for _found in pkgutil.iter_modules(__path__):
    if _found.name != "base":
        _gateway: Gateway = importlib.import_module(f"{__name__}.{_found.name}").gateway
        _known[_gateway.name] = _gateway


def open_gateway(name: str) -> Gateway:
    """The gateway of this name that takes payments on this installation. Raises Refused 422 for any other."""
    found = _known.get(name)
    if found is None or not found.is_open():
        raise bad_field("gateway", "不支持的支付方式", "No such way to pay.")
    return found


def known_gateway(name: str) -> Gateway:
    """The gateway of this name, also one that takes nothing any more: what was paid by it may go back. Raises KeyError
    for one that is no longer here."""
    return _known[name]


def local_gateways() -> list[str]:
    """The names of those that are asked without a call."""
    return [name for name, one in _known.items() if one.answers_here]


def open_gateways() -> list[Gateway]:
    """Those that take payments on this installation."""
    return [one for one in _known.values() if one.is_open()]
