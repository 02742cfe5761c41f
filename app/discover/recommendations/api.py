"""The door at which clients tell what they have shown."""

from typing import Any

from app.core.caller import Caller
from app.core.http.door import ANYONE, Door
from app.discover.recommendations import actions
from app.discover.recommendations.actions import Shown
from app.discover.recommendations.schemas import ImpressionsIn, ImpressionsOut

door = Door("recommendations")


@door.post("/impressions", takes=ImpressionsIn, gives=ImpressionsOut, who=ANYONE, status=202, limit="track")
def take_in_impressions(caller: Caller, given: dict[str, Any]) -> dict[str, int]:
    """Tell which posts were on the screen, up to 100 at once; sending an item again changes nothing."""
    items = [Shown(one["id"], one["surface"], one["position"], one["dwell_ms"], one["at"]) for one in given["items"]]
    return {"accepted": actions.take_in(caller, items)}
