"""What is done to the tree of categories. Who does it is in the audit log, in the same transaction."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.core.db import db
from app.core.ids import new_id
from app.store.categories.models import Category, step_of


def add_roots(names: Collection[str]) -> None:
    """Add categories that an operator's file names and nobody knows, behind all others. One statement."""
    last = select(func.coalesce(func.max(Category.position), 0) + 1).scalar_subquery()
    ids = {name: new_id() for name in sorted(names)}
    rows = [{"id": id_, "name": name, "path": step_of(id_), "position": last} for name, id_ in ids.items()]
    if rows:
        db.session.execute(insert(Category).values(rows).on_conflict_do_nothing())
