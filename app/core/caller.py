"""Who is asking: what a door knows of a request, passed to actions. Knows no flask."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

PERSON, GUEST, SHOP, SYSTEM = "person", "guest", "shop", "system"


class Ref(NamedTuple):
    """A reference to a thing of another room: its kind and id, opaque to the holder."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. A signed-in person has `person_id`; a guest with a guest token has `guest_id`; a stranger neither. A
    shop's key has `shop_id`, and the `person_id` of the member of its staff that it is.

    `scopes` are the person's roles ("moderator", "admin", ...). `language` is "zh" or "en".
    """

    person_id: UUID | None = None
    guest_id: UUID | None = None
    shop_id: UUID | None = None
    session_id: UUID | None = None
    device: str = ""
    ip: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)
    request_id: str = ""
    language: str = "zh"

    @property
    def ref(self) -> Ref | None:
        """The person or guest as a reference, None for a stranger."""
        if self.person_id is not None:
            return Ref(PERSON, self.person_id)
        if self.guest_id is not None:
            return Ref(GUEST, self.guest_id)
        return None

    @property
    def person(self) -> UUID:
        """The signed-in person's id; doors with who="person" guarantee it."""
        if self.person_id is None:
            raise LookupError("this door did not ask for a signed-in person")
        return self.person_id

    @property
    def buyer(self) -> Ref:
        """The person or guest as a reference; doors with who="buyer" guarantee it."""
        found = self.ref
        if found is None:
            raise LookupError("this door did not ask for a buyer")
        return found

    def has(self, scope: str) -> bool:
        return scope in self.scopes
