"""How large the crowd is, the town that it comes to, and the rows that are written at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import UUID

from app.core.bulk import Columns
from app.core.events import Fact
from app.operate.crowd.kinds import names
from app.operate.crowd.kinds.chance import bits, id_of
from app.operate.demo.queries import goods_kinds
from app.store.categories.models import Category
from app.store.shops.models import Shop

DAYS = 60
"""So long the town has been busy."""
KINDS = goods_kinds()
_JOINED_BEFORE, _JOINED_WITHIN = DAYS + 35, 300


@dataclass(frozen=True)
class Size:
    """What the crowd brings: people, of whom so many KOLs, their shops, goods, notes, reviews that buyers write.

    `shades`, `rooms`: in so many colours a thing is drawn alone, and in so many rooms.
    """

    people: int
    kols: int
    shops: int
    goods: int
    notes: int
    reviews: int
    purchases: int
    shades: int = 4
    rooms: int = 2

    @classmethod
    def of_scale(cls, scale: int, people: int, goods: int, posts: int) -> "Size":
        """What makes a town of this scale of one that has so many people (one of them a KOL), goods and posts."""
        return cls(
            people=200 * scale - people,
            kols=10 * scale - 1,
            shops=26 * scale,
            goods=3000 * scale - goods,
            notes=1600 * scale - posts,
            reviews=400 * scale,
            purchases=2000 * scale,
        )


@dataclass(frozen=True)
class Founders:
    """Whom and what the crowd finds there. `people`: the star first; `writers` are their places who write posts, and
    the `moderator` is one of them.

    `shops`: by the name of a kind of goods the shop that sells it.
    """

    people: Sequence[UUID]
    writers: frozenset[int]
    moderator: UUID
    shops: Mapping[str, Shop]
    categories: Mapping[str, Category]


@dataclass(frozen=True, eq=False)
class Town:
    """All that the crowd's doings follow from; `end` is the last moment of them.

    People are numbered by fame: the star, the other KOLs, the founders, all others.
    """

    size: Size
    end: datetime
    founders: Founders

    @property
    def people(self) -> int:
        """All of them, the founders too."""
        return self.size.people + len(self.founders.people)

    @property
    def first_common(self) -> int:
        """The number of the first of the crowd who is no KOL."""
        return self.size.kols + len(self.founders.people)

    def newcomer(self, place: int) -> int:
        """The number of one of the crowd."""
        return place + 1 if place < self.size.kols else place + len(self.founders.people)

    def founder(self, number: int) -> int | None:
        """The place among the founders of the person with this number."""
        if number == 0:
            return 0
        place = number - self.size.kols
        return place if 1 <= place < len(self.founders.people) else None

    def person(self, number: int) -> UUID:
        place = self.founder(number)
        if place is not None:
            return self.founders.people[place]
        return id_of(self.joined(number), bits("person", number))

    def joined(self, number: int) -> datetime:
        many = bits("joined", number)
        days = _JOINED_BEFORE + many % _JOINED_WITHIN
        return self.end - timedelta(days=days, seconds=many // _JOINED_WITHIN % 80_000)

    def shop(self, number: int) -> Shop:
        """One of the crowd's own shops, as its row is."""
        owner = self.people - 1 - number % (self.size.people - self.size.kols)
        opened = self.joined(owner) + timedelta(days=1)
        shop_id = id_of(opened, bits("shop", number))
        return Shop(id=shop_id, name=names.shop_name(number), owner_id=self.person(owner), created_at=opened)

    def age_days(self, moment: datetime) -> float:
        return (self.end - moment).total_seconds() / 86_400

    def after(self, moment: datetime, chance: Random, how: float = 3.0) -> datetime:
        """A moment between this one and the end, rather soon after this one."""
        return moment + (self.end - moment) * float(chance.random() ** how)


class Batch:
    """What one step writes: rows by table in the order in which they are written, facts, and steps of counts."""

    def __init__(self, tables: Sequence[Columns]) -> None:
        self.tables: dict[Columns, list[Sequence[Any]]] = {one: [] for one in tables}
        self.facts: list[Fact] = []
        self.counts: defaultdict[tuple[UUID, str], int] = defaultdict(int)

    def add(self, into: Columns, *row: Any) -> None:
        self.tables[into].append(row)

    def add_made(self, into: Columns, made: object) -> None:
        """A row whose values were made by its own class."""
        self.tables[into].append([getattr(made, name) for name in into.names])

    def count(self, subject_id: UUID, name: str, step: int = 1) -> None:
        if step:
            self.counts[subject_id, name] += step

    def tell(self, *facts: Fact) -> None:
        self.facts += facts


class Group(Protocol):
    """Something that the crowd does many times. Its module in this folder holds an instance named `group`.

    `most`: so many are done in one step, a second or two of writing. `tables` in the order in which they are written.
    """

    name: str
    most: int

    @property
    def tables(self) -> tuple[Columns, ...]: ...

    def how_many(self, size: Size) -> int: ...

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        """All rows of these numbers. It may ask the database, and writes files, but no rows."""
