"""Counts of things (likes, views, followers): appended, folded by the worker, exact at every moment.

A step is one row in an append-only table, so that a popular thing is never a hot row; a count is the folded value plus
the steps not yet folded, read in one statement and so in one snapshot.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Subquery,
    Text,
    any_,
    cast,
    func,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model, changed
from app.core.plain import Prepared


class CountStep(Model):
    """A change of a count that is not folded yet."""

    __tablename__ = "core_count_steps"
    __table_args__ = (Index("ix_core_count_steps_subject", "subject_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    subject_id: Mapped[UUID]
    name: Mapped[str]
    step: Mapped[int]


class Count(Model):
    """The folded part of a count."""

    __tablename__ = "core_counts"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


def add(subject_id: UUID, name: str, step: int = 1) -> None:
    """Change a count in this transaction."""
    add_many([(subject_id, name, step)])


def add_many(steps: Sequence[tuple[UUID, str, int]]) -> None:
    if steps:
        subjects, names, numbers = (list(column) for column in zip(*steps, strict=True))
        _STEP.changed(subjects=subjects, names=names, steps=numbers)


_STEP = Prepared(
    "INSERT INTO core_count_steps (subject_id, name, step)"
    " SELECT * FROM unnest(%(subjects)s::uuid[], %(names)s::text[], %(steps)s::bigint[])"
)
_READ = Prepared(
    "SELECT subject_id, name, sum(value)::bigint FROM ("
    " SELECT subject_id, name, value FROM core_counts WHERE subject_id = ANY(%(ids)s)"
    " UNION ALL SELECT subject_id, name, step FROM core_count_steps WHERE subject_id = ANY(%(ids)s)"
    ") AS both_parts GROUP BY subject_id, name"
)


def of(ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """All counts of these subjects; a name that was never counted is absent. One query."""
    wanted = list(ids)
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    if wanted:
        for subject, name, value in _READ.rows(ids=wanted):
            found[subject][name] = value
    return found


def totals(ids: ColumnElement[Any], names: Sequence[str]) -> Subquery:
    """SQL for the counts of the subjects in the array `ids`, to be joined from outside: `subject_id`, and a column for
    each name. A subject that was never counted has no row."""
    folded = select(Count.subject_id, Count.name, Count.value).where(Count.subject_id == any_(ids))
    steps = select(CountStep.subject_id, CountStep.name, CountStep.step).where(CountStep.subject_id == any_(ids))
    both = union_all(folded, steps).subquery()
    named = []
    for name in names:
        total = func.sum(both.c.value).filter(both.c.name == literal_column(f"'{name}'", Text))
        named.append(cast(total, BigInteger).label(name))
    return select(both.c.subject_id, *named).group_by(both.c.subject_id).subquery("totals")


_FOLD = text(
    "WITH oldest AS (SELECT id FROM core_count_steps ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED),"
    " taken AS (DELETE FROM core_count_steps WHERE id IN (SELECT id FROM oldest) RETURNING subject_id, name, step),"
    " folded AS (SELECT subject_id, name, sum(step) AS step FROM taken GROUP BY subject_id, name"
    "  ORDER BY subject_id, name)"
    " INSERT INTO core_counts (subject_id, name, value) SELECT subject_id, name, step FROM folded"
    " ON CONFLICT (subject_id, name) DO UPDATE SET value = core_counts.value + excluded.value"
)


def fold(most: int = 5000) -> int:
    """Fold up to `most` steps; answers how many counts were changed. Safe to run in many workers."""
    return changed(_FOLD, {"most": most})
