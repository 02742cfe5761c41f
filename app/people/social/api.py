"""Doors of social for apps."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.people.accounts.queries import person_or_missing
from app.people.social import actions, queries
from app.people.social.schemas import ListedPeopleOut, MuteIn, PersonOut, RemarkIn

door = Door("social")
ONE = "/people/<uuid:person_id>"


@door.get(ONE, gives=PersonOut)
def show_person(caller: Caller, person_id: UUID) -> dict[str, Any]:
    """A person as everybody sees him; 404 to whom he has blocked."""
    return queries.person_page(caller.person_id, person_id)


@door.get(f"{ONE}/followers", asks=PageQuery, gives=ListedPeopleOut)
def list_followers(caller: Caller, person_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """Who follows a person, the latest first."""
    return _people(caller, "followers", person_id, asked)


@door.get(f"{ONE}/following", asks=PageQuery, gives=ListedPeopleOut)
def list_following(caller: Caller, person_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """Whom a person follows, the latest first."""
    return _people(caller, "following", person_id, asked)


@door.get("/me/friends", asks=PageQuery, gives=ListedPeopleOut, who=PERSON)
def list_friends(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The caller's friends: who follow him as he follows them."""
    return _people(caller, "friends", caller.person, asked)


@door.get("/me/blocks", asks=PageQuery, gives=ListedPeopleOut, who=PERSON)
def list_blocks(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Whom the caller has blocked."""
    return _people(caller, "blocks", caller.person, asked)


@door.get("/me/mutes", asks=PageQuery, gives=ListedPeopleOut, who=PERSON)
def list_mutes(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Whom the caller has muted."""
    return _people(caller, "mutes", caller.person, asked)


@door.put(f"{ONE}/follow")
def follow(caller: Caller, person_id: UUID) -> None:
    """Follow a person."""
    actions.follow(caller.person, person_id)


@door.delete(f"{ONE}/follow")
def unfollow(caller: Caller, person_id: UUID) -> None:
    """Follow a person no more."""
    actions.unfollow(caller.person, person_id)


@door.put(f"{ONE}/block")
def block(caller: Caller, person_id: UUID) -> None:
    """Have nothing to do with a person: neither sees what the other writes, neither follows the other."""
    actions.block(caller.person, person_id)


@door.delete(f"{ONE}/block")
def unblock(caller: Caller, person_id: UUID) -> None:
    """End a block. Nobody follows anybody again by that."""
    actions.unblock(caller.person, person_id)


@door.put(f"{ONE}/mute", takes=MuteIn)
def mute(caller: Caller, person_id: UUID, given: dict[str, Any]) -> None:
    """Be shown nothing more of what a person writes, unless asked for; he does not learn of it."""
    actions.mute(caller.person, person_id, given["until"])


@door.delete(f"{ONE}/mute")
def unmute(caller: Caller, person_id: UUID) -> None:
    """End a mute."""
    actions.unmute(caller.person, person_id)


@door.put(f"{ONE}/remark", takes=RemarkIn)
def remark(caller: Caller, person_id: UUID, given: dict[str, Any]) -> None:
    """What the caller calls a person; only he sees it."""
    actions.remark(caller.person, person_id, given["words"].strip())


def _people(caller: Caller, which: str, person_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    person_or_missing(person_id)
    queries.require_near(caller.person_id, person_id)
    items, following = queries.people_page(caller.person_id, which, person_id, asked["limit"], asked["cursor"])
    return {"items": items, "next": following}
