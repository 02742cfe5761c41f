"""CSV for people: what a spreadsheet opens, in UTF-8 with a mark, and runs nothing of."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

MARK = "\ufeff"
"""At the beginning of a file: a spreadsheet takes it for UTF-8 then."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
READ_AS = ("utf-8-sig", "gb18030")
"""What people's files are written in: the second is what a spreadsheet saves as "CSV" on a Chinese Windows."""


def guarded(text: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{text}" if text.startswith(FORMULA) else text


def unguarded(text: str) -> str:
    """The text as it was before."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def money(amount: int) -> Decimal:
    """分 as the yuan that a sheet adds up: -500 -> -5.00."""
    return Decimal(amount).scaleb(-2)


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as the text of a sheet: texts guarded, numbers as they are (-5.00 is no formula), None as nothing."""
    out = io.StringIO()
    csv.writer(out).writerows([_field(one) for one in row] for row in rows)
    return out.getvalue()


def read(data: bytes) -> str | None:
    """The text of a file, None for one that is no text that we know."""
    for encoding in READ_AS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _field(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value
