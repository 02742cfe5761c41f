"""What a kind of notice is: which facts it hears, whom they tell of what, and how that reads.

A fact only says where to look. `truth` says what is so now, and the notices are made to agree with it: so facts may
come twice, late or in another order.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select

from app.core.caller import Ref
from app.core.db import db
from app.core.events import Fact
from app.operate.notifications.models import INBOX, PUSH

NAMED = 2
"""So many people are named in a grouped notice; the others are counted."""


class Key(NamedTuple):
    """What may have changed: of this thing what came of `source_id`, None: of anybody."""

    target_id: UUID
    source_id: UUID | None


class Happening(NamedTuple):
    """This person is to be told: of this thing, of what `source_id` (a person, or what it came of) did to it then."""

    person_id: UUID
    target_id: UUID
    source_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What a notice is about as its reader may see it now. `ref`: where it leads; `note`: more of it (said)."""

    ref: Ref
    title: str = ""
    note: Mapping[str, str] | str = ""

    def noted(self, language: str) -> str:
        return self.note if isinstance(self.note, str) else self.note[language]


def told_by(asked: Any) -> list[Happening]:
    """The answer of a select of person, target, source and time. One query."""
    return [Happening(*row) for row in db.session.execute(asked)]


class Kind:
    """One kind of notice. Its module in this folder holds an instance named `kind`.

    `zh`, `en`: what it reads, with {who} (the people), {n} (how many parts), {title} and {note} (of Seen). `called`:
    what the settings call it. `media`: by what a person is told who has set nothing. `is_of_people`: its parts are
    people, so nobody is told of himself. `is_undone`: what it tells of may cease to be so.
    """

    name = ""
    tab = ""
    called = {"zh": "", "en": ""}
    zh = ""
    en = ""
    media: frozenset[str] = frozenset({INBOX, PUSH})
    is_of_people = False
    is_undone = True
    facts: tuple[type[Fact], ...] = ()

    def keys(self, facts: Sequence[Any]) -> set[Key]:
        """Where to look, of these facts of its own."""
        return set()

    def truth(self, keys: Collection[Key]) -> Sequence[Happening]:
        """What is so of these keys now, and nothing else. A constant number of queries."""
        return []

    def subjects(self, facts: Sequence[Any]) -> set[UUID]:
        """Things of which these facts say that they may be gone."""
        return set()

    def gone(self, subjects: Collection[UUID]) -> Select[UUID]:
        """SQL for the targets of which, these things being gone, nobody is told any more."""
        raise NotImplementedError

    def look(self, viewer_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Seen]:
        """Those of these targets that this person may see. A constant number of queries. Kinds about the same sort of
        thing share one function, so that a page asks it once."""
        raise NotImplementedError

    def words(self, names: Sequence[str], count: int, seen: Seen, language: str) -> str:
        """What the notice reads; `names`: of its latest people."""
        who = _people(names[:NAMED], count, language) if self.is_of_people else ""
        form = self.en if language == "en" else self.zh
        return form.format(who=who, n=count, title=seen.title, note=seen.noted(language))


def _people(names: Sequence[str], count: int, language: str) -> str:
    """ "小鱼、阿宁 等 37 人", "小鱼, 阿宁 and 35 others"."""
    others = count - len(names)
    if language == "en":
        return f"{', '.join(names)} and {others} other{'s' * (others > 1)}" if others > 0 else " and ".join(names)
    return f"{'、'.join(names)} 等 {count} 人" if others > 0 else "、".join(names)
