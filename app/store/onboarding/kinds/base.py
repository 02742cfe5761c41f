"""What every kind of application says: which papers it wants, and which step follows on which state."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

TEXT, NUMBER, PICTURE, DATE, CHOICE = "text", "number", "picture", "date", "choice"
"""Sorts of fields; a NUMBER is sealed at rest, a PICTURE is an upload, a DATE is the last day on which papers hold."""
Check = Callable[[str], bool]
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for. `is_right` looks closer at a text; `choices` are (word, zh, en)."""

    name: str
    zh: str
    en: str
    sort: str = TEXT
    required: bool = True
    is_right: Check | None = None
    choices: Sequence[tuple[str, str, str]] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for word, _, _ in self.choices)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of application. Its module in this folder holds one named `kind`.

    `steps`: for each act, from which states it leads where; what is not named there is refused. `has_name`: a shop may
    file several, told apart by a name; `ends`: an approval needs a date, and what it becomes then.
    """

    about: str
    zh: str
    en: str
    fields: Sequence[Field]
    steps: Mapping[str, tuple[Sequence[str], str]]
    has_name: bool = False
    ends: str = ""

    def after(self, act: str, state: str) -> str | None:
        """The state that follows, None where this act may not be done now."""
        froms, to = self.steps.get(act, ((), ""))
        return to if state in froms else None

    def acts(self, state: str) -> list[str]:
        """What may be done now."""
        return [act for act in self.steps if self.after(act, state) is not None]

    @property
    def pictures(self) -> list[str]:
        """The names of the fields that are pictures."""
        return [one.name for one in self.fields if one.sort == PICTURE]

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


def is_id_number(text: str) -> bool:
    """A citizen's number: 17 digits and a check digit (GB 11643-1999, ISO 7064 MOD 11-2)."""
    if re.fullmatch(r"[0-9]{17}[0-9X]", text) is None:
        return False
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17]


def is_credit_code(text: str) -> bool:
    """A unified social credit code of 18 signs, the last one a check (GB 32100-2015, MOD 31-3)."""
    if len(text) != 18 or any(one not in _CODE for one in text):
        return False
    total = sum(_CODE.index(one) * pow(3, place, 31) for place, one in enumerate(text[:17]))
    return _CODE[(31 - total % 31) % 31] == text[17]


def is_phone(text: str) -> bool:
    """A number that can be called: digits, with + - and blanks between them."""
    return re.fullmatch(r"\+?[0-9][0-9 -]{5,22}[0-9]", text) is not None
