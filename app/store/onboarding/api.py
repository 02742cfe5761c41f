"""Doors of applications, for those who set a shop up. Moderators decide on their pages."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.store.onboarding import actions, queries
from app.store.onboarding.schemas import ApplicationIn, ApplicationOut, ApplicationsOut
from app.store.shops.models import SETTINGS
from app.store.shops.queries import require_right

OF_SHOP = "/shops/<uuid:shop_id>/applications"
door = Door("onboarding", for_keys=True)


@door.get(OF_SHOP, gives=ApplicationsOut, who=PERSON)
def list_applications(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """What the shop has applied for, with its papers, and what moderators said."""
    require_right(shop_id, caller.person, SETTINGS)
    return {"items": [queries.file_json(one) for one in queries.files_of(shop_id)], "next": None}


@door.post(OF_SHOP, takes=ApplicationIn, gives=ApplicationOut)
def file_application(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Hand in papers: `about` "shop" (to sell), "supplier" (to supply others) or "brand" (to bear `name`).

    Handed in again it changes what is given and keeps the rest: so with what a moderator asked for.
    """
    filed = actions.file_application(caller, shop_id, given["about"], given["name"], given["answers"])
    return queries.file_json(queries.file_or_missing(filed.id))


@door.get(f"{OF_SHOP}/<uuid:application_id>", gives=ApplicationOut, who=PERSON)
def show_application(caller: Caller, shop_id: UUID, application_id: UUID) -> dict[str, Any]:
    """One application of the shop."""
    require_right(shop_id, caller.person, SETTINGS)
    return queries.file_json(queries.file_or_missing(application_id, shop_id))
