"""What is done about take rates: one follows the other."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.audit import record
from app.core.caller import Caller, Ref
from app.core.db import db
from app.core.errors import bad_field
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.store.categories.models import Category
from app.store.fees.models import SET_RATE, WHOLE, TakeRate
from app.store.shops.models import Shop

LATE_BY = timedelta(minutes=5)
"""So late a rate may be entered whose time has come: clocks differ, and a form takes a while."""


def set_rate(
    caller: Caller,
    shop_id: UUID | None,
    category_id: UUID | None,
    rate: int,
    valid_from: datetime | None,
    why: str,
    id: UUID | None = None,
) -> TakeRate:
    """Keep `rate` ‱ from then on (None: from now); what was bought before keeps its own. `id`: of a form, which sent
    twice sets it once.

    Raises Refused 422 for a shop or category that is none, for a rate that is none, and for a moment that is over: then
    nobody could say what was valid when something was bought; 409 "rate_exists" for a second one from the same moment.
    """
    known = _known(id, caller.person) if id is not None else None
    if known is not None:
        return known
    if not 0 <= rate <= WHOLE:
        raise bad_field("rate", "须在 0 到 10000 之间", "Must be from 0 to 10000.")
    if shop_id is not None and db.session.get(Shop, shop_id) is None:
        raise bad_field("shop_id", "没有这家店", "There is no such shop.")
    if category_id is not None and db.session.get(Category, category_id) is None:
        raise bad_field("category_id", "没有这个类目", "There is no such category.")
    now = db.session.execute(select(clock.db_now())).scalar_one()
    begins = valid_from or now
    if begins < now - LATE_BY:
        raise bad_field("valid_from", "生效时间不能早于现在", "It cannot be valid before now.")
    made = TakeRate(id=id or new_id(), shop_id=shop_id, category_id=category_id, rate=rate, valid_from=begins, why=why)
    made.set_by = caller.person
    db.session.add(made)
    db.session.flush()
    record(caller.person, SET_RATE, Ref("take_rate", made.id), f"{rate}‱ {why}".strip())
    return made


def _known(rate_id: UUID, person_id: UUID) -> TakeRate | None:
    one_at_a_time(rate_id)
    known = db.session.get(TakeRate, rate_id)
    if known is not None and known.set_by != person_id:
        raise made_by_another()
    return known
