"""The ways in which shops are paid, one class a file, found by looking."""

import importlib
import pkgutil

from app.core.errors import bad_field
from app.store.payouts.channels.base import Channel

_known: dict[str, Channel] = {}
for _found in pkgutil.iter_modules(__path__):
    if _found.name != "base":
        _channel: Channel = importlib.import_module(f"{__name__}.{_found.name}").channel
        _known[_channel.name] = _channel


def open_channels() -> list[Channel]:
    """Those that this installation pays by."""
    return [one for one in _known.values() if one.is_open()]


def channel_named(name: str) -> Channel:
    """The channel of this name. Raises Refused 422 for any other."""
    found = _known.get(name)
    if found is None or not found.is_open():
        known = "、".join(f"{one.zh}（{one.name}）" for one in open_channels()) or "无"
        named = ", ".join(f"{one.name} ({one.en})" for one in open_channels()) or "none"
        raise bad_field("channel", f"没有这个打款渠道，可选：{known}", f"There is no such channel. There are: {named}.")
    return found
