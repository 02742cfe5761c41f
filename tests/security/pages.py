"""One row a page: who may open it, and what they get. A page without a row fails tests/security/test_page_matrix.py.

The rows of a part of the site stand in a file of their own, tests/security/pages_<part>.py, as its `ROWS`: put a row
there, or add such a file, and it is found.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tests.security
from tests.security import town as of
from tests.security.town import Town, Values

ANYONE = "anyone"
PERSON = "person"  # whoever is signed in
OWNER = "owner"  # the person whose thing it is (town.owner)
BUYER = "buyer"  # the same, at a page where guests may have such a thing too: others find nothing, none is sent away
MODERATOR = "moderator"  # a moderator or admin who has proved twice who he is
ADMIN = "admin"


@dataclass(frozen=True)
class PageRow:
    """`status`: for those who may (some: any of these); `foreign`: for a person whose thing it is not. `own` makes the
    thing, of which the address takes what it names; `form`: the fields of a form about it. `ends_session`: only a
    stranger tries it, since it changes who the visitor is.
    """

    method: str
    rule: str
    who: str
    status: int | tuple[int, ...] = 200
    own: Callable[[Town, Any], Values] = of.nothing
    form: Callable[[Values], dict[str, str]] | None = None
    foreign: int = 404
    ends_session: bool = False

    @property
    def name(self) -> str:
        made = self.own.__name__.replace("_", " ")
        return f"{self.method} {self.rule}" + (f" ({made})" if self.own is not of.nothing else "")

    @property
    def statuses(self) -> tuple[int, ...]:
        return self.status if isinstance(self.status, tuple) else (self.status,)

    def path(self, values: Values) -> str:
        return of.path_of(self.rule, values)


def _rows() -> list[PageRow]:
    names = sorted(one.name for one in pkgutil.iter_modules(tests.security.__path__) if one.name.startswith("pages_"))
    return [row for name in names for row in importlib.import_module(f"tests.security.{name}").ROWS]


PAGE_ROWS = _rows()
