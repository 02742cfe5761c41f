"""One JSON object a line: id, title and, if there, desc, category, brand, price (yuan), stock, code, bar_code, and
weight (grams).

Without a price (or with 0, as collected catalogues write an unknown one) goods come in without a variant: they are
found, but cannot be bought.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

import orjson

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
from app.store.imports.models import both

LONGEST_LINE = 1 << 20


class JsonLines:
    suffix = ".jsonl"

    def lines(self, stream: IO[bytes]) -> Iterator[Line | Refusal]:
        number = 0
        while raw := stream.readline(LONGEST_LINE):
            number += 1
            is_whole = raw.endswith(b"\n") or len(raw) < LONGEST_LINE
            while not is_whole and (more := stream.readline(LONGEST_LINE)):
                is_whole = more.endswith(b"\n")
                raw = b""
            if raw.strip() or not raw:
                yield _read(number, raw)


kind = JsonLines()


def _read(number: int, raw: bytes) -> Line | Refusal:
    try:
        if not raw:
            raise BadLine("行太长", "the line is too long")
        return Line(number, _goods(orjson.loads(raw)))
    except orjson.JSONDecodeError as error:
        return Refusal(number, both("不是 JSON", "not JSON", about=str(error)))
    except BadLine as bad:
        return Refusal(number, str(bad))


def _goods(found: Any) -> Goods:
    if not isinstance(found, dict):
        raise BadLine("须为对象", "must be an object")
    stock = found.get("stock")
    return Goods(
        external_id=read_text("external_id", _plain(found.get("id"))),
        title=read_text("title", found.get("title", "")),
        description=read_optional("description", found.get("desc")),
        category=read_optional("category", found.get("category")),
        brand=read_optional("brand", found.get("brand")),
        price=_price(found.get("price")),
        stock=None if stock is None else read_units(_plain(stock)),
        code=read_optional("code", found.get("code")),
        bar_code=read_optional("bar_code", found.get("bar_code")),
        weight=None if found.get("weight") is None else read_weight(_plain(found["weight"])),
    )


def _price(value: object) -> int | None:
    if value is None or (value == 0 and not isinstance(value, bool)):
        return None
    return read_price(_plain(value))


def _plain(value: object) -> str:
    """Numbers as they are written, without an exponent; other values give what the fields refuse."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return value if isinstance(value, str) else format(Decimal(repr(value)), "f")
