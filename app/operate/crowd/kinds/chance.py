"""Chance that falls the same way each time: everything about a thing follows from its name and number."""

import hashlib
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from uuid import UUID

from app.buying.links.models import ALPHABET, CODE_LENGTH

_HOURS = (3, 1, 1, 1, 1, 1, 2, 4, 6, 7, 8, 8, 10, 9, 7, 7, 7, 7, 8, 10, 13, 15, 14, 8)
"""How much happens in each hour of a day in China."""
_BY_HOUR = list(accumulate(_HOURS))
_CHINA_HOURS = 8


def luck(*name: object) -> Random:
    """The chance of one thing: the same for the same name, in every process."""
    return Random(" ".join(map(str, name)))


def bits(*name: object) -> int:
    """128 bits that belong to a name."""
    return int.from_bytes(hashlib.blake2b(" ".join(map(str, name)).encode(), digest_size=16).digest())


def id_of(moment: datetime, number: int) -> UUID:
    """A UUIDv7 of this moment with these bits (RFC 9562, section 5.7): see `bits`, or 74 bits of luck and more."""
    rest = (number >> 64 & 0xFFF) << 64 | 2 << 62 | number & (1 << 62) - 1
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 7 << 76 | rest)


def place_in_log(moment: datetime, number: int) -> int:
    """A bigint id that rises with time, below all that a sequence gives out: of a row in a log that is read by its ids,
    where the crowd's past comes before whatever happens here. `number`: bits that tell rows of one moment apart."""
    return (int(moment.timestamp() * 1_000_000) << 10 | number & 1023) - (1 << 62)


def code_of(*name: object) -> str:
    """The code of a link. Who knows the seed can tell it: these links sell nothing that is real."""
    number, code = bits("code", *name), ""
    for _ in range(CODE_LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        code += ALPHABET[letter]
    return code


def steep(chance: Random, most: int, how: float) -> int:
    """A number below `most`, low ones far more often; `how` 1: all alike, 3: one in two is of the first eighth."""
    return int(most * chance.random() ** how)


def moment_of(end: datetime, days: float, chance: Random) -> datetime:
    """A moment of the day that ended `days` days before `end`, rather in the evening than at night."""
    hour = chance.choices(range(24), cum_weights=_BY_HOUR)[0]
    ahead = (hour - _CHINA_HOURS - end.hour) % 24
    return end - timedelta(days=int(days) + 1) + timedelta(hours=ahead, seconds=chance.random() * 3600)


@cache
def stride_of(many: int) -> int:
    """A step with which one comes round all of `many` places before one is at the same place again."""
    step = int(many * 0.618) | 1
    while _common(step, many) > 1:
        step += 2
    return step


def _common(one: int, other: int) -> int:
    while other:
        one, other = other, one % other
    return one


def combined(number: int, *counts: int) -> tuple[int, ...]:
    """A place in each of several lists: for the numbers below the product of `counts` no two alike, in no order."""
    many = 1
    for count in counts:
        many *= count
    left, places = number * stride_of(many) % many, []
    for count in counts:
        left, place = divmod(left, count)
        places.append(place)
    return tuple(places)
