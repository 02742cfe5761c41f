"""What became of each sweep: one row a sweep, so that an operator sees what ran, when, and what went wrong last."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Model, db


class SweepRow(Model):
    """A sweep, of all workers together. `took_ms` is of its last run that was noted, `did` counts all rows it ever did;
    `error` is the last one, at `failed_at`, and stays when the sweep is well again."""

    __tablename__ = "core_sweeps"

    name: Mapped[str] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime]
    took_ms: Mapped[int]
    did: Mapped[int]
    failed_at: Mapped[datetime | None]
    error: Mapped[str]

    @property
    def is_failing(self) -> bool:
        """Whether the last run that was noted failed."""
        return self.failed_at is not None and self.failed_at == self.ran_at


def note(name: str, took_ms: int, did: int, error: str = "") -> None:
    """Write down a run that took `took_ms`, the last of some that did `did` rows; `error`: what it failed of."""
    now = clock.db_now()
    row = {"ran_at": now, "took_ms": took_ms, "did": did, "error": error, "failed_at": now if error else None}
    anew = {"ran_at": now, "took_ms": took_ms, "did": SweepRow.did + did}
    if error:
        anew |= {"error": error, "failed_at": now}
    noted = insert(SweepRow).values(name=name, **row)
    db.session.execute(noted.on_conflict_do_update(index_elements=[SweepRow.name], set_=anew))


def noted_sweeps() -> Sequence[SweepRow]:
    """All that were ever noted, by name."""
    return db.session.scalars(select(SweepRow).order_by(SweepRow.name)).all()
