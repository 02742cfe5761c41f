"""What moderation must be able to do with a thing of any kind, and what a moderator sees of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.people.accounts.queries import AuthorCard
from app.people.uploads.queries import Picture

OPEN, HELD, PRIVATE, DOWN, GONE = "open", "held", "private", "takedown", "gone"


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing as moderators see it, whoever else may. `state`: OPEN to everybody, HELD until it is approved, PRIVATE
    (to its author or shop), DOWN or GONE. Pictures of what is not open have signed URLs. `goods`: title and path of
    each product tagged in it. `place`: the name of the shop that it is from. `was_open`: not only to its author."""

    kind: str
    id: UUID
    title: str
    body: str
    state: str
    at: datetime
    author: AuthorCard | None = None
    pictures: tuple[Picture, ...] = ()
    goods: tuple[tuple[str, str], ...] = ()
    rating: int | None = None
    edited_at: datetime | None = None
    place: str = ""
    was_open: bool = True

    @property
    def is_private_matter(self) -> bool:
        """Whether it is deleted, or never was for others: of moderators only if somebody brought it before them."""
        return self.state == GONE or (not self.was_open and self.state != HELD)


class Owner(Protocol):
    """The actions of the room whose rows things of a kind are."""

    def take_down(self, subject_id: UUID, reason: str, by_id: UUID, /) -> object: ...

    def restore(self, subject_id: UUID, /) -> object: ...


class Kind(Protocol):
    """One kind of thing. Its module in this folder holds an instance named `kind`."""

    name: str
    owner: Owner

    def take_down(self, subject_id: UUID, reason: str, by_id: UUID) -> None:
        """Hide it from everybody but its owner, who sees the reason. Raises Refused 404 if there is no such thing."""
        self.owner.take_down(subject_id, reason, by_id)

    def restore(self, subject_id: UUID) -> None:
        """Show it again, if nothing else hides it. Raises nothing for what is gone meanwhile."""
        self.owner.restore(subject_id)

    def approve(self, ids: Collection[UUID]) -> None:
        """Publish those of these that are held, where a kind ever is. One query, and more for each that is."""
        return

    def author(self, subject_id: UUID) -> UUID | None:
        """The person whose words it is, None for a thing of a shop or none at all."""

    def shown(self, ids: Collection[UUID]) -> dict[UUID, Thing]:
        """Those of these things that were ever there. A constant number of queries, none for no ids."""
