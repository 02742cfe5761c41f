"""What moderation must be able to do with a thing of any kind."""

from typing import Protocol
from uuid import UUID


class Kind(Protocol):
    """One kind of thing. Its module in this folder holds an instance named `kind`."""

    name: str

    def take_down(self, subject_id: UUID, reason: str, by_id: UUID) -> None:
        """Hide it from everybody but its owner, who sees the reason. Raises Refused 404 if there is no such thing."""

    def restore(self, subject_id: UUID) -> None:
        """Show it again, if nothing else hides it. Raises nothing for what is gone meanwhile."""
