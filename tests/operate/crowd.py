"""A small crowd for tests: the founders without their goods and posts, and some dozens of everything."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from app.core.db import begin_reading, db, in_transaction
from app.core.plain import rows
from app.operate.crowd import queries
from app.operate.crowd.actions import steps_of
from app.operate.crowd.kinds import BUYING, SETTLING
from app.operate.crowd.kinds.base import Size, Town
from app.operate.demo import actions
from app.operate.demo.actions import Step
from app.operate.demo.models import Planted
from app.operate.demo.queries import planted

COMING = "crowd:scale-1"
DAY = datetime(2026, 5, 4, 10, 20, tzinfo=UTC)
_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TINY = Size(people=30, kols=3, shops=13, goods=80, notes=60, reviews=15, purchases=120, shades=1, rooms=1)


def founded(passwords: dict[str, str] | None = None) -> None:
    """The dozen people and their shops."""
    for step in actions.steps(passwords or {}, each=1):
        if step.name.startswith(("person:", "shop:")):
            plant(step)


def plant(step: Step) -> bool:
    return in_transaction(partial(actions.plant, actions.prepared(step)))


def settled(size: Size = TINY, passwords: dict[str, str] | None = None) -> Town:
    """The town with its crowd."""
    founded(passwords)
    for step in steps_of(COMING, size):
        plant(step)
    return in_transaction(lambda: queries.town_since(COMING, size))


def settled_on_a_fixed_day() -> None:
    """As `settled`, for a crowd that came on a certain day."""
    founded()
    first, *others = steps_of(COMING, TINY)
    plant(first)
    in_transaction(lambda: db.session.execute(update(Planted).where(Planted.name == COMING).values(at=DAY)))
    for step in others:
        plant(step)


_BY_CROWD = "journal_id NOT IN (SELECT id FROM ledger_journals WHERE kind = 'order_settled')"
_NOT_SETTLED = {
    "ledger_entries": f"WHERE {_BY_CROWD}",
    "ledger_accounts": f"WHERE id IN (SELECT account_id FROM ledger_entries WHERE {_BY_CROWD})",
}
"""What was settled was so by settlement's own actions, with other ids each time."""


def print_of_all_rows() -> str:
    """A digest of all that the crowd wrote, with names for the ids that the founders happen to have. What is of another
    day is theirs, and a hash of a password is another each time."""
    begin_reading()
    names = {str(id_): name for name, id_ in planted().items()}
    names |= {str(row[0]): str(row[1]) for row in rows("SELECT avatar_id, username FROM accounts_people")}
    told = []
    for columns in (one for group in (*SETTLING, *BUYING) for one in group.tables):
        wanted = [name for name in columns.names if name != "password_hash"]
        table = columns.into.__tablename__
        found = rows(f"SELECT {', '.join(wanted)} FROM {table} {_NOT_SETTLED.get(table, '')}")
        told += [table, *sorted(_in_words(row, names) for row in found if _is_of_the_day(row))]
    return sha256("\n".join(told).encode()).hexdigest()


def _is_of_the_day(row: Sequence[Any]) -> bool:
    return not any(isinstance(one, datetime) and one > DAY for one in row)


def _in_words(row: Sequence[Any], names: dict[str, str]) -> str:
    told = " ".join(one.hex() if isinstance(one, bytes) and len(one) == 32 else _text_of(one) for one in row)
    return _ID.sub(lambda found: names.get(found[0], found[0]), told)


def _text_of(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
