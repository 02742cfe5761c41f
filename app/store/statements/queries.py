"""A statement read line by line, and what is different in our books. A file of millions of lines is never held."""

import csv
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from app.core.money import yuan
from app.core.plain import array_of, prepared
from app.store.statements.kinds import kind_of
from app.store.statements.kinds.base import PAYMENT, REFUND, Kind, Row

BATCH = 1000
HEADER_WITHIN = 50
"""Lines: before its header a statement may say whose it is, and of when."""
MISSING_HERE, MISSING_THERE, AMOUNT, TWICE = "missing_here", "missing_there", "amount", "twice"


class BadStatement(ValueError):
    """A file that is no statement that we can read; the text says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`theirs` and `ours` in minor units, None where there is none."""

    what: str
    kind: str
    number: str
    theirs: int | None
    ours: int | None

    def __str__(self) -> str:
        sides = {"theirs": self.theirs, "ours": self.ours}
        told = " ".join(f"{name}={yuan(amount)}" for name, amount in sides.items() if amount is not None)
        return f"{self.what} {self.kind} {self.number} {told}"


def read(lines: Iterable[str]) -> tuple[Kind, Iterator[Row]]:
    """The form of a statement and its rows, read as they are asked for. Raises BadStatement, also while they are."""
    cells = csv.reader(lines)
    for line in islice(cells, HEADER_WITHIN):
        header = [_tidied(one) for one in line]
        kind = kind_of(header)
        if kind is not None:
            return kind, _rows(kind, header, cells)
    raise BadStatement("no header of a form that is known (docs/deploy.md)")


def differences(gateway: str, rows: Sequence[Row], seen: "Seen") -> list[Difference]:
    """What is different between these rows and our books, but for what they lack; all are added to `seen`."""
    ours = _ours(gateway, rows)
    found = []
    for row in rows:
        number = _number(row.number)
        mine = ours.get((row.kind, number)) if number else None
        if number is not None and not seen.add(number):
            found.append(Difference(TWICE, row.kind, row.number, row.amount, mine))
        elif mine is None:
            found.append(Difference(MISSING_HERE, row.kind, row.number, row.amount, None))
        elif mine != row.amount:
            found.append(Difference(AMOUNT, row.kind, row.number, row.amount, mine))
    return found


def missing_there(gateway: str, since: datetime, until: datetime, seen: "Seen") -> Iterator[Difference]:
    """Our payments and refunds by this gateway in a time that no row named, a few at a time."""
    for kind, statement in _BOOKS.items():
        at, after = since, _FIRST
        while page := statement.rows(gateway=gateway, at=at, after=after, until=until, most=BATCH):
            yield from (
                Difference(MISSING_THERE, kind, row.id.hex, None, row.amount) for row in page if not seen.has(row.id)
            )
            at, after = page[-1].at, page[-1].id


class Seen:
    """Numbers of a statement that were met: eight bytes each, since there may be millions."""

    def __init__(self) -> None:
        self._sorted: array[int] = array("Q")
        self._fresh: set[int] = set()

    def add(self, number: UUID) -> bool:
        """Whether it was not met before."""
        if self.has(number):
            return False
        self._fresh.add(_short(number))
        if len(self._fresh) > MOST_FRESH:
            self._sorted = array("Q", sorted([*self._sorted, *self._fresh]))
            self._fresh.clear()
        return True

    def has(self, number: UUID) -> bool:
        short = _short(number)
        if short in self._fresh:
            return True
        place = bisect_left(self._sorted, short)
        return place < len(self._sorted) and self._sorted[place] == short


def _short(number: UUID) -> int:
    """The half of an id that is random."""
    return number.int & (2**64 - 1)


def _rows(kind: Kind, header: Sequence[str], cells: Iterator[list[str]]) -> Iterator[Row]:
    for place, line in enumerate(cells, 1):
        tidy = [_tidied(one) for one in line]
        if not any(tidy) or tidy[0].startswith("#"):
            continue
        if tidy[0].startswith("总"):  # sums, at the end
            return
        try:
            found = kind.row(dict(zip(header, tidy, strict=False)))
        except (ValueError, KeyError) as error:
            raise BadStatement(f"row {place} after the header: {error}") from error
        if found is not None:
            yield found


def _tidied(cell: str) -> str:
    return cell.strip().lstrip("`\ufeff").strip()


def _number(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _ours(gateway: str, rows: Sequence[Row]) -> dict[tuple[str, UUID | None], int]:
    """The amounts that we have, by kind and number."""
    found: dict[tuple[str, UUID | None], int] = {}
    for kind, statement in _KNOWN.items():
        numbers = [one for row in rows if row.kind == kind and (one := _number(row.number)) is not None]
        if numbers:
            asked = statement.rows(gateway=gateway, ids=array_of(numbers))
            found |= {(kind, row.id): row.amount for row in asked}
    return found


MOST_FRESH = 200_000
_FIRST = UUID(int=0)
_KNOWN = {
    PAYMENT: prepared(
        "SELECT id, amount FROM payments_payments"
        " WHERE id = ANY(CAST(:ids AS uuid[])) AND gateway = :gateway AND state = 'paid'"
    ),
    REFUND: prepared(
        "SELECT r.id, r.amount FROM payments_refunds r JOIN payments_payments p ON p.id = r.payment_id"
        " WHERE r.id = ANY(CAST(:ids AS uuid[])) AND p.gateway = :gateway AND r.state = 'done'"
    ),
}
_BOOKS = {
    PAYMENT: prepared(
        "SELECT id, amount, settled_at AS at FROM payments_payments WHERE state = 'paid' AND gateway = :gateway"
        " AND amount > 0 AND (settled_at, id) > (CAST(:at AS timestamptz), CAST(:after AS uuid))"
        " AND settled_at < CAST(:until AS timestamptz) ORDER BY settled_at, id LIMIT :most"
    ),
    REFUND: prepared(
        "SELECT r.id, r.amount, r.done_at AS at FROM payments_refunds r JOIN payments_payments p ON p.id = r.payment_id"
        " WHERE r.state = 'done' AND p.gateway = :gateway"
        " AND (r.done_at, r.id) > (CAST(:at AS timestamptz), CAST(:after AS uuid))"
        " AND r.done_at < CAST(:until AS timestamptz) ORDER BY r.done_at, r.id LIMIT :most"
    ),
}
