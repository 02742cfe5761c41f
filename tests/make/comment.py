"""make.comment(post, body="..."): a comment on a post."""

from uuid import UUID

from app.community.comments import actions
from app.core.caller import Caller
from app.core.db import in_transaction
from tests.make.person import Made, person
from tests.make.post import MadePost


def comment(on: MadePost, author: Made | None = None, body: str = "真好看") -> UUID:
    """The id of a new comment of `author`, of a new person if nobody is named."""
    who = author or person()
    return in_transaction(lambda: actions.write_comment(Caller(person_id=who.id), on.id, body))
