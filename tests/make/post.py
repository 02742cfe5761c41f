"""make.post(author=..., tags=[product], uploads=[...]): a post that everybody sees, or not, by `visibility`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from app.community.posts import actions
from app.community.tags.models import Tag, TagWanted
from app.community.tags.queries import tags_of
from app.core.caller import Caller
from app.core.db import db, in_transaction
from tests.make.person import Made, person
from tests.make.product import MadeProduct

_numbers = count(1)


@dataclass(frozen=True)
class MadePost:
    """A post; `codes` are those of its tags' links."""

    id: UUID
    title: str
    author: Made
    codes: tuple[str, ...]


def post(
    author: Made | None = None,
    tags: Sequence[TagWanted | MadeProduct] = (),
    kind: str = "note",
    title: str = "",
    **named: object,
) -> MadePost:
    """A new post of `author`, of a new person if nobody is named; a product stands for a plain tag of it."""
    who = author or person()
    called = title or f"秋天的第一杯茶 {next(_numbers)}"
    wanted = [TagWanted(one.id) if isinstance(one, MadeProduct) else one for one in tags]

    def work() -> MadePost:
        made = actions.publish_post(Caller(person_id=who.id), kind=kind, title=called, tags=wanted, **named)
        return MadePost(made, called, who, tuple(tag.link_code for tag in tags_of([made])[made]))

    return in_transaction(work)


def tags_on(made: MadePost) -> list[Tag]:
    """The tags of a post as they are now."""
    db.session.rollback()
    return tags_of([made.id])[made.id]
