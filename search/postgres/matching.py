"""Finding by words: candidates by the rarest words through the index, then a score for each."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import sql

from search.answers import COUNTED_TO
from search.asking import Asked
from search.postgres.connections import Connection
from search.postgres.rarity import Rarity
from search.postgres.rows import GRAM, SOUND, lexeme
from search.postgres.tables import table

CANDIDATES = 3_000
"""Words are let in, the rarest first, until about this many documents hold one of them. Each is scored: ~10 µs."""

MOST_SCORED = 12
IN_NAME = 1.0
GRAM_WORTH = 0.35
SOUND_WORTH = 0.6
ALL_WORDS_WORTH = 2.0


@dataclass(frozen=True, slots=True)
class Only:
    """What else must hold of a document: it is in stock, it is not `id`, it scores at least `share` of the best score
    that the question could give."""

    in_stock: bool = False
    id: UUID | None = None
    share: float = 0.0


ANYTHING = Only()


@dataclass(slots=True)
class _Score:
    """A sum of worths in SQL, and its parameters."""

    terms: list[sql.SQL] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    most: float = 0.0

    def add(self, query: str, worth: float) -> None:
        """Documents that match `query` get `worth`."""
        self.terms.append(sql.SQL("CASE WHEN words @@ %s::tsquery THEN %s ELSE 0.0 END"))
        self.values += (query, worth)
        self.most += worth


def loosely(asked: Asked) -> Asked:
    """The same question by its single characters, for when its words and pairs find nothing."""
    return Asked((), asked.characters, (), ())


def matching(
    connection: Connection, kind: str, asked: Asked, rarity: Rarity, limit: int, skip: int, only: Only
) -> tuple[list[UUID], int]:
    """The ids at that place of the order, best first, and how many match, up to COUNTED_TO."""
    terms = _rarest(asked, rarity)
    score = _score(asked, terms, rarity)
    statement = sql.SQL(
        "WITH scored AS (SELECT id, {score} AS score FROM {table} WHERE words @@ %s::tsquery"
        " AND (%s::boolean IS NULL OR in_stock) AND id IS DISTINCT FROM %s),"
        " good AS (SELECT id, score FROM scored WHERE score >= %s)"
        " SELECT array(SELECT id FROM good ORDER BY score DESC, id LIMIT %s OFFSET %s), (SELECT count(*) FROM good)"
    ).format(score=sql.SQL(" + ").join(score.terms), table=table(kind))
    any_of = " | ".join(map(lexeme, _candidates(terms, rarity)))
    least = only.share * score.most
    values = [*score.values, any_of, only.in_stock or None, only.id, least, limit, skip]
    [(ids, total)] = connection.execute(statement, values).fetchall()
    return ids, min(COUNTED_TO, total)


def _rarest(asked: Asked, rarity: Rarity) -> list[str]:
    """The words, pairs and sounds that are scored, the rarest first."""
    terms = [
        *sorted(asked.words, key=rarity.expected)[:MOST_SCORED],
        *sorted((GRAM + gram for gram in asked.grams), key=rarity.expected)[:MOST_SCORED],
        *(SOUND + sound for sound in asked.pinyin[:MOST_SCORED]),
    ]
    return sorted(terms, key=rarity.expected)


def _candidates(terms: list[str], rarity: Rarity) -> list[str]:
    taken, expected = terms[:1], rarity.expected(terms[0])
    for term in terms[1:]:
        expected += rarity.expected(term)
        if expected > CANDIDATES:
            break
        taken.append(term)
    return taken


def _score(asked: Asked, terms: list[str], rarity: Rarity) -> _Score:
    score = _Score()
    for term in terms:
        worth = rarity.worth(term)
        if term.startswith((GRAM, SOUND)):
            score.add(lexeme(term), worth * (GRAM_WORTH if term.startswith(GRAM) else SOUND_WORTH))
            continue
        score.add(lexeme(term), worth)
        score.add(lexeme(term) + ":AB", worth * IN_NAME)
    if len(asked.words) > 1:
        score.add(" & ".join(map(lexeme, asked.words)), ALL_WORDS_WORTH)
    return score
