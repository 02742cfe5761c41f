"""Questions about imports and exports."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.core.signing import signed_path
from app.store.imports.models import (
    DONE,
    DOWNLOAD_SECONDS,
    MOST_OPEN,
    RUNNING,
    WAITING,
    GoodsExport,
    GoodsImport,
    RefusedLine,
)

_OPEN = (WAITING, RUNNING)


def runs_of(model: Any, shop_id: UUID, limit: int, cursor: str | None) -> tuple[list[Any], str | None]:
    """A page of a shop's imports, or exports (the model), the latest first, and the next cursor. One query."""
    scope = f"{model.__tablename__}:{shop_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(model).where(model.shop_id == shop_id)
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(model.created_at, model.id) < before)
    latest = wanted.order_by(model.created_at.desc(), model.id.desc()).limit(limit + 1)
    found = list(db.session.scalars(latest))
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None


def run_or_missing(model: Any, shop_id: UUID, run_id: UUID) -> Any:
    """An import, or export (the model), of this shop. Raises Refused 404."""
    found = db.session.scalar(select(model).where(model.id == run_id, model.shop_id == shop_id))
    if found is None:
        raise missing("没有这个任务", "There is no such run.")
    return found


def refusals_of(import_id: UUID, limit: int, cursor: str | None) -> tuple[list[RefusedLine], str | None]:
    """A page of the lines that were not taken in, in their order, and the next cursor. One query."""
    scope = f"refusals:{import_id}"
    place = paging.values_of(scope, cursor)
    wanted = select(RefusedLine).where(RefusedLine.import_id == import_id, RefusedLine.line > (place or [0])[0])
    found = list(db.session.scalars(wanted.order_by(RefusedLine.line).limit(limit + 1)))
    return found[:limit], paging.cursor(scope, [found[limit - 1].line]) if len(found) > limit else None


def require_few_open(model: Any, shop_id: UUID) -> None:
    """Raises Refused 409 while too many imports, or exports, of a shop are not over."""
    count = select(func.count()).where(model.shop_id == shop_id, model.state.in_(_OPEN))
    if (db.session.scalar(count) or 0) >= MOST_OPEN:
        zh, en = "前面的任务还没有完成，请稍后再试", "Earlier runs are not over yet: try again later."
        raise Refused(409, "too_many_open", zh, en, retry_after=30)


def next_open(model: Any) -> Any:
    """The import, or export, that waits the longest, its row locked; None where nobody waits, or others see to it."""
    waiting = select(model).where(model.state.in_(_OPEN)).order_by(model.created_at).limit(1)
    return db.session.scalar(waiting.with_for_update(skip_locked=True, key_share=True))


def url_of(export: GoodsExport) -> str | None:
    """Where an export that is done can be had for a quarter of an hour."""
    return signed_path(f"/exports/{export.id}", DOWNLOAD_SECONDS) if export.state == DONE else None


def known_imports(ids: Collection[UUID]) -> set[UUID]:
    """Those of these files that an import still reads. One query."""
    wanted = select(GoodsImport.file_id).where(GoodsImport.file_id.in_(ids), GoodsImport.state.in_(_OPEN))
    return set(db.session.scalars(wanted))


def known_exports(ids: Collection[UUID]) -> set[UUID]:
    """Those of these files that are an export's. One query."""
    return set(db.session.scalars(select(GoodsExport.id).where(GoodsExport.id.in_(ids))))
