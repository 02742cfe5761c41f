"""make.comment(post, body="..."): a comment on a post."""

from collections.abc import Sequence
from uuid import UUID

from app.community.comments import actions
from app.community.comments.models import GoodsNamed
from app.core.caller import Caller
from app.core.db import in_transaction
from tests.make.person import Made, person
from tests.make.post import MadePost
from tests.make.product import MadeProduct


def comment(
    on: MadePost,
    author: Made | None = None,
    body: str = "真好看",
    parent: UUID | None = None,
    goods: Sequence[MadeProduct] = (),
) -> UUID:
    """The id of a new comment of `author`, of a new person if nobody is named; `parent`: the one that it answers."""
    caller = Caller(person_id=(author or person()).id)
    named = [GoodsNamed(one.id) for one in goods]
    return in_transaction(lambda: actions.write_comment(caller, on.id, body, parent, named))
