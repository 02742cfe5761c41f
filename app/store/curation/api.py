"""Doors of those who look at goods before they are on sale."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.door import MODERATOR, Door
from app.store.curation import actions, queries
from app.store.curation.schemas import SeenIn, SentBackIn, WaitingsOut

door = Door("curation")


@door.get("/desk/goods", asks=PageQuery, gives=WaitingsOut, who=MODERATOR)
def list_waiting(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """Goods that wait for a moderator, the longest first."""
    items, following = queries.waiting(asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.post("/desk/goods/<uuid:product_id>/approval", takes=SeenIn, who=MODERATOR, status=204)
def approve(caller: Caller, product_id: UUID, given: dict[str, Any]) -> None:
    """They are on sale now."""
    actions.approve_goods(caller, product_id, given["seen"])


@door.post("/desk/goods/<uuid:product_id>/refusal", takes=SentBackIn, who=MODERATOR, status=204)
def send_back(caller: Caller, product_id: UUID, given: dict[str, Any]) -> None:
    """They go back to their shop, with a reason."""
    actions.send_back(caller, product_id, given["seen"], given["reason"])
