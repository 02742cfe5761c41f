"""The seam: what a search engine does, and how to come by one."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

from search.answers import COUNTED_TO, Completion, DocumentRefused, EngineNotReady, EngineUnavailable, Found, Health
from search.breaker import Breaker
from search.documents import Document
from search.elastic.engine import ElasticEngine
from search.postgres.engine import PostgresEngine
from search.questions import Question, Suggest

__all__ = [
    "COUNTED_TO", "Completion", "DocumentRefused", "Engine", "EngineNotReady",
    "EngineUnavailable", "Finder", "Found", "Health", "connect",
]  # fmt: skip

BREAKER_SECONDS = 5.0
Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)


class Engine(Protocol):
    """A search engine. Every method raises EngineUnavailable if it cannot do its work now; health alone never does.

    What is written can be found within a second. Safe to use from many threads.
    """

    @property
    def name(self) -> str:
        """ "elasticsearch" or "postgres"."""

    def prepare(self) -> tuple[str, ...]:
        """Makes what is missing, and answers for which kinds: those are empty now and want a rebuild."""

    def put(self, documents: Sequence[Document]) -> None:
        """Stores documents, each unless a newer version of it is there or was removed within the last hour.

        Raises DocumentRefused for the first that can never be stored, when all the others are.
        """

    def remove(self, kind: str, ids_versions: Sequence[tuple[UUID, int]]) -> None:
        """Forgets documents, each unless a newer version of it is there. What is not there is forgotten as well."""

    def find(self, question: Question) -> Found:
        """The ids that answer a question, best first; nothing past the first 9,000."""

    def suggest(self, question: Suggest) -> tuple[Completion, ...]:
        """Distinct texts, the most popular first, with documents that carry them, for the index lags behind."""

    def rebuild(self, kind: str, documents: Iterable[Document]) -> None:
        """Stores `documents` apart and puts them in the place of all others of their kind, in one step.

        What is put or removed meanwhile goes to the old ones: whoever rebuilds notes where the log of facts stood
        before reading the documents, and replays it from there afterwards. Versions make that safe.
        Until `confirm` the kind counts as outdated: so a process killed before the replay is noticed by the next.
        Raises DocumentRefused as put does.
        """

    def confirm(self, kind: str) -> None:
        """Says that what was written during a rebuild is going to be replayed for certain."""

    def health(self) -> Health:
        """Whether it can be asked, and which kinds want a rebuild."""

    def count(self, kind: str) -> int:
        """How many documents of a kind can be found. Reads them all: for a person who asks, never on a usual path."""

    def is_empty(self, kind: str) -> bool:
        """Whether no document of a kind can be found, at the same cost however many there are."""

    def close(self) -> None:
        """Lets the connections go."""


class Finder:
    """Asks the primary engine while it is well, and the embedded one while it is not.

    A failing primary is given up after a second, left alone for BREAKER_SECONDS, then tried by one question.
    Found.engine says who answered. If the embedded one fails too, its EngineUnavailable is raised.
    """

    def __init__(self, primary: Engine, embedded: Engine) -> None:
        self.primary = primary
        self.embedded = embedded
        self._breaker = Breaker(BREAKER_SECONDS)

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Every engine that is to be kept up to date, the primary first."""
        return (self.primary,) if self.primary is self.embedded else (self.primary, self.embedded)

    def find(self, question: Question) -> Found:
        """The ids that answer a question, best first."""
        return self._answer(lambda engine: engine.find(question))

    def suggest(self, question: Suggest) -> tuple[Completion, ...]:
        """Whole texts for what has been typed so far."""
        return self._answer(lambda engine: engine.suggest(question))

    def suggested(self, question: Suggest) -> tuple[tuple[Completion, ...], str]:
        """What `suggest` answers, and the name of the engine that answered."""
        return self._answer(lambda engine: (engine.suggest(question), engine.name))

    def close(self) -> None:
        """Lets all connections go."""
        for engine in self.engines:
            engine.close()

    def _answer(self, ask: Callable[[Engine], Answer]) -> Answer:
        if self.primary is self.embedded or not self._breaker.lets_through():
            return ask(self.embedded)
        try:
            answer = ask(self.primary)
        except EngineUnavailable as error:
            if self._breaker.failed():
                _log.warning("search falls back to %s: %s", self.embedded.name, error)
            return ask(self.embedded)
        if self._breaker.succeeded():
            _log.info("search is back on %s", self.primary.name)
        return answer


def connect(*, database_url: str, elasticsearch_url: str | None, index_prefix: str = "shop-") -> Finder:
    """The engines of a community: PostgreSQL always, Elasticsearch before it if it has an address. Makes no request.

    `database_url` may be of libpq or of SQLAlchemy. `index_prefix` begins the name of every index, so that several can
    share one Elasticsearch; on PostgreSQL each has a database of its own. Raises ValueError for an unusable address.
    """
    embedded = PostgresEngine(database_url)
    if not elasticsearch_url:
        return Finder(embedded, embedded)
    return Finder(ElasticEngine(elasticsearch_url, index_prefix), embedded)
