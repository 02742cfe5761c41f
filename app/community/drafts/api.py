"""Doors of drafts: a person's own."""

from typing import Any
from uuid import UUID

from app.community.cards.queries import post_page
from app.community.cards.schemas import PostOut
from app.community.drafts import actions, queries
from app.community.drafts.schemas import DraftIn, DraftOut, DraftsOut, ScheduleIn
from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready
from app.core.http.door import PERSON, Door

door = Door("drafts")
ONE = "/drafts/<uuid:draft_id>"


@door.get("/drafts", asks=PageQuery, gives=DraftsOut, who=PERSON)
def list_drafts(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The caller's drafts, the one changed last first."""
    items, following = queries.draft_pages(caller.person, asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.get(ONE, gives=DraftOut, who=PERSON)
def show_draft(caller: Caller, draft_id: UUID) -> dict[str, Any]:
    """One of them."""
    return queries.shown([queries.draft_of(caller.person, draft_id)])[0]


@door.post("/drafts", takes=DraftIn, gives=DraftOut)
def keep_draft(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Keep what is written so far; it need not be whole."""
    return queries.shown([actions.keep_draft(caller, given)])[0]


@door.put(ONE, takes=DraftIn, gives=DraftOut)
def rewrite_draft(caller: Caller, draft_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """All of it anew; its time stays."""
    return queries.shown([actions.keep_draft(caller, given, draft_id)])[0]


@door.delete(ONE)
def delete_draft(caller: Caller, draft_id: UUID) -> None:
    """Let it go."""
    actions.delete_draft(caller, draft_id)


@door.put(f"{ONE}/schedule", takes=ScheduleIn, gives=DraftOut)
def schedule_draft(caller: Caller, draft_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Publish it by itself at a time, 5 minutes to a year from now."""
    return queries.shown([actions.schedule_draft(caller, draft_id, given["publish_at"])])[0]


@door.delete(f"{ONE}/schedule")
def unschedule_draft(caller: Caller, draft_id: UUID) -> None:
    """Not by itself after all."""
    actions.schedule_draft(caller, draft_id, None)


@door.post(f"{ONE}/publication", gives=PostOut)
def publish_draft(caller: Caller, draft_id: UUID) -> Ready:
    """Make it a post, of the same id, now."""
    return Ready(post_page(caller.person, actions.publish_draft(caller, draft_id)))
