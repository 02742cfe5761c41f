"""Making and forgetting snapshots of the explore feed."""

import threading
from collections import OrderedDict
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import changed, db
from app.core.ids import new_id
from app.discover.feed.models import FeedSnapshot
from app.discover.feed.queries import Order, latest, newest, order_by_seed, order_of
from app.discover.finder.queries import explored

SHARED_SECONDS = 0.5
"""All who ask within this time share a snapshot: what is new is seen that much later at most, and 1.5 s is promised."""

LUCKS = 2
"""Snapshots at one time; readers are spread over them."""

LONGEST = 600
"""Posts in a snapshot: thirty pages of twenty."""

_REMEMBERED = 64


class _Memory:
    """The snapshots that this process has lately used: the same rows as in the database."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self._held: OrderedDict[tuple[str, UUID | int], Order] = OrderedDict()

    def get(self, name: UUID | int) -> Order | None:
        return self._held.get((settings.database_url, name))

    def put(self, name: UUID | int, order: Order) -> Order:
        self._held[(settings.database_url, name)] = order
        while len(self._held) > _REMEMBERED:
            self._held.popitem(last=False)
        return order

    def clear(self) -> None:
        self._held.clear()


memory = _Memory()


def order_now(caller: Caller) -> Order:
    """The order of this half-second: the first who asks makes it, on whatever machine, and all others find it."""
    seed = int(clock.now().timestamp() / SHARED_SECONDS) * LUCKS + _luck_of(caller)
    found = memory.get(seed)
    if found is not None:
        return found
    with memory.making:
        return memory.get(seed) or memory.put(seed, order_by_seed(seed) or _make(seed))


def order_again(snapshot_id: UUID) -> Order:
    """The order that a cursor speaks of. Raises Refused 400 for one that is forgotten."""
    found = memory.get(snapshot_id)
    if found is None:
        found = memory.put(snapshot_id, order_of(snapshot_id))
        unpaged = (FeedSnapshot.id == snapshot_id, FeedSnapshot.is_paged.is_(False))
        db.session.execute(update(FeedSnapshot).where(*unpaged).values(is_paged=True))
    return found


def _make(seed: int) -> Order:
    """Ask the index, put before it what it may not have yet, and keep the order. One row, written on its own."""
    now, fresh = newest()
    ids = explored(seed, now, LONGEST) or latest(LONGEST)
    known = set(ids)
    order = Order(new_id(), [*(one for one in fresh if one not in known), *ids][:LONGEST])
    row = insert(FeedSnapshot).values(id=order.id, seed=seed, ids=order.ids, as_of=now, made_at=clock.db_now())
    return order if changed(row.on_conflict_do_nothing()) else order_by_seed(seed) or order


def _luck_of(caller: Caller) -> int:
    return caller.ref.id.int % LUCKS if caller.ref else 0


_OLD = text(
    "DELETE FROM feed_snapshots WHERE id IN (SELECT id FROM feed_snapshots"
    " WHERE made_at < now() - interval '24 hours' OR (NOT is_paged AND made_at < now() - interval '6 hours')"
    " ORDER BY made_at LIMIT :most FOR UPDATE SKIP LOCKED)"
)


def forget_old(most: int = 500) -> int:
    """Delete snapshots of which nobody will ask for a page any more; answers how many."""
    return changed(_OLD, {"most": most})
