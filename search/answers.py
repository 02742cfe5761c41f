"""What an engine answers, and the two ways in which it fails."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Found:
    """A page of ids, best first. `total` counts all that match (of a feed: all that were ranked), up to COUNTED_TO;
    `engine` says who answered."""

    ids: tuple[UUID, ...]
    total: int
    engine: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole text, and documents that carry it as (kind, id): never none, not always all."""

    text: str
    carriers: tuple[tuple[str, UUID], ...]


COUNTED_TO = 1_000
"""Counting further costs more than finding, and no reader pages so far."""


@dataclass(frozen=True, slots=True)
class Health:
    """`ok`: it can be asked. `outdated`: kinds whose index is missing or has an older shape, to be rebuilt."""

    engine: str
    ok: bool
    reason: str = ""
    outdated: tuple[str, ...] = ()


class EngineUnavailable(Exception):
    """The engine cannot be reached, is too slow, or answers with an error of its own: hold the work and try again."""


class EngineNotReady(EngineUnavailable):
    """The engine is there, and has no index yet, or one of an older shape."""


class DocumentRefused(Exception):
    """The engine will never take this document as it is. The others of the same call are stored."""

    def __init__(self, id: UUID, reason: str) -> None:
        super().__init__(f"{id}: {reason}")
        self.id = id
        self.reason = reason
