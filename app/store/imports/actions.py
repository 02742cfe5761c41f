"""What is done with files of goods: taken from merchants, read by the worker batch by batch, written for them.

A batch is one transaction that also says how far it came, so a worker that is killed goes on behind the last batch that
is whole. What a batch holds is read again after a rollback: a reader knows at which line it stands.
"""

import io
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import IO, Any
from uuid import UUID

from sqlalchemy import delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from app.core import clock, sheets
from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, refusal_of
from app.core.ids import new_id
from app.core.kept_files import KeptFile, path_of, sweep_files
from app.core.money import yuan
from app.store.catalogue.models import Product
from app.store.categories.models import Category
from app.store.imports.kinds import kind_of
from app.store.imports.kinds.base import NOT_UTF8, BadLine, Line, Refusal, is_utf8, readable, unpacked
from app.store.imports.models import (
    CHUNK,
    DONE,
    EXPORTS,
    FAILED,
    IMPORTS,
    KEPT_DAYS,
    LARGEST_PLAIN,
    NEEDED,
    OPTIONAL,
    RUNNING,
    WAITING,
    GoodsExport,
    GoodsImport,
    RefusedLine,
    both,
)
from app.store.imports.queries import known_exports, known_imports, next_open, require_few_open
from app.store.intake.actions import take_in
from app.store.inventory.models import Stock
from app.store.shops.models import GOODS
from app.store.shops.queries import require_right
from app.store.variants.models import Sku

COLUMNS = (*NEEDED, *OPTIONAL)
Found = Line | Refusal


def begin_import(caller: Caller, shop_id: UUID, kept: KeptFile, stock: int) -> GoodsImport:
    """A file waits for the worker. Raises Refused 404, 403, 422 for a file of no known kind or not in UTF-8, 409 for
    too many."""
    require_right(shop_id, caller.person, GOODS)
    if kind_of(kept.name) is None:
        raise bad_field("file", "须为 .csv 或 .jsonl，可带 .gz", "Must be .csv or .jsonl, also with .gz.")
    with path_of(IMPORTS, kept.id).open("rb") as stream:
        if not is_utf8(unpacked(kept.name, stream)):
            raise bad_field("file", *NOT_UTF8)
    require_few_open(GoodsImport, shop_id)
    total = None if kept.name.lower().endswith(".gz") else _lines_in(kept)
    counts = {"lines": 0, "added": 0, "updated": 0, "refused": 0, "fault": "", "state": WAITING}
    made = GoodsImport(id=new_id(), shop_id=shop_id, by_id=caller.person, file_id=kept.id, name=kept.name, stock=stock)
    for name, value in {**counts, "total": total}.items():
        setattr(made, name, value)
    db.session.add(made)
    db.session.flush()
    return made


def _lines_in(kept: KeptFile) -> int:
    with path_of(IMPORTS, kept.id).open("rb") as stream:
        return sum(piece.count(b"\n") for piece in iter(lambda: stream.read(1 << 20), b""))


def take_batch() -> int:
    """Take in the next CHUNK lines of the import that waits the longest; answers how many, at least 1. A sweep."""
    run = next_open(GoodsImport)
    if run is None:
        return 0
    try:
        found = _next_lines(run)
    except (BadLine, OSError) as problem:
        _end(run, FAILED, str(problem) if isinstance(problem, BadLine) else both("文件已不在", "the file is gone"))
        return 1
    if not found:
        _end(run, DONE)
        return 1
    run.state = RUNNING
    goods = [one for one in found if isinstance(one, Line)]
    came = take_lines(run.shop_id, goods, run.stock, may_add_categories=False)
    run.added += came.count(True)
    run.updated += came.count(False)
    refusals = [one for one in (*found, *came) if isinstance(one, Refusal)]
    if refusals:
        rows = [{"import_id": run.id, "line": one.number, "reason": one.reason} for one in refusals]
        db.session.execute(insert(RefusedLine).values(rows).on_conflict_do_nothing())
    run.refused += len(refusals)
    run.lines = found[-1].number
    return len(found)


def take_lines(
    shop_id: UUID, lines: Sequence[Line], stock: int, *, may_add_categories: bool = True
) -> list[bool | Refusal]:
    """Take these lines in; where they cannot be taken together, one by one. Answers for each whether its goods were new
    to the shop, or why it cannot be taken."""
    try:
        with db.session.begin_nested():
            news = take_in(shop_id, [one.goods for one in lines], stock, may_add_categories=may_add_categories)
            db.session.flush()
            return [*news]
    except (Refused, IntegrityError) as problem:
        if len(lines) == 1:
            return [Refusal(lines[0].number, _words_of(problem))]
    return [
        came for line in lines for came in take_lines(shop_id, [line], stock, may_add_categories=may_add_categories)
    ]


def _words_of(problem: Refused | IntegrityError) -> str:
    found = problem if isinstance(problem, Refused) else refusal_of(problem)
    return both(found.zh, found.en) if found else both("无法保存", "cannot be stored")


class _Reader:
    """A file that is being read, and the line behind which it stands."""

    def __init__(self, run: GoodsImport) -> None:
        kind = kind_of(run.name)
        if kind is None:
            raise BadLine("须为 .csv 或 .jsonl", "must be .csv or .jsonl")
        self.raw = path_of(IMPORTS, run.file_id).open("rb")
        self.stream = unpacked(run.name, self.raw)
        self.line, self.lines = 0, readable(kind.lines(io.BufferedReader(_Bounded(self.stream))))

    def next(self) -> list[Found]:
        found = list(islice(self.lines, CHUNK))
        self.line = found[-1].number if found else self.line
        return found

    def close(self) -> None:
        self.stream.close()
        self.raw.close()


class _Bounded(io.RawIOBase):
    """A stream of at most LARGEST_PLAIN bytes, whatever a small packed file says."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, LARGEST_PLAIN

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(min(len(buffer), self._left))
        self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


_readers: dict[UUID, _Reader] = {}
"""Of this process: where none stands at the right line the file is read from its beginning again."""


def _next_lines(run: GoodsImport) -> list[Found]:
    reader = _readers.get(run.id)
    if reader is None or reader.line != run.lines:
        _forget(run.id)
        reader = _readers[run.id] = _Reader(run)
        while reader.line < run.lines and (skipped := reader.next()):
            late = [one for one in skipped if one.number > run.lines]
            if late:
                return late
    return reader.next()


def _forget(run_id: UUID) -> None:
    reader = _readers.pop(run_id, None)
    if reader is not None:
        reader.close()


def _end(run: Any, state: str, fault: str = "") -> None:
    run.state, run.ended_at = state, clock.db_now()
    if isinstance(run, GoodsImport):
        run.fault = fault
        _forget(run.id)


def begin_export(caller: Caller, shop_id: UUID) -> GoodsExport:
    """All goods of a shop are to be written. Raises Refused 404, 403, 409 for too many."""
    require_right(shop_id, caller.person, GOODS)
    require_few_open(GoodsExport, shop_id)
    made = GoodsExport(id=new_id(), shop_id=shop_id, by_id=caller.person, state=WAITING, rows=0, after=None, size=0)
    db.session.add(made)
    db.session.flush()
    return made


def write_batch() -> int:
    """Write the next CHUNK goods of the export that waits the longest; answers how many, at least 1. A sweep.

    What stands in the file behind `size` is of a worker that was killed, or of a transaction that was not.
    """
    run = next_open(GoodsExport)
    if run is None:
        return 0
    ids, rows = _goods_after(run.shop_id, run.after)
    path = path_of(EXPORTS, run.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "w+b") as out:
        out.truncate(run.size)
        out.seek(run.size)
        head = "" if run.size else sheets.MARK + sheets.lines([COLUMNS])
        told = sheets.lines([str(one) for one in row] for row in rows)
        run.size += out.write((head + told).encode())
    run.state, run.rows = RUNNING, run.rows + len(rows)
    if ids:
        run.after = ids[-1]
    else:
        _end(run, DONE)
    return max(len(ids), 1)


def _goods_after(shop_id: UUID, after: UUID | None) -> tuple[list[UUID], list[tuple[Any, ...]]]:
    """The ids of the next CHUNK products of a shop, and their variants as rows of the file."""
    some = select(Product.id).where(Product.shop_id == shop_id).order_by(Product.id).limit(CHUNK)
    ids = list(db.session.scalars(some.where(Product.id > after) if after else some))
    wanted = (
        select(Product, func.coalesce(Category.name, ""), Sku, func.coalesce(Stock.available, 0))
        .outerjoin(Category, Category.id == Product.category_id)
        .join(Sku, Sku.product_id == Product.id)
        .outerjoin(Stock, Stock.sku_id == Sku.id)
        .where(Product.id.in_(ids))
        .order_by(Product.id, Sku.position, Sku.id)
    )
    return ids, [_row(*found) for found in db.session.execute(wanted)]


def _row(product: Product, category: str, sku: Sku, stock: int) -> tuple[Any, ...]:
    number = product.external_id or str(product.id)
    told = (number, product.title, yuan(sku.price), product.description, category, product.brand, sku.name)
    return (*told, stock, sku.code or "", sku.bar_code, sku.weight)


def forget_old(most: int = 100) -> int:
    """Delete imports and exports of over KEPT_DAYS ago, and files that none reads; answers how many. A sweep."""
    done = 0
    for model in (GoodsImport, GoodsExport):
        late = clock.db_now() - literal(timedelta(days=KEPT_DAYS))
        old = select(model.id).where(model.ended_at < late).limit(most).with_for_update(skip_locked=True).cte("old")
        done += changed(delete(model).where(model.id.in_(select(old.c.id))))
    return done + sweep_files(IMPORTS, known_imports) + sweep_files(EXPORTS, known_exports)
