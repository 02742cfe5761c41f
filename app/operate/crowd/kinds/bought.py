"""What somebody bought, when and how it went: planned, so that a review may speak of it before its rows are there."""

from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple
from uuid import UUID

from app.core.caller import GUEST, PERSON, Ref
from app.core.config import settings
from app.operate.crowd.kinds.base import DAYS, Town
from app.operate.crowd.kinds.chance import bits, id_of, luck, moment_of, steep
from app.operate.crowd.kinds.echoes import stranger
from app.operate.crowd.kinds.goods import Variant, Ware, ware
from app.operate.crowd.kinds.notes import WANTED, author_of, note
from app.operate.crowd.kinds.posts import Written
from app.store.orders.models import CANCELLED, LAPSED, PAID

RECENT_DAYS = 12
"""So long a note sells."""
_LOOKED_AT = 6
"""Of so many notes the one by the most famous author is the one that sold."""


class Line(NamedTuple):
    id: UUID
    ware: Ware
    variant: Variant
    quantity: int

    @property
    def amount(self) -> int:
        """In 分."""
        return self.variant.price * self.quantity


class Bought(NamedTuple):
    """A purchase: its checkout was opened, it was placed, and it ended as `status` says. `via`: the note whose link
    was named for the first line, and the place of its tag."""

    number: int
    id: UUID
    checkout_id: UUID
    buyer: Ref
    buyer_name: int | None
    opened: datetime
    placed: datetime
    ended: datetime
    status: str
    lines: tuple[Line, ...]
    via: tuple[Written, int] | None

    @property
    def total(self) -> int:
        """In 分."""
        return sum(line.amount for line in self.lines)


@lru_cache(maxsize=5000)
def bought(town: Town, number: int) -> Bought:
    chance = luck("purchase", number)
    days = DAYS - 1 - number * DAYS // town.size.purchases
    opened = moment_of(town.end, days, chance) - timedelta(hours=2)
    placed = opened + timedelta(seconds=chance.uniform(20, 500))
    buyer_name = None if chance.random() < 0.15 else town.newcomer(steep(chance, town.size.people, 1.4))
    buyer = Ref(GUEST, stranger(chance)) if buyer_name is None else Ref(PERSON, town.person(buyer_name))
    via = _via(town, days, chance) if chance.random() < 0.36 else None
    status = chance.choices((PAID, LAPSED, CANCELLED), (85, 9, 6))[0]
    wait = settings.unpaid_seconds + chance.random() if status == LAPSED else chance.uniform(15, 900)
    return Bought(
        number,
        id_of(placed, bits("purchase", number)),
        id_of(opened, bits("checkout", number)),
        buyer,
        buyer_name,
        opened,
        placed,
        placed + timedelta(seconds=wait),
        status,
        tuple(_lines(town, number, placed, via, chance)),
        via,
    )


def _via(town: Town, days: int, chance: Random) -> tuple[Written, int] | None:
    """A note of some day before that tags something that can be bought."""
    notes = town.size.notes
    first, last = ((DAYS - one) * notes // DAYS for one in (days + 1 + RECENT_DAYS, days + 1))
    first = max(0, first)
    if first >= last:
        return None
    number = min((chance.randrange(first, last) for _ in range(_LOOKED_AT)), key=lambda one: author_of(town, one))
    found = note(town, number)
    places = [place for place, one in enumerate(found.wares) if one.to_buy]
    return (found, places[0]) if places and not found.is_private and found.moment < _start(town, days) else None


def _start(town: Town, days: int) -> datetime:
    """Nothing is bought on this day before this moment."""
    return town.end - timedelta(days=days + 1, hours=2)


def _lines(town: Town, number: int, placed: datetime, via: tuple[Written, int] | None, chance: Random) -> list[Line]:
    wares = [via[0].wares[via[1]]] if via else [_to_buy(town, chance)]
    while len(wares) < 4 and chance.random() < 0.2:
        wares.append(_to_buy(town, chance))
    lines = []
    for place, one in enumerate({one.id: one for one in wares}.values()):
        variant = one.to_buy[steep(chance, len(one.to_buy), 1.5)]
        quantity = 1 + (chance.random() < 0.12)
        lines.append(Line(id_of(placed, bits("line", number, place)), one, variant, quantity))
    return lines


def _to_buy(town: Town, chance: Random) -> Ware:
    found = ware(town, steep(chance, town.size.goods, WANTED))
    while not found.to_buy:
        found = ware(town, steep(chance, town.size.goods, WANTED))
    return found
