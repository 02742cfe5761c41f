"""When a guest becomes a person: an empty register that rooms fill at import, each with what moves of its own."""

from collections.abc import Callable

from sqlalchemy import update

from app.core.caller import Ref
from app.core.db import Model, changed

Join = Callable[[Ref, Ref], object]
_joins: list[tuple[str, bool, Join]] = []


def joins(at_sign_in: bool = False) -> Callable[[Join], Join]:
    """Register what is done, join(guest, person), when a person shows that he was this guest. Safe to do again.

    `at_sign_in`: also when he merely signs in at the browser in which the guest was, which may be another's. So only
    what nobody would mind to share moves then.
    """

    def register(join: Join) -> Join:
        _joins.append((f"{join.__module__}.{join.__qualname__}", at_sign_in, join))
        _joins.sort(key=lambda one: one[0])
        return join

    return register


def rows_of(model: type[Model], who: str) -> Join:
    """The join of a table whose rows say by `<who>_kind` and `<who>_id` whose they are."""
    kind, id_ = getattr(model, f"{who}_kind"), getattr(model, f"{who}_id")

    def give(guest: Ref, person: Ref) -> int:
        mine = update(model).where(kind == guest.kind, id_ == guest.id)
        return changed(mine.values({kind: person.kind, id_: person.id}))

    give.__module__, give.__qualname__ = model.__module__, f"rows_of.{model.__tablename__}"
    return give


def join(guest: Ref, person: Ref, is_sign_in: bool = False) -> None:
    """Move what is a guest's to a person, in this transaction, rooms in the order of their names."""
    for _, at_sign_in, one in _joins:
        if at_sign_in or not is_sign_in:
            one(guest, person)
