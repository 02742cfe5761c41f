"""Files of goods on their way in and out, and how far each has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Model
from app.core.ids import new_id

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
RUN_STATES = (WAITING, RUNNING, DONE, FAILED)
IMPORTS, EXPORTS = "imports", "exports"
"""Folders of their files."""
LARGEST_FILE = 20 << 20
LARGEST_PLAIN = 256 << 20
"""Of a packed file, when it is unpacked."""
CHUNK = 500
"""Lines in one transaction."""
MOST_OPEN = 5
"""Imports of one shop that are not over."""
DOWNLOAD_SECONDS = 900
KEPT_DAYS = 30
NEEDED = ("external_id", "title", "price")
OPTIONAL = ("description", "category", "brand", "sku_name", "stock", "code", "bar_code", "weight")
"""The columns of a CSV of goods; who takes one in by the command may have one more, "image". JSON lines have the same
but for sku_name, by these names:"""
IN_JSON = {"external_id": "id", "description": "desc"}


def both(zh: str, en: str, name: str = "", about: str = "") -> str:
    """What is wrong with a line in both languages, as it is kept: of which column, about which text."""
    of = f"{name}: " if name else ""
    return f"{of}{zh}{about and f'：{about}'}{_BETWEEN}{of}{en}{about and f': {about}'}"


def in_one(text: str, language: str) -> str:
    """The half of it in this language. Each text that it is about stands in both halves, so they part in the middle;
    one that has no middle is not of `both`."""
    parts = text.split(_BETWEEN)
    half, odd = divmod(len(parts), 2)
    return text if odd else _BETWEEN.join(parts[half:] if language == "en" else parts[:half])


_BETWEEN = " / "


class GoodsImport(Model):
    """A file that a merchant sent. The worker takes it in, CHUNK lines a transaction: `lines` is how far it is, of
    about `total` lines (None: not known). After a kill it goes on there; a line taken in twice changes nothing.

    `added` and `updated` count lines, as goods with three variants have three. `stock` is for new variants that name
    none. `fault`: why the whole file failed, in both languages.
    """

    __tablename__ = "imports_imports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        Index("ix_imports_imports_shop", "shop_id", "created_at", "id"),
        Index("ix_imports_imports_open", "created_at", postgresql_where=text("state IN ('waiting', 'running')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    by_id: Mapped[UUID]
    file_id: Mapped[UUID]
    name: Mapped[str]
    stock: Mapped[int]
    state: Mapped[str]
    lines: Mapped[int]
    total: Mapped[int | None]
    added: Mapped[int]
    updated: Mapped[int]
    refused: Mapped[int]
    fault: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return self.state in (WAITING, RUNNING)


class RefusedLine(Model):
    """A line that was not taken in, and why, in both languages."""

    __tablename__ = "imports_refusals"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports_imports.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]


class GoodsExport(Model):
    """All goods of a shop as a CSV that can be taken in again. `after`: the last product that is written, at `size`
    bytes; what a killed worker wrote behind that is written anew."""

    __tablename__ = "imports_exports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        Index("ix_imports_exports_shop", "shop_id", "created_at", "id"),
        Index("ix_imports_exports_open", "created_at", postgresql_where=text("state IN ('waiting', 'running')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shop_id: Mapped[UUID] = mapped_column(ForeignKey("shops_shops.id"))
    by_id: Mapped[UUID]
    state: Mapped[str]
    rows: Mapped[int]
    after: Mapped[UUID | None]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
