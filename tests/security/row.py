"""What a row about a door is: who may open it, what they get, and how a request is made. The rows of doors stand in
doors.py, and in a doors_<part>.py each for the parts of the store."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.security import town as of
from tests.security.town import Town, Values

OPEN = "open"  # never looks at a token
ANYONE = "anyone"  # looks at it; a stranger may
PERSON = "person"
BUYER = "buyer"  # a person or guest, for himself
OWNER = "owner"  # the person whose thing it is
OWN_BUYER = "own buyer"  # the person or guest whose thing it is
MODERATOR = "moderator"
ADMIN = "admin"
NOBODY = "nobody"  # it is there, and nobody may see it

Body = Callable[[Values], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """`status` is for those who may. `own` makes the thing; `body` the JSON of a request about it; `named`, in its
    place, what else the request needs. `foreign` is for a signed-in person whose thing it is not: 404, as if it were
    not there, or 403 where everybody may see it. `guest` and `stranger` are for those at a door that is not theirs.
    """

    method: str
    rule: str
    who: str
    status: int
    own: Callable[[Town, Any], Values] = of.nothing
    body: Body | None = None
    named: Callable[[Values], dict[str, Any]] | None = None
    foreign: int = 404
    guest: int = 401
    stranger: int = 401
    ends_session: bool = False

    @property
    def name(self) -> str:
        made = self.own.__name__.replace("_", " ")
        return f"{self.method} {self.rule}" + (f" ({made})" if self.own is not of.nothing else "")

    def path(self, values: Values) -> str:
        return of.path_of(self.rule, values)

    def request(self, values: Values) -> dict[str, Any]:
        """What Client.send needs beside method and path."""
        sent = self.named(values) if self.named else {}
        if self.body:
            sent = {**sent, "json": self.body(values)}
        return {"key": uuid4().hex, **sent} if self.method == "POST" else sent
