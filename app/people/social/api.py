"""Doors of social for apps."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import Door
from app.people.social import actions, queries
from app.people.social.schemas import PersonOut

door = Door("social")


@door.get("/people/<uuid:person_id>", gives=PersonOut)
def show_person(caller: Caller, person_id: UUID) -> dict[str, Any]:
    """A person as everybody sees him."""
    return queries.person_page(caller.person_id, person_id)


@door.put("/people/<uuid:person_id>/follow")
def follow(caller: Caller, person_id: UUID) -> None:
    """Follow a person."""
    actions.follow(caller.person, person_id)


@door.delete("/people/<uuid:person_id>/follow")
def unfollow(caller: Caller, person_id: UUID) -> None:
    """Follow a person no more."""
    actions.unfollow(caller.person, person_id)
