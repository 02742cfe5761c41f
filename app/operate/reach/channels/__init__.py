"""The ways out of the house, one class a file; found by looking."""

import importlib
import pkgutil

from app.operate.reach.channels.base import Channel


def _found() -> dict[str, Channel]:
    names = [found.name for found in pkgutil.iter_modules(__path__) if found.name != "base"]
    channels: list[Channel] = [importlib.import_module(f"{__name__}.{name}").channel for name in sorted(names)]
    return {one.name: one for one in channels}


CHANNELS = _found()
