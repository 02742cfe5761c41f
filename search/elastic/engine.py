"""Elasticsearch as an engine of search."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from elasticsearch import ApiError

from search.answers import COUNTED_TO, Completion, DocumentRefused, EngineUnavailable, Found, Health
from search.asking import Asked, asked, page
from search.documents import Document, by_kind
from search.elastic import explore_feed, find_people, find_posts, find_products, similar_products, suggest, writing
from search.elastic.client import client, reached
from search.elastic.indexes import Indexes
from search.elastic.wording import Query, loosely
from search.exploring import ranked
from search.questions import ExploreFeed, FindPeople, FindPosts, FindProducts, Question, SimilarProducts, Suggest
from search.text import asked_starts

TRIES = 3


class ElasticEngine:
    """The engine at `url`; its indexes are named `index_prefix` + kind. Makes no request by itself."""

    name = "elasticsearch"

    def __init__(self, url: str, index_prefix: str) -> None:
        self._client = client(url)
        self._indexes = Indexes(self._client, index_prefix)

    def prepare(self) -> tuple[str, ...]:
        """Creates the indexes that are missing; their kinds."""
        with reached():
            return self._indexes.prepare()

    def put(self, documents: Sequence[Document]) -> None:
        """Stores documents, each unless a newer version of it is there."""
        refused: list[DocumentRefused] = []
        for kind, ours in by_kind(documents).items():
            refused += writing.put(self._client, self._indexes.alias(kind), ours, alias=True)
        if refused:
            raise refused[0]

    def remove(self, kind: str, ids_versions: Sequence[tuple[UUID, int]]) -> None:
        """Forgets documents, each unless a newer version of it is there."""
        writing.remove(self._client, self._indexes.alias(kind), ids_versions)

    def find(self, question: Question) -> Found:
        """The ids that answer a question, best first."""
        match question:
            case ExploreFeed():
                return self._explored(question)
            case FindPosts(words, limit, skip):
                return self._about(words, "post", find_posts.query, limit, skip)
            case FindProducts(words, limit, skip):
                return self._about(words, "product", find_products.query, limit, skip)
            case FindPeople(words, limit, skip):
                return self._about(words, "person", find_people.query, limit, skip)
            case SimilarProducts(product_id, words, limit):
                sought = asked(words)
                like = similar_products.query(product_id, sought)
                return self._search("product", like, limit, 0) if sought else Found((), 0, self.name)

    def suggest(self, question: Suggest) -> tuple[Completion, ...]:
        """Whole texts for what has been typed so far, of all kinds, the most popular first."""
        typed = asked_starts(question.words)
        if not typed or question.limit < 1:
            return ()
        answer = self._ask(index=self._indexes.aliases(), suggest=suggest.body(typed, question.limit))
        return suggest.completions(answer["suggest"], question.limit, self._indexes.kind_of)

    def rebuild(self, kind: str, documents: Iterable[Document]) -> None:
        """Fills a new index and puts it in the place of the old one."""
        with reached():
            index = self._indexes.create(kind, confirmed=False)
        try:
            refused = writing.put(self._client, index, documents, alias=False)
            with reached():
                self._client.indices.refresh(index=index)
                self._indexes.swap(kind, index)
        except BaseException:
            with reached():
                self._indexes.delete(index)
            raise
        if refused:
            raise refused[0]

    def confirm(self, kind: str) -> None:
        """Says that what was written during a rebuild is going to be replayed for certain."""
        with reached():
            self._indexes.confirm(kind)

    def health(self) -> Health:
        """Whether it can be asked, and which kinds want a rebuild."""
        outdated: tuple[str, ...] = ()
        try:
            with reached():
                outdated = self._indexes.outdated()
                status = self._client.cluster.health(index=self._indexes.aliases(), timeout="0s")["status"]
        except EngineUnavailable as error:
            return Health(self.name, False, str(error), outdated)
        return Health(self.name, status != "red", f"status {status}", outdated)

    def count(self, kind: str) -> int:
        """How many documents of a kind can be found."""
        with reached():
            return int(self._client.count(index=self._indexes.alias(kind))["count"])

    def is_empty(self, kind: str) -> bool:
        """Whether no document of a kind can be found; each shard stops at its first."""
        answer = self._ask(index=self._indexes.alias(kind), size=0, terminate_after=1, track_total_hits=1)
        return not answer["hits"]["total"]["value"]

    def refresh(self) -> None:
        """Makes what was written visible now, not in a moment."""
        with reached():
            self._client.indices.refresh(index=self._indexes.aliases())

    def close(self) -> None:
        """Lets the connections go."""
        self._client.close()

    def _about(self, words: str, kind: str, query: Callable[[Asked], Query], limit: int, skip: int) -> Found:
        sought = asked(words)
        if not sought:
            return Found((), 0, self.name)
        found = self._search(kind, query(sought), limit, skip)
        return found if found.total or not sought.characters else self._search(kind, loosely(sought), limit, skip)

    def _explored(self, question: ExploreFeed) -> Found:
        bounded = replace(question, limit=page(question.limit, 0)[0])
        answers = [self._ask(index=self._indexes.alias("post"), **head) for head in explore_feed.requests(bounded)]
        found = {explore_feed.candidate(hit) for answer in answers for hit in answer["hits"]["hits"]}
        return Found(ranked(bounded, found), min(COUNTED_TO, len(found)), self.name)

    def _search(self, kind: str, query: Query, limit: int, skip: int) -> Found:
        limit, skip = page(limit, skip)
        answer = self._ask(
            index=self._indexes.alias(kind),
            query=query,
            size=limit,
            from_=skip,
            sort=[{"_score": "desc"}, {"spread": "asc"}],
            track_total_hits=COUNTED_TO,
        )
        hits = answer["hits"]
        return Found(tuple(UUID(hit["_id"]) for hit in hits["hits"]), hits["total"]["value"], self.name)

    def _ask(self, **request: Any) -> Any:
        """Asked again if need be: a rebuild may take an index away from under a question, and the next one another."""
        search = partial(self._client.search, **request, source=False, allow_partial_search_results=False)
        with reached():
            for _ in range(TRIES - 1):
                try:
                    return search()
                except ApiError as error:
                    if error.status_code not in (404, 503):
                        raise
            return search()
