"""Doors of take rates, for admins."""

from typing import Any

import orjson

from app.core.caller import Caller
from app.core.fields import PageQuery
from app.core.http.answers import Ready
from app.core.http.door import ADMIN, Door
from app.store.fees import actions, queries
from app.store.fees.schemas import RateIn, RateOut, RatesOut

door = Door("fees")


@door.get("/desk/fees", asks=PageQuery, gives=RatesOut, who=ADMIN)
def list_rates(caller: Caller, asked: dict[str, Any]) -> Ready:
    """All rates that were ever set, the last set first."""
    return Ready(orjson.dumps(queries.rates(asked["limit"], asked["cursor"])))


@door.post("/desk/fees", takes=RateIn, gives=RateOut, who=ADMIN)
def set_rate(caller: Caller, given: dict[str, Any]) -> Ready:
    """Set a rate, from now on or from a later moment."""
    return Ready(orjson.dumps(queries.shown([actions.set_rate(caller, **given)])[0]))
