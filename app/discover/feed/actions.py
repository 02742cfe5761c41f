"""Making and forgetting snapshots of the explore feed, and what a reader sees of one."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock, paging
from app.core.caller import Caller
from app.core.config import settings
from app.core.db import changed, db
from app.core.ids import new_id
from app.discover.feed.models import FeedSnapshot
from app.discover.feed.queries import (
    Order,
    Snapshot,
    db_time,
    explore_cards,
    latest,
    newest_ids,
    order_on,
    place_in,
    snapshot_by_id,
    snapshot_by_seed,
)
from app.discover.finder.queries import explored

T = TypeVar("T")
SCOPE = "feed.explore"
SNAPSHOT_SECONDS = 15
"""All who ask within this time share a snapshot, and what was published since stands before it."""

SHARED_SECONDS = 0.5
"""What was published since is looked up so often: it is seen that much later at most, and 1.5 s is promised."""

LUCKS = 2
"""Snapshots at one time; readers are spread over them."""

LONGEST = 600
"""Posts in a snapshot: thirty pages of twenty."""


class _Lately(Generic[T]):
    """The last few things that this process has looked up, of each database."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, UUID | int], T] = OrderedDict()

    def get(self, name: UUID | int) -> T | None:
        return self._held.get((settings.database_url, name))

    def put(self, name: UUID | int, one: T) -> T:
        self._held[(settings.database_url, name)] = one
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return one

    def clear(self) -> None:
        self._held.clear()


class _Memory:
    """What this process knows of the feed; all of it can be asked of the database again."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.orders: _Lately[Order] = _Lately(2 * LUCKS)
        self.snapshots: _Lately[Snapshot] = _Lately(64)

    def clear(self) -> None:
        self.orders.clear()
        self.snapshots.clear()


memory = _Memory()


def explore_page(caller: Caller, cursor: str | None, limit: int) -> tuple[list[tuple[UUID, bytes]], str | None]:
    """(id, card) of a page of explore, the first one without a cursor, and the cursor of the next.

    Pages fit together: nothing twice, nothing that is gone, for a day. Raises Refused 400 for a cursor that is no good.
    """
    place = paging.values_of(SCOPE, cursor)
    order, offset = order_again(place) if place else (order_now(caller), 0)
    cards, further = explore_cards(caller, order, offset, limit)
    return cards, None if further is None else paging.cursor(SCOPE, place_in(order, further))


def order_now(caller: Caller) -> Order:
    """The order of this half-second: the snapshot of this quarter of a minute, which the first who asks makes, on
    whatever machine, and all others find; before it what was published since."""
    luck = _luck_of(caller)
    moment = int(clock.now().timestamp() / SHARED_SECONDS) * LUCKS + luck
    found = memory.orders.get(moment)
    if found is not None:
        return found
    with memory.making:
        return memory.orders.get(moment) or memory.orders.put(moment, order_on(_snapshot_of(luck)))


def order_again(place: Sequence[Any]) -> tuple[Order, int]:
    """The order that a cursor speaks of, and where in it to go on. Raises Refused 400 for one that is forgotten."""
    snapshot_id, offset, *last = place
    snapshot = _snapshot_again(UUID(snapshot_id))
    if last:
        return order_on(snapshot, after=(datetime.fromisoformat(last[0]), UUID(last[1]))), 0
    return Order(snapshot.id, (), snapshot.ids), offset


def _snapshot_of(luck: int) -> Snapshot:
    """By the database's time, so that no machine whose clock is ahead makes the snapshots of the future."""
    seed = int(db_time().timestamp() / SNAPSHOT_SECONDS) * LUCKS + luck
    return memory.snapshots.get(seed) or memory.snapshots.put(seed, snapshot_by_seed(seed) or _make(seed))


def _snapshot_again(snapshot_id: UUID) -> Snapshot:
    found = memory.snapshots.get(snapshot_id)
    if found is None:
        found = memory.snapshots.put(snapshot_id, snapshot_by_id(snapshot_id))
        unpaged = (FeedSnapshot.id == snapshot_id, FeedSnapshot.is_paged.is_(False))
        db.session.execute(update(FeedSnapshot).where(*unpaged).values(is_paged=True))
    return found


def _make(seed: int) -> Snapshot:
    """Ask the index, and keep what it answers. One row, written on its own; of two who make it one is kept."""
    now = db_time()
    fresh = set(newest_ids(now))  # stand before the snapshot, each for its first minute, whoever likes it
    ranked = explored(seed, now, LONGEST) or latest(LONGEST)
    made = Snapshot(new_id(), now, [one for one in ranked if one not in fresh])
    row = insert(FeedSnapshot).values(id=made.id, seed=seed, ids=made.ids, as_of=now, made_at=clock.db_now())
    return made if changed(row.on_conflict_do_nothing()) else snapshot_by_seed(seed) or made


def _luck_of(caller: Caller) -> int:
    return caller.ref.id.int % LUCKS if caller.ref else 0


_OLD = text(
    "WITH old AS (SELECT id FROM feed_snapshots"
    "  WHERE made_at < now() - interval '24 hours' OR (NOT is_paged AND made_at < now() - interval '6 hours')"
    "  ORDER BY made_at LIMIT :most FOR UPDATE SKIP LOCKED)"
    " DELETE FROM feed_snapshots WHERE id IN (SELECT id FROM old)"
)


def forget_old(most: int = 500) -> int:
    """Delete snapshots of which nobody will ask for a page any more; answers how many."""
    return changed(_OLD, {"most": most})
