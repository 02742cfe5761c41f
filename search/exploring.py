"""How the explore feed ranks a post: one formula for every engine, so that a feed reads the same whoever finds it.

    FRESH * 2^(-age / FRESH_HALVES) + ln(1 + reactions) * 2^(-age / CARE_HALVES) + JITTER * chance(seed, post)

A post of this minute starts with FRESH, which is what about e^FRESH = 3,000 reactions are worth: it is seen before it
can have earned anything. That head start is gone within a day; what it has earned by then counts, halved every three
days, so that no number of reactions keeps a post up for ever.

A post can only be high up if it is among the newest, or among those whose reactions still count for most. Engines keep
both orders (the second as `heat`) and hand over their heads; only these are ranked, however many posts there are.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from search.questions import ExploreFeed

FRESH = 8.0
FRESH_HALVES_MS = 3 * 3600 * 1000
CARE_HALVES_MS = 72 * 3600 * 1000
JITTER = 0.5
MORE = 100
"""A head is as long as the answer and this much more, for what the other head and chance bring up."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that may be high up; `published_at` in milliseconds since 1970."""

    id: UUID
    published_at: int
    reactions: int


def millis(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def heat(reactions: int, published_at: datetime) -> float | None:
    """The logarithm of what reactions add to a score, as of 1970: the order of posts by it is the same at any time.

    None for a post without reactions, to which they add nothing.
    """
    if reactions < 1:
        return None
    return math.log(math.log1p(reactions)) + millis(published_at) / CARE_HALVES_MS * math.log(2)


def ranked(question: ExploreFeed, candidates: Iterable[Candidate]) -> tuple[UUID, ...]:
    """The ids of the feed, best first."""
    as_of, seed = millis(question.as_of), (question.seed % 2**64).to_bytes(8, "big")
    scores = {post.id: _score(post, as_of, seed) for post in candidates if post.published_at <= as_of}
    return tuple(sorted(scores, key=lambda id: (-scores[id], id))[: max(0, question.limit)])


def _score(post: Candidate, as_of: int, seed: bytes) -> float:
    age = as_of - post.published_at
    fresh = FRESH * math.exp2(-age / FRESH_HALVES_MS)
    cared_for = math.log1p(post.reactions) * math.exp2(-age / CARE_HALVES_MS)
    return fresh + cared_for + JITTER * _chance(post.id, seed)


def _chance(id: UUID, seed: bytes) -> float:
    """Between 0 and 1, always the same for a post and a seed."""
    return int.from_bytes(blake2b(id.bytes, key=seed, digest_size=4).digest(), "big") / 2**32
