"""The menus of the creator portal and the admin view: an empty register that rooms fill at import."""

from dataclasses import dataclass

from app.core.caller import Caller
from app.core.errors import missing

PORTAL, ADMIN_VIEW = "portal", "admin"


@dataclass(frozen=True)
class Entry:
    """One line of a menu. `scopes`: who has none of these roles does not see it; none asked for: everybody does."""

    order: int
    path: str
    zh: str
    en: str
    scopes: frozenset[str] = frozenset()


_menus: dict[str, list[Entry]] = {PORTAL: [], ADMIN_VIEW: []}


def add(menu: str, path: str, zh: str, en: str, *, order: int, scopes: frozenset[str] = frozenset()) -> None:
    """Put a page into a menu; lower orders stand first."""
    _menus[menu] = sorted([*_menus[menu], Entry(order, path, zh, en, scopes)], key=lambda one: one.order)


def entries(menu: str, caller: Caller) -> list[Entry]:
    """What this person sees of a menu."""
    return [one for one in _menus.get(menu, []) if not one.scopes or one.scopes & caller.scopes]


def first(menu: str, caller: Caller) -> str:
    """The page that a menu begins with. Raises Refused 404 for an empty one."""
    found = entries(menu, caller)
    if not found:
        raise missing()
    return found[0].path
