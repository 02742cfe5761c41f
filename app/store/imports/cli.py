"""`flask catalogue import FILE --shop ID`: goods of a shop from a file."""

import hashlib
import sys
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select
from tqdm import tqdm

from app.core import events_era
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.people.uploads.actions import keep_picture
from app.people.uploads.models import Upload
from app.store.imports.actions import take_lines
from app.store.imports.kinds import kind_of
from app.store.imports.kinds.base import NOT_UTF8, BadLine, Line, Refusal, is_utf8, readable, shown, unpacked
from app.store.imports.models import CHUNK, both
from app.store.inventory.models import LARGEST_STOCK
from app.store.shops.queries import shop_or_missing

commands = AppGroup("catalogue", help="Goods.")


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shop", type=click.UUID, required=True, help="The id of the shop that will sell them.")
@click.option(
    "--stock", type=click.IntRange(0, LARGEST_STOCK), default=100, show_default=True, help="If none is given."
)
def import_goods(file: Path, shop: UUID, stock: int) -> None:
    """Take in goods from FILE: .csv or .jsonl, or either with .gz. The same external_id changes what is there.

    Commits every 500 lines, and tells each line that was refused, and why; the others come in. At the end it counts
    products, however many lines each has: imported ones are new to the shop by this run, updated ones were there before
    it; and lines that were refused. Ends with 0 if anything came in, whatever was refused beside it, and with 1 if
    nothing did.
    """
    intake = Import(file, shop, stock)
    try:
        intake.run()
    except (BadLine, Refused) as problem:
        text = both(problem.zh, problem.en) if isinstance(problem, Refused) else str(problem)
        click.echo(f"{file.name}: {text}", err=True)
    intake.tell()
    sys.exit(0 if intake.imported + intake.updated else 1)


class Import:
    """One run over one file, and what came of it."""

    def __init__(self, file: Path, shop_id: UUID, stock: int) -> None:
        self.file, self.shop_id, self.stock = file, shop_id, stock
        self.imported = self.updated = self.urls = 0
        self.refusals: list[Refusal] = []
        self._counted: set[str] = set()
        self._pictures: dict[Path, UUID] = {}
        self._owner_id: UUID | None = None

    def run(self) -> None:
        """Raises BadLine for a file that cannot be read at all or is not UTF-8, Refused 404 for an unknown shop."""
        kind = kind_of(self.file.name)
        if kind is None:
            raise BadLine("须为 .csv 或 .jsonl，可带 .gz", "must be .csv or .jsonl, also with .gz")
        events_era.ensure()
        self._owner_id = in_transaction(lambda: shop_or_missing(self.shop_id).owner_id)
        with self.file.open("rb") as raw:
            if not is_utf8(unpacked(self.file.name, raw)):
                raise BadLine(*NOT_UTF8)
        size = self.file.stat().st_size
        with (
            self.file.open("rb") as raw,
            unpacked(self.file.name, raw) as stream,
            tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=None) as bar,
        ):
            lines = readable(kind.lines(stream))
            while chunk := list(islice(lines, CHUNK)):
                self._take(chunk)
                bar.set_postfix(refused=len(self.refusals), refresh=False)
                bar.update(raw.tell() - bar.n)

    def tell(self) -> None:
        for one in sorted(self.refusals, key=lambda one: one.number):
            click.echo(f"line {one.number}: {one.reason}")
        if self.urls:
            click.echo(f"{self.urls} 个图片网址没有下载 / picture URLs were not fetched")
        click.echo("新增、更新按商品计，拒绝按行计 / products imported, products updated, lines refused:")
        click.echo(f"imported {self.imported}, updated {self.updated}, refused {len(self.refusals)}")

    def _take(self, chunk: list[Line | Refusal]) -> None:
        found = [self._with_picture(one) if isinstance(one, Line) else one for one in chunk]
        self.refusals += [one for one in found if isinstance(one, Refusal)]
        lines = [one for one in found if isinstance(one, Line)]
        came = in_transaction(lambda: take_lines(self.shop_id, lines, self.stock))
        self.refusals += [one for one in came if isinstance(one, Refusal)]
        for one, is_new in zip(lines, came, strict=True):
            if isinstance(is_new, bool) and one.goods.external_id not in self._counted:
                self._counted.add(one.goods.external_id)
                self.imported += is_new
                self.updated += not is_new

    def _with_picture(self, line: Line) -> Line | Refusal:
        """The line with its picture taken in, outside the transaction that the goods are written in."""
        if not line.image:
            return line
        if line.image.lower().startswith(("http://", "https://")):
            self.urls += 1
            return line
        try:
            return replace(line, goods=replace(line.goods, uploads=[self._upload(line.image)]))
        except BadLine as bad:
            return Refusal(line.number, str(bad))
        except Refused as refused:
            return Refusal(line.number, both(refused.zh, refused.en, "image", shown(line.image)))

    def _upload(self, image: str) -> UUID:
        folder = self.file.resolve().parent
        try:
            path = (folder / image).resolve()
            is_there = path.is_relative_to(folder) and path.is_file()
        except (OSError, ValueError):
            is_there = False
        if not is_there:
            raise BadLine("旁边没有这个文件", "no such file beside this one", "image", shown(image))
        if path not in self._pictures:
            known = in_transaction(partial(self._known, path))
            self._pictures[path] = known or in_transaction(partial(self._kept, path))
        return self._pictures[path]

    def _known(self, path: Path) -> UUID | None:
        """The upload of this very picture, if the shop's owner has used it before; others may go any moment."""
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
        mine = (Upload.owner_id == self._owner_id, Upload.digest == digest, Upload.used_at.is_not(None))
        return db.session.scalars(select(Upload.id).where(*mine).limit(1)).first()

    def _kept(self, path: Path) -> UUID:
        """Decoding takes a while. No statement goes before it, so the database's transaction begins only after it."""
        assert self._owner_id is not None
        with path.open("rb") as stream:
            return keep_picture(self._owner_id, stream).id
