"""The indexes: one a kind, each behind an alias of its name, so that a new one takes its place in one step."""

import hashlib
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from search.documents import KINDS
from search.elastic.client import WRITING_SECONDS

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Indexes:
    """The indexes of one community: all names begin with `prefix`."""

    client: Elasticsearch
    prefix: str

    def alias(self, kind: str) -> str:
        """The name under which documents of a kind are written and asked for."""
        return self.prefix + kind

    def aliases(self) -> str:
        """All of them, as a request takes them."""
        return ",".join(self.alias(kind) for kind in KINDS)

    def prepare(self) -> tuple[str, ...]:
        """Creates what is missing, and says for which kinds: those are empty now."""
        return tuple(kind for kind in KINDS if self._create_missing(kind))

    def kind_of(self, index: str) -> str:
        """The kind whose documents an index holds."""
        return index.removeprefix(self.prefix).partition("-")[0]

    def create(self, kind: str, *, confirmed: bool) -> str:
        """A new, empty index of a kind that nobody sees yet; its name."""
        name = f"{self.alias(kind)}-{time.time_ns()}"
        mappings = {**_mappings(kind), **(_meta(kind) if confirmed else {})}
        self._patient().create(index=name, settings=_settings(), mappings=mappings)
        return name

    def confirm(self, kind: str) -> None:
        """Notes the shape of the index that is asked: from now on it does not count as outdated."""
        self._patient().put_mapping(index=self.alias(kind), meta=_meta(kind)["_meta"])

    def swap(self, kind: str, index: str) -> None:
        """Makes `index` the one that is asked, in one step, and deletes those it replaces."""
        old = self._behind(kind)
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": self.alias(kind)}}]
        actions += ({"remove_index": {"index": name}} for name in old)
        self._patient().update_aliases(actions=actions)

    def delete(self, index: str) -> None:
        """Drops an index that was never put in place."""
        self._patient().delete(index=index, ignore_unavailable=True)

    def outdated(self) -> tuple[str, ...]:
        """The kinds whose index is missing, or was made with other mappings than these."""
        found = self.client.indices.get_mapping(index=self.aliases(), ignore_unavailable=True)
        shapes = {answer["mappings"].get("_meta", {}).get("shape") for answer in found.values()}
        return tuple(kind for kind in KINDS if shape(kind) not in shapes)

    def _create_missing(self, kind: str) -> bool:
        """Two who prepare at once both create an index; the alias goes to one of them, the other's is deleted."""
        if self._behind(kind):
            return False
        index = self.create(kind, confirmed=True)
        if self._behind(kind):
            self.delete(index)
            return False
        try:
            self._patient().update_aliases(actions=[{"add": {"index": index, "alias": self.alias(kind)}}])
        except BadRequestError:
            self.delete(index)
            raise
        return True

    def _behind(self, kind: str) -> list[str]:
        try:
            return list(self.client.indices.get_alias(name=self.alias(kind)))
        except NotFoundError:
            return []

    def _patient(self) -> Any:
        return self.client.options(request_timeout=WRITING_SECONDS).indices


@lru_cache(maxsize=len(KINDS))
def shape(kind: str) -> str:
    """A fingerprint of the settings and mappings of a kind, kept in its index."""
    return hashlib.sha256((_read("settings") + _read(kind)).encode()).hexdigest()[:12]


def _settings() -> dict[str, Any]:
    return dict(json.loads(_read("settings")))


def _mappings(kind: str) -> dict[str, Any]:
    return dict(json.loads(_read(kind)))


def _meta(kind: str) -> dict[str, Any]:
    return {"_meta": {"shape": shape(kind)}}


def _read(name: str) -> str:
    return (_FOLDER / f"{name}.json").read_text(encoding="utf-8")
