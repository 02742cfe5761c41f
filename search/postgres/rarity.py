"""How rare a word is, from the statistics that PostgreSQL itself keeps of the column."""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from search.postgres.connections import Connections
from search.postgres.tables import SCHEMA

FRESH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rarity:
    """The share of documents that hold each of the commonest words of a kind, among `documents` of them."""

    documents: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)
    unlisted: float = 0.001

    def expected(self, word: str) -> float:
        """About how many documents hold `word`."""
        return max(1.0, self.documents * self.shares.get(word, self.unlisted))

    def worth(self, word: str) -> float:
        """What matching `word` is worth: 0.1 if every document has it, more the rarer it is."""
        return max(0.1, -math.log(self.shares.get(word, self.unlisted)))


class Rarities:
    """Rarity of each kind, read again when older than FRESH_SECONDS."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._known: dict[str, tuple[float, Rarity]] = {}
        self._reading = Lock()

    def of(self, kind: str) -> Rarity:
        """The rarity of the words of a kind. Without statistics yet, all words count alike."""
        until, known = self._known.get(kind, (0.0, Rarity()))
        if time.monotonic() < until or not self._reading.acquire(blocking=not until):
            return known
        try:
            known = self._read(kind)
            self._known[kind] = (time.monotonic() + FRESH_SECONDS, known)
        finally:
            self._reading.release()
        return known

    def forget(self) -> None:
        """To be called when a table was replaced."""
        self._known.clear()

    def _read(self, kind: str) -> Rarity:
        with self._connections.asking() as connection:
            found = connection.execute(
                "SELECT reltuples, most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats"
                " JOIN pg_class ON relname = tablename AND relnamespace = schemaname::regnamespace"
                " WHERE schemaname = %s AND tablename = %s AND attname = 'words'",
                [SCHEMA, kind],
            ).fetchone()
        if not found or not found[1]:
            return Rarity()
        # Past the words the list of shares goes on with its minimum and maximum, of which only the first are wanted.
        shares = _pairs(found[1], found[2])
        return Rarity(max(0.0, found[0]), shares, min(shares.values()) / 2)


def _pairs(words: Iterable[str], shares: Iterable[float]) -> dict[str, float]:
    return dict(zip(words, shares, strict=False))
