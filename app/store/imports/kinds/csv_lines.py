"""CSV in UTF-8, with or without a BOM.

Columns: models.NEEDED; and, if they are there, models.OPTIONAL and image.

Prices in yuan. Columns in any order, unknown ones ignored. An empty field leaves what is there as it is; the price must
be given. A field that begins with ' and a sign of formulas loses the ', as exports put it there.
"""

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO, Any

from app.core.sheets import unguarded
from app.store.catalogue.models import Goods
from app.store.imports.kinds.base import (
    BadLine,
    Line,
    Refusal,
    read_optional,
    read_price,
    read_text,
    read_units,
    read_weight,
)
from app.store.imports.models import NEEDED, both
from app.store.variants.models import PLAIN_SKU

LONGEST_FIELD = 1 << 20


class CsvLines:
    suffix = ".csv"

    def lines(self, stream: IO[bytes]) -> Iterator[Line | Refusal]:
        csv.field_size_limit(LONGEST_FIELD)
        # What is not UTF-8 becomes lone surrogates, which the fields refuse: one bad line does not end the import.
        text = TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
        try:
            yield from _lines(csv.reader(text))
        finally:
            text.detach()  # the stream is the caller's to close


kind = CsvLines()


def _lines(rows: Any) -> Iterator[Line | Refusal]:
    columns = _columns(rows)
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows)
            if row:
                yield _line(number, _named(columns, row))
        except StopIteration:
            return
        except BadLine as bad:
            yield Refusal(number, str(bad))
        except csv.Error as error:
            yield Refusal(number, both("无法读取", "unreadable", about=str(error)))


def _columns(rows: Iterator[list[str]]) -> list[str]:
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
    except csv.Error as error:
        raise BadLine("无法读取", "unreadable", about=str(error)) from None
    lacking = [name for name in NEEDED if name not in columns]
    if lacking:
        raise BadLine("缺少列", "missing columns", about=", ".join(lacking))
    return columns


def _named(columns: list[str], row: list[str]) -> dict[str, str]:
    if len(row) > len(columns):
        zh, en = f"有 {len(row)} 个字段，表头只有 {len(columns)} 个", "more fields than the header has"
        raise BadLine(zh, en)
    return {name: unguarded(value.strip()) for name, value in zip(columns, row, strict=False)}


def _line(number: int, row: dict[str, str]) -> Line:
    goods = Goods(
        external_id=read_text("external_id", row.get("external_id", "")),
        title=read_text("title", row.get("title", "")),
        description=read_optional("description", row.get("description")),
        category=read_optional("category", row.get("category")),
        brand=read_optional("brand", row.get("brand")),
        sku_name=read_text("sku_name", row.get("sku_name") or PLAIN_SKU),
        price=read_price(row.get("price", "")),
        stock=read_units(row["stock"]) if row.get("stock") else None,
        code=read_optional("code", row.get("code")),
        bar_code=read_optional("bar_code", row.get("bar_code")),
        weight=read_weight(row["weight"]) if row.get("weight") else None,
    )
    return Line(number, goods, row.get("image", ""))
