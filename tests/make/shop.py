"""make.shop(owner=...): a shop that is open."""

from dataclasses import dataclass
from itertools import count
from uuid import UUID

from app.core.caller import Caller
from app.core.db import in_transaction
from app.store.shops import actions
from tests.make.person import Made, person

_numbers = count(1)


@dataclass(frozen=True)
class MadeShop:
    """A shop; `owner` is the person who works there, with his token."""

    id: UUID
    name: str
    owner: Made


def shop(owner: Made | None = None, name: str = "", of_person: bool = False) -> MadeShop:
    """A new shop of `owner`, of a new person if nobody is named; `of_person`: for his own things alone."""
    who = owner or person()
    wanted = name or f"小店{next(_numbers)}"
    caller = Caller(person_id=who.id)
    made = in_transaction(lambda: actions.open_shop(caller, wanted, of_person=of_person).id)
    return MadeShop(made, wanted, who)


def worker(of: MadeShop, role: str) -> Made:
    """A new person who works in the shop as `role`."""
    hired = person()
    in_transaction(lambda: actions.give_role(Caller(person_id=of.owner.id), of.id, hired.id, role))
    return hired
