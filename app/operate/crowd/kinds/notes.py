"""Notes: KOLs write many of them, of goods that are wanted; and what others do with them."""

from collections.abc import Iterable
from functools import lru_cache
from random import Random

from app.community.topics.models import topic_key
from app.community.topics.queries import topics_by_key
from app.operate.crowd.kinds import echoes, posts
from app.operate.crowd.kinds.base import DAYS, Batch, Size, Town
from app.operate.crowd.kinds.chance import bits, id_of, luck, moment_of, steep
from app.operate.crowd.kinds.goods import Ware, ware
from app.operate.crowd.kinds.post_words import (
    DOUBTS,
    ENDINGS,
    ENGLISH_BODIES,
    ENGLISH_TITLES,
    MIDDLES,
    OPENINGS,
    TITLES,
)
from app.operate.crowd.kinds.posts import Known, Written
from app.people.accounts.queries import author_cards
from app.store.catalogue.models import DRAFT

WANTED = 2.2
"""How steep it is from the goods that all want to those that nobody wants."""


def author_of(town: Town, number: int) -> int:
    """Who wrote this note: the more famous, the more. Founders who do not write leave it to others."""
    author = steep(luck("author", number), town.people, 2)
    place = town.founder(author)
    if place is not None and place not in town.founders.writers:
        return town.first_common + number % (town.people - town.first_common)
    return author


def day_of(town: Town, number: int) -> int:
    """How many days before the end this note was written; the numbers go with time."""
    return DAYS - 1 - number * DAYS // town.size.notes


@lru_cache(maxsize=5000)
def note(town: Town, number: int) -> Written:
    chance = luck("note", number)
    author, moment = author_of(town, number), moment_of(town.end, day_of(town, number), chance)
    first = wanted_ware(town, chance)
    wares = [first, wanted_ware(town, chance)] if chance.random() < 0.3 else [first]
    is_english = chance.random() < 0.06
    title, body = _english(first, chance) if is_english else _chinese(first, chance)
    return Written(
        "note",
        number,
        id_of(moment, bits("note", number)),
        author,
        moment,
        title,
        body,
        tuple({one.id: one for one in wares}.values()),
        is_private=number % 40 == 17,
    )


def wanted_ware(town: Town, chance: Random) -> Ware:
    """Some goods that people may see."""
    found = ware(town, steep(chance, town.size.goods, WANTED))
    while found.state == DRAFT:
        found = ware(town, steep(chance, town.size.goods, WANTED))
    return found


def known_for(town: Town, written: Iterable[Written]) -> Known:
    """What the rows of these posts say of others. Two queries."""
    authors = {town.person(one.author) for one in written}
    keys = [topic_key(name) for name in posts.topic_names()]
    return Known(author_cards(authors), topics_by_key(keys))


def _chinese(goods: Ware, chance: Random) -> tuple[str, str]:
    filled = posts.slots(goods, chance)
    parts = [posts.told(OPENINGS, filled, chance), posts.told(MIDDLES, filled, chance)]
    if chance.random() < 0.45:
        parts.append(posts.told(DOUBTS, filled, chance))
    parts.append(posts.told(ENDINGS, filled, chance))
    return posts.told(TITLES, filled, chance), "\n".join(parts)


def _english(goods: Ware, chance: Random) -> tuple[str, str]:
    filled = posts.english_slots(goods, chance)
    return posts.told(ENGLISH_TITLES, filled, chance), posts.told(ENGLISH_BODIES, filled, chance)


class Notes:
    name = "notes"
    most = 200
    tables = (*posts.TABLES, *echoes.TABLES)

    def how_many(self, size: Size) -> int:
        return size.notes

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        written = [note(town, number) for number in numbers]
        known = known_for(town, written)
        for one in written:
            posts.write(batch, town, known, one)
            if not one.is_private:
                echoes.echo(batch, town, one)
        return batch


group = Notes()
