"""The menus of the creator portal, the admin view and of one shop in the portal: an empty register that rooms fill at
import. The paths of a shop's menu are what follows on its own address ("/staff"); a page there may ask for a right."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from app.core.caller import Caller
from app.core.errors import missing

PORTAL, ADMIN_VIEW, SHOP = "portal", "admin", "shop"
LOOK = "look"
"""The right to look at all of a shop, which a page of its menu asks for that names no other."""


@dataclass(frozen=True)
class Entry:
    """One line of a menu. `scopes`: who has none of these roles does not see it; none asked for: everybody does.

    `right`: of a shop's menu, what a person's role there must let him do; LOOK unless it says another.
    `has_some`: whether there is anything behind it for this person; None where that is not known.
    """

    order: int
    path: str
    zh: str
    en: str
    scopes: frozenset[str] = frozenset()
    right: str = LOOK
    has_some: Callable[[Caller], bool] | None = None


RightsOf = Callable[[UUID, Caller], Collection[str]]
_rights_of: list[RightsOf] = []
_menus: dict[str, list[Entry]] = {PORTAL: [], ADMIN_VIEW: [], SHOP: []}


def add(
    menu: str,
    path: str,
    zh: str,
    en: str,
    *,
    order: int,
    scopes: frozenset[str] = frozenset(),
    right: str = LOOK,
    has_some: Callable[[Caller], bool] | None = None,
) -> None:
    """Put a page into a menu; lower orders stand first."""
    made = Entry(order, path, zh, en, scopes, right, has_some)
    _menus[menu] = sorted([*_menus[menu], made], key=lambda one: one.order)


def tells_rights(rights_of: RightsOf) -> RightsOf:
    """Register who knows what a person may do in a shop."""
    _rights_of.append(rights_of)
    return rights_of


def entries(menu: str, shop_id: UUID | None = None, *, caller: Caller) -> list[Entry]:
    """What this person sees of a menu; of a shop's, what his role in this shop lets him open. One query for that."""
    seen = [one for one in _menus.get(menu, []) if not one.scopes or one.scopes & caller.scopes]
    if shop_id is None:
        return seen
    rights = {right for rights_of in _rights_of for right in rights_of(shop_id, caller)}
    return [one for one in seen if one.right in rights]


def has_some(menu: str, caller: Caller) -> bool:
    """Whether there is known to be anything for this person behind a menu."""
    return any(one.has_some and one.has_some(caller) for one in entries(menu, caller=caller))


def first(menu: str, caller: Caller) -> str:
    """The page that a menu begins with: the first with something behind it for this person; if none is known to have
    any, the first of all. Raises Refused 404 for an empty menu."""
    found = entries(menu, caller=caller)
    if not found:
        raise missing()
    return next((one for one in found if one.has_some and one.has_some(caller)), found[0]).path
