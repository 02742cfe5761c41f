"""What this process remembers of a town beside its database: forgotten together with it."""

import importlib.util
from collections.abc import Callable

from app.core import events_era
from app.core.cache import cache

_HAS_PEOPLE_WHO_TALK = importlib.util.find_spec("app.discover") is not None
"""A store may run without them (tests/house/test_the_store_alone.py)."""
if _HAS_PEOPLE_WHO_TALK:
    from app.discover.feed.actions import memory
    from app.discover.finder.actions import forget_engines

_FEED: list[Callable[[], None]] = [memory.clear] if _HAS_PEOPLE_WHO_TALK else []
_ENGINES: list[Callable[[], None]] = [forget_engines] if _HAS_PEOPLE_WHO_TALK else []


def forget() -> None:
    """All of it."""
    cache.flush()
    events_era.forget()
    for one in [*_FEED, *_ENGINES]:
        one()


def let_engines_go() -> None:
    """The connections to search engines, where there are any."""
    for one in _ENGINES:
        one()
