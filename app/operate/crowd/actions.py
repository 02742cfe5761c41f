"""The steps in which the crowd comes to the town: each some hundred things of one group, in one short transaction.

A step's rows are made before its transaction begins, so that no writer is open for long: one holds up every listener.
"""

from collections.abc import Callable, Collection, Sequence
from functools import cache, partial
from uuid import UUID

from app.core import bulk, clock, counters
from app.core.config import settings
from app.core.db import begin_reading
from app.core.errors import Refused
from app.discover.finder.actions import rebuild
from app.discover.finder.queries import engines
from app.operate.crowd.kinds import BUYING, SETTLING
from app.operate.crowd.kinds.base import Batch, Group, Size, Town
from app.operate.crowd.kinds.sending import ORDERS_BEGUN
from app.operate.crowd.queries import STAR, size_of, town_since
from app.operate.demo.actions import Step, fills_town
from app.operate.demo.queries import planted_id
from app.store.settlement.actions import settle_due, settle_later
from app.store.settlement.queries import is_anything_settled

_COMING = "crowd:scale-"
MANY = 5
"""From this scale on the search engines are filled anew at the end; a smaller crowd they have heard of by then."""


@fills_town(order=2)
def crowd_steps(scale: int, planted: Collection[str]) -> list[Step]:
    """All steps of a town of this scale, none at 0. Raises Refused 409 where a crowd of another scale has come."""
    if not scale:
        return []
    coming = f"{_COMING}{scale}"
    other = next((name for name in planted if name.startswith(_COMING) and name != coming), None)
    if other is not None:
        came = other.removeprefix(_COMING)
        zh = f"这里的演示数据规模为 {came}，规模不能再改：请换一个空的数据库。"
        en = f"This town was filled at scale {came} and stays so: use an empty database for another."
        raise Refused(409, "other_scale", zh, en)
    steps = steps_of(coming, size_of(scale))
    return [*steps, Step("crowd:search", _star, _make_found)] if scale >= MANY else steps


def steps_of(coming: str, size: Size) -> list[Step]:
    """The steps of a crowd of this size; `coming` names the first one, whose time they all go by.

    Without the sandbox nobody can pay, so nothing is bought.
    """

    @cache
    def town() -> Town:
        return town_since(coming, size)

    can_pay = settings.sandbox_payments and settings.sandbox_secret
    groups = (*SETTLING, *BUYING) if can_pay else SETTLING
    parts = [(group, start) for group in groups for start in range(0, group.how_many(size), group.most)]
    return [Step(coming, _star), *(_step(group, start, size, town) for group, start in parts)]


def _step(group: Group, start: int, size: Size, town: Callable[[], Town]) -> Step:
    numbers = range(start, min(start + group.most, group.how_many(size)))

    def prepare() -> Callable[[], UUID]:
        begin_reading()
        return partial(_write, group.batch(town(), numbers))

    def do() -> UUID:
        raise AssertionError("a step of the crowd is prepared first")

    return Step(f"crowd:{group.name}-{start // group.most}", do, prepare, len(numbers))


def _write(batch: Batch) -> UUID:
    """Answers the id of the star: a step makes so many things that none stands for it."""
    for columns, rows in batch.tables.items():
        if rows:
            bulk.copy(columns, rows)
    bulk.copy_facts(batch.facts)
    counters.add_many([(subject, name, step) for (subject, name), step in batch.counts.items()])
    over = [row[0] for row in batch.tables.get(ORDERS_BEGUN, ()) if row[-1] is not None]
    if over:
        _settle(over)
    return _star()


def _settle(order_ids: Sequence[UUID]) -> None:
    """What was received long ago was settled a week ago, so that the first bills are there from the start. In the
    transaction that brings the orders, else the worker would be faster and settle them today; and of the first ones
    only, as they make bills, and nothing is entered in a period that has one."""
    if is_anything_settled():
        return
    settle_later(order_ids)
    with clock.moved(days=-7):
        settle_due(len(order_ids))


def _star() -> UUID:
    return planted_id(f"person:{STAR}")


def _make_found() -> Callable[[], UUID]:
    """Fill the search engines that are there, and spare their listeners what they have not heard yet: each would write
    a person anew for each who follows him."""
    for engine in engines().engines:
        state = engine.health()
        if state.ok or state.outdated:
            engine.prepare()
            rebuild(engine)
    return _star
