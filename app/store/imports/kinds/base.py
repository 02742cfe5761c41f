"""What every kind of file gives: lines of goods, and refusals that say which line and why."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol, cast

from marshmallow import ValidationError

from app.core import money
from app.core.fields import Text
from app.core.texts import in_language
from app.store.catalogue.models import LONGEST_BRAND, LONGEST_DESCRIPTION, LONGEST_EXTERNAL_ID, LONGEST_TITLE, Goods
from app.store.imports.models import both
from app.store.inventory.models import LARGEST_STOCK
from app.store.variants.models import HEAVIEST, LONGEST_BAR_CODE, LONGEST_CODE, LONGEST_NAME

_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{0,15})?")
NOT_UTF8 = (
    "文件不是 UTF-8 编码，请在 Excel 中另存为“CSV UTF-8”格式再试",
    'The file is not UTF-8: save it as "CSV UTF-8" and try again.',
)
"""What is said of such a file, in Chinese and in English."""
LOOKED_AT = 1 << 20
_UNITS = re.compile(r"[0-9]{1,10}")
_TEXTS = {
    "external_id": Text(most=LONGEST_EXTERNAL_ID),
    "title": Text(most=LONGEST_TITLE),
    "description": Text(most=LONGEST_DESCRIPTION, least=0),
    "category": Text(most=LONGEST_NAME, least=0),
    "brand": Text(most=LONGEST_BRAND, least=0),
    "sku_name": Text(most=LONGEST_NAME),
    "code": Text(most=LONGEST_CODE, least=0),
    "bar_code": Text(most=LONGEST_BAR_CODE, least=0),
}


class BadLine(ValueError):
    """A line that cannot be taken in; the text says why, for people: in Chinese and in English (models.both)."""

    def __init__(self, zh: str, en: str, name: str = "", about: str = "") -> None:
        super().__init__(both(zh, en, name, about))


@dataclass(frozen=True, slots=True)
class Line:
    """Goods as one line tells them. `number` counts from 1; `image` is a file beside this one, or a URL, or nothing."""

    number: int
    goods: Goods
    image: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken in."""

    number: int
    reason: str


class Kind(Protocol):
    """One kind of file. Its module in this folder holds an instance named `kind`."""

    suffix: str

    def lines(self, stream: IO[bytes]) -> Iterator[Line | Refusal]:
        """All lines in their order. Raises BadLine if the file as a whole is not of this kind."""


def shown(text: str) -> str:
    """The beginning of a text from outside, fit for a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:40])


def unpacked(name: str, raw: IO[bytes]) -> IO[bytes]:
    """What is in a file of this name."""
    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if name.lower().endswith(".gz") else raw


def is_utf8(stream: IO[bytes]) -> bool:
    """Whether the file, by the first LOOKED_AT bytes, is written in UTF-8: a Chinese Excel writes a plain CSV in GBK.

    Of the lines that hold more than ASCII over half must be UTF-8: so one line that is not is told by itself, and
    the few signs of GBK that happen to be UTF-8, too (一 reads as һ), get no file through. What is damaged is told
    where it is read.
    """
    try:
        head = stream.read(LOOKED_AT)
    except (OSError, EOFError, zlib.error):
        return True
    whole = head if len(head) < LOOKED_AT else head[: head.rfind(b"\n") + 1]
    lines = [one for one in whole.split(b"\n") if not one.isascii()]
    return not lines or 2 * sum(map(_reads_as_utf8, lines)) > len(lines)


def _reads_as_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def readable(lines: Iterator[Line | Refusal]) -> Iterator[Line | Refusal]:
    """The lines up to where the file is damaged."""
    number = 0
    try:
        for one in lines:
            number = one.number
            yield one
    except (OSError, EOFError, zlib.error) as error:
        yield Refusal(number + 1, both("文件已损坏", "the file is damaged", about=str(error)))


def read_text(name: str, value: object) -> str:
    """A text field without white space at its ends. Raises BadLine."""
    try:
        found: str = _TEXTS[name].deserialize(value.strip() if isinstance(value, str) else value)
    except ValidationError as error:
        chinese = in_language({name: error.messages}, "zh")[name]
        raise BadLine(" ".join(chinese), " ".join(map(str, error.messages)), name) from None
    return found


def read_optional(name: str, value: object) -> str | None:
    """The same; None for nothing and for an empty text."""
    return None if value is None or value == "" else read_text(name, value)


def read_price(text: str) -> int:
    """分 from yuan with at most two decimals, above 0. Raises BadLine."""
    if not _AMOUNT.fullmatch(text):
        raise BadLine("不是金额", "not an amount", "price", shown(text))
    try:
        amount = money.from_yuan(text)
    except ValueError:
        zh, en = "最多两位小数，且不可过大", "at most 2 decimals, and not so large"
        raise BadLine(zh, en, "price", shown(text)) from None
    if amount == 0:
        raise BadLine("须大于 0", "must be above 0", "price")
    return amount


def read_units(text: str, name: str = "stock", most: int = LARGEST_STOCK) -> int:
    """Whole units, or grams. Raises BadLine."""
    if not _UNITS.fullmatch(text) or int(text) > most:
        raise BadLine(f"须为 0 到 {most} 的整数", f"must be a whole number up to {most}", name, shown(text))
    return int(text)


def read_weight(text: str) -> int:
    """Whole grams. Raises BadLine."""
    return read_units(text, "weight", HEAVIEST)
