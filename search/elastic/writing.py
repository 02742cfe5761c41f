"""Bulk writes with external versions. What is read of an answer is every single item, not its status alone."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from elasticsearch import Elasticsearch

from search.answers import DocumentRefused, EngineUnavailable
from search.batches import batches
from search.documents import Document
from search.elastic.client import WRITING_SECONDS, reached
from search.elastic.fields import fields

BATCH = 500
OUTDATED = "strict_dynamic_mapping_exception"
"""An index of an older shape does not know a field. The document is sound: it waits until the index is rebuilt."""
TAKEN_AWAY = "index_not_found_exception"
"""A rebuild put a new index in the place of the one that the alias named a moment ago."""


def put(client: Elasticsearch, index: str, documents: Iterable[Document], *, alias: bool) -> list[DocumentRefused]:
    """Stores documents unless a newer version is there; answers those that are refused.

    `alias`: `index` must be an alias; without one, writing would make an index of that name, with guessed mappings.
    """
    refused: list[DocumentRefused] = []
    for batch in batches(documents, BATCH):
        operations: list[dict[str, Any]] = []
        for document in batch:
            operations += ({"index": _address(document.id, document.version)}, fields(document))
        refused += _send(client, index, operations, alias)
    return refused


def remove(client: Elasticsearch, index: str, ids_versions: Sequence[tuple[UUID, int]]) -> None:
    """Deletes documents unless a newer version is there; each deletion is remembered for an hour (gc_deletes)."""
    for batch in batches(ids_versions, BATCH):
        _send(client, index, [{"delete": _address(id, version)} for id, version in batch], True)


def _address(id: UUID, version: int) -> dict[str, Any]:
    return {"_id": str(id), "version": version, "version_type": "external_gte"}


def _send(client: Elasticsearch, index: str, operations: list[dict[str, Any]], alias: bool) -> list[DocumentRefused]:
    """Sent again, once, if a rebuild took the index away from under it: by their versions writes may be repeated."""
    failures = _bulk(client, index, operations, alias)
    if alias and any(error.get("type") == TAKEN_AWAY for _, _, error in failures):
        failures = _bulk(client, index, operations, alias)
    refused: list[DocumentRefused] = []
    for id, status, error in failures:
        reason = f"{error.get('type')}: {error.get('reason')}"
        if status != 400 or error.get("type") == OUTDATED:
            raise EngineUnavailable(f"elasticsearch answered {status} for {id}: {reason}")
        refused.append(DocumentRefused(UUID(id), reason))
    return refused


def _bulk(
    client: Elasticsearch, index: str, operations: list[dict[str, Any]], alias: bool
) -> list[tuple[str, int, dict[str, Any]]]:
    with reached():
        answer = client.options(request_timeout=WRITING_SECONDS).bulk(
            index=index, operations=operations, require_alias=alias
        )
    return list(_failures(answer["items"])) if answer["errors"] else []


def _failures(items: list[dict[str, Any]]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Not among them: a version conflict (409), for then a newer write was first, and deleting what is not there."""
    for item in items:
        done = next(iter(item.values()))
        if "error" in done and done["status"] != 409:
            yield done["_id"], done["status"], done["error"]
