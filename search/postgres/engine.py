"""PostgreSQL as an engine of search."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from search.answers import COUNTED_TO, Completion, DocumentRefused, EngineUnavailable, Found, Health
from search.asking import CHARACTERS_SHARED, asked, page
from search.documents import Document, by_kind
from search.exploring import ranked
from search.postgres import tables, writing
from search.postgres.connections import Connections
from search.postgres.exploring import candidates
from search.postgres.matching import ANYTHING, Only, loosely, matching
from search.postgres.rarity import Rarities
from search.postgres.replacing import put_in_place
from search.postgres.suggesting import suggesting
from search.questions import ExploreFeed, FindPeople, FindPosts, FindProducts, Question, SimilarProducts, Suggest
from search.text import asked_starts

LIKE_ENOUGH = 0.15
"""The share of the best possible score from which goods count as similar."""


SHARING = Only(share=CHARACTERS_SHARED)


class PostgresEngine:
    """The engine in the schema `search` of the database at `database_url`. It connects with the first question."""

    name = "postgres"

    def __init__(self, database_url: str) -> None:
        self._connections = Connections(database_url)
        self._rarities = Rarities(self._connections)

    def prepare(self) -> tuple[str, ...]:
        """Creates the schema and the tables that are missing; their kinds."""
        with self._connections.writing() as connection:
            return tables.prepare(connection)

    def put(self, documents: Sequence[Document]) -> None:
        """Stores documents, each unless a newer version of it is there."""
        refused: list[DocumentRefused] = []
        for kind, ours in by_kind(documents).items():
            refused += writing.put(self._connections, kind, ours)
        if refused:
            raise refused[0]

    def remove(self, kind: str, ids_versions: Sequence[tuple[UUID, int]]) -> None:
        """Forgets documents, each unless a newer version of it is there."""
        writing.remove(self._connections, kind, ids_versions)

    def find(self, question: Question) -> Found:
        """The ids that answer a question, best first."""
        match question:
            case ExploreFeed():
                return self._explored(question)
            case FindPosts(words, limit, skip):
                return self._about(words, "post", limit, skip)
            case FindProducts(words, limit, skip):
                return self._about(words, "product", limit, skip)
            case FindPeople(words, limit, skip):
                return self._about(words, "person", limit, skip)
            case SimilarProducts(product_id, words, limit):
                return self._about(words, "product", limit, 0, Only(True, product_id, LIKE_ENOUGH))

    def suggest(self, question: Suggest) -> tuple[Completion, ...]:
        """Whole texts for what has been typed so far, of all kinds, the most popular first."""
        typed = asked_starts(question.words)
        if not typed or question.limit < 1:
            return ()
        with self._connections.asking() as connection:
            return suggesting(connection, typed, question.limit)

    def rebuild(self, kind: str, documents: Iterable[Document]) -> None:
        """Fills a new table and puts it in the place of the old one."""
        filled = tables.fresh_name(kind)
        with self._connections.writing() as connection:
            tables.create(connection, filled)
        try:
            refused = writing.put(self._connections, filled, documents)
            put_in_place(self._connections, kind, filled)
        except BaseException:
            with self._connections.writing() as connection:
                tables.drop(connection, filled)
            raise
        self._rarities.forget()
        if refused:
            raise refused[0]

    def confirm(self, kind: str) -> None:
        """Says that what was written during a rebuild is going to be replayed for certain."""
        with self._connections.writing() as connection:
            tables.confirm(connection, kind)

    def health(self) -> Health:
        """Whether it can be asked, and which kinds want a rebuild."""
        try:
            with self._connections.asking() as connection:
                return Health(self.name, True, "", tables.outdated(connection))
        except EngineUnavailable as error:
            return Health(self.name, False, str(error))

    def count(self, kind: str) -> int:
        """How many documents of a kind can be found."""
        with self._connections.asking() as connection:
            return tables.count(connection, kind)

    def is_empty(self, kind: str) -> bool:
        """Whether no document of a kind can be found."""
        with self._connections.asking() as connection:
            return tables.is_empty(connection, kind)

    def close(self) -> None:
        """Lets the connections go."""
        self._connections.close()

    def _explored(self, question: ExploreFeed) -> Found:
        bounded = replace(question, limit=page(question.limit, 0)[0])
        with self._connections.asking() as connection:
            found = candidates(connection, bounded)
        return Found(ranked(bounded, found), min(COUNTED_TO, len(found)), self.name)

    def _about(self, words: str, kind: str, limit: int, skip: int, only: Only = ANYTHING) -> Found:
        sought = asked(words)
        if not sought:
            return Found((), 0, self.name)
        limit, skip = page(limit, skip)
        rarity = self._rarities.of(kind)
        with self._connections.asking() as connection:
            ids, total = matching(connection, kind, sought, rarity, limit, skip, only)
            if not total and sought.characters and only == ANYTHING:
                ids, total = matching(connection, kind, loosely(sought), rarity, limit, skip, SHARING)
        return Found(tuple(ids), total, self.name)
