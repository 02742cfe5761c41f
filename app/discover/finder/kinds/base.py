"""What the finder must know of each kind of document."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import db
from app.core.events import Fact
from search.documents import Document


class Kind(Protocol):
    """One kind of document. Its module in this folder holds an instance named `kind`; `name` is search's name of it."""

    name: str
    facts: tuple[type[Fact], ...]

    def touched(self, facts: Sequence[Fact]) -> set[UUID]:
        """The ids of the documents that these facts, of whatever kind, may have changed."""

    def documents(self, ids: Collection[UUID], version: int) -> Sequence[Document]:
        """The documents of those ids that may be found now, in a constant number of queries."""

    def visible(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of these ids that may be found now. One query."""

    def all_ids(self, size: int) -> Iterator[list[UUID]]:
        """The ids of all that may be found, in batches, each by a short query of its own."""

    def how_many(self) -> int:
        """How many may be found."""


def ids_of(facts: Sequence[Fact], kinds: tuple[type[Fact], ...], field: str) -> set[UUID]:
    """What `field` says in the facts of these kinds."""
    return {getattr(one, field) for one in facts if isinstance(one, kinds)}


def walk(column: InstrumentedAttribute[UUID], condition: ColumnElement[bool], size: int) -> Iterator[list[UUID]]:
    """All ids that fulfil the condition, in their order, `size` at a time."""
    asked: Select[Any] = select(column).where(condition).order_by(column).limit(size)
    batch: list[UUID] = list(db.session.scalars(asked))
    while batch:
        yield batch
        batch = list(db.session.scalars(asked.where(column > batch[-1])))
