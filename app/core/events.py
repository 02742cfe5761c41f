"""Facts: what has happened, past tense, ids only; and who hears them.

`emit` writes a fact in the transaction that made it true. `@within` listeners run at once in that transaction, in floor
order; `@on` listeners run after commit in the worker (core/worker), in log order, at least once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

import orjson

from app.core.plain import Prepared

FLOORS = ("core", "people", "store", "plays", "buying", "community", "growth", "discover", "operate")


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of all facts. Fields are UUID, str or int."""


# Plain SQL: a flush of the ORM for each fact costs as much as the rest of a hot write.
_EMIT = Prepared("INSERT INTO core_events (name, body) VALUES (%(name)s, CAST(%(body)s AS jsonb))")
_EMIT_ALL = Prepared(
    "INSERT INTO core_events (name, body) SELECT names.name, CAST(bodies.body AS jsonb)"
    " FROM unnest(%(names)s::text[]) WITH ORDINALITY AS names (name, place)"
    " JOIN unnest(%(bodies)s::text[]) WITH ORDINALITY AS bodies (body, place) USING (place) ORDER BY place"
)
Heard = TypeVar("Heard", bound=Fact)
Listener = Callable[[Sequence[Any]], None]


@dataclass(frozen=True)
class Hearing:
    """One `@on` listener: its durable name, the facts it hears, and whether it acts outside PostgreSQL."""

    name: str
    facts: frozenset[str]
    run: Listener
    outside: bool
    batch: int
    when: Callable[[], bool]


_kinds: dict[str, type[Fact]] = {}
_within: dict[str, list[tuple[tuple[int, str], Callable[[Any], None]]]] = {}
_hearings: dict[str, Hearing] = {}


def room_of(module: str) -> tuple[int, str]:
    """(number of the floor, room) of a module such as app.store.orders.jobs."""
    parts = module.split(".")
    floor = parts[1] if len(parts) > 1 and parts[1] in FLOORS else FLOORS[0]
    return FLOORS.index(floor), parts[2] if len(parts) > 2 else ""


def kind_of(name: str) -> type[Fact]:
    """The class of a fact by its name. Raises KeyError for a fact that no longer exists."""
    if name not in _kinds:
        _kinds.update({kind.__name__: kind for kind in Fact.__subclasses__()})
    return _kinds[name]


def emit(fact: Fact) -> None:
    """Write `fact` to the log in this transaction, and tell the `@within` listeners at once."""
    _EMIT.changed(name=type(fact).__name__, body=_json_of(fact))
    _tell_within(fact)


def emit_all(facts: Sequence[Fact]) -> None:
    """Emit many facts in one round trip; for imports and sweeps."""
    if facts:
        _EMIT_ALL.changed(names=[type(fact).__name__ for fact in facts], bodies=[_json_of(fact) for fact in facts])
    for fact in facts:
        _tell_within(fact)


def _json_of(fact: Fact) -> str:
    return orjson.dumps(body_of(fact)).decode()


def _tell_within(fact: Fact) -> None:
    for _, hear in _within.get(type(fact).__name__, ()):
        hear(fact)


def body_of(fact: Fact) -> dict[str, Any]:
    found = {one.name: getattr(fact, one.name) for one in fields(fact)}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in found.items()}


def fact_of(name: str, body: dict[str, Any]) -> Fact:
    """The fact that a log row holds."""
    kind = kind_of(name)
    hints = get_type_hints(kind)
    values = {
        one.name: UUID(body[one.name]) if hints[one.name] is UUID else body[one.name]
        for one in fields(kind)
        if one.name in body
    }
    return kind(**values)


def within(*facts: type[Fact]) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Hear these facts one by one, in the same transaction; raising refuses what the person asked for."""

    def register(hear: Callable[[Any], None]) -> Callable[[Any], None]:
        for fact in facts:
            order = _within.setdefault(fact.__name__, [])
            order.append((room_of(hear.__module__), hear))
            order.sort(key=lambda one: one[0])
        return hear

    return register


def on(
    *facts: type[Fact], outside: bool = False, batch: int = 200, when: Callable[[], bool] = lambda: True
) -> Callable[[Listener], Listener]:
    """Hear these facts after commit, in batches, at least once; `run` gets a list of facts in log order.

    `outside=True`: the listener acts outside PostgreSQL, so it runs without a transaction under a lease. `when` says
    whether this installation needs the listener at all. Its durable name is room.function: renaming it replays history.
    """

    def register(run: Listener) -> Listener:
        name = f"{room_of(run.__module__)[1]}.{run.__name__}"
        heard = frozenset(fact.__name__ for fact in facts)
        _hearings[name] = Hearing(name, heard, run, outside, batch, when)
        return run

    return register


def hearings() -> list[Hearing]:
    """All `@on` listeners that this installation needs, by name."""
    return [one for _, one in sorted(_hearings.items()) if one.when()]
