"""Doors of notices."""

from typing import Any

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.operate.notifications import actions, queries
from app.operate.notifications.schemas import NoticesOut, NoticesQuery, ReadIn, UnreadOut

door = Door("notifications")


@door.get("/notifications", asks=NoticesQuery, gives=NoticesOut, who=PERSON)
def list_notifications(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The caller's inbox, or a tab of it, the latest first."""
    place = (asked["limit"], asked["cursor"])
    items, following = queries.notice_page(caller.person, asked["tab"], *place, caller.language)
    return {"items": items, "next": following}


@door.get("/notifications/unread", gives=UnreadOut, who=PERSON)
def count_unread(caller: Caller) -> dict[str, Any]:
    """How many lines of the inbox are unread, by tab."""
    tabs = queries.unread_counts(caller.person)
    return {"total": sum(tabs.values()), "tabs": tabs}


@door.put("/notifications/read", takes=ReadIn)
def mark_read(caller: Caller, given: dict[str, Any]) -> None:
    """Mark lines of the inbox read; without a word all of them. What comes later is unread again."""
    actions.mark_read(caller.person, given["ids"], given["tab"], given["until"])
