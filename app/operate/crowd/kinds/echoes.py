"""What others do with an open post: they see it, like it, collect it, write under it, open its links.

Who likes a post has seen it, and more people see a post than open its links.
"""

from datetime import datetime
from random import Random
from uuid import UUID

from app.buying.links.models import Click
from app.community.comments.events import CommentWritten
from app.community.comments.models import Comment
from app.community.reactions.events import PostCollected, PostLiked
from app.community.reactions.models import COLLECT, COUNTS, LIKE, Reaction
from app.core.bulk import Columns
from app.core.caller import GUEST, PERSON
from app.discover.recommendations.actions import DEVICE
from app.discover.recommendations.models import Impression
from app.operate.crowd.kinds.base import Batch, Town
from app.operate.crowd.kinds.chance import id_of, luck, steep
from app.operate.crowd.kinds.post_words import COMMENTS
from app.operate.crowd.kinds.posts import Written, link_id, slots, told

REACTIONS = Columns(Reaction, ("subject_id", "person_id", "name", "at"))
COMMENTS_ROWS = Columns(Comment, ("id", "post_id", "author_id", "body", "created_at"))
CLICKS = Columns(Click, ("link_id", "product_id", "visitor_kind", "visitor_id", "counted_as", "at"))
SEEN = ("viewer_kind", "viewer_id", "post_id", "surface", "position", "dwell_ms", "at", "seen_at")
VIEWS = Columns(Impression, (*SEEN, "counted"))
TABLES = (VIEWS, CLICKS, REACTIONS, COMMENTS_ROWS)
SURFACES = ("explore", "explore", "explore", "following", "search", "product", "post")
MOST_VIEWS = 2000


def attention(town: Town, post: Written, chance: Random) -> int:
    """How many see it: with the fame of its author, by luck, and with time."""
    fame = 1 + 14 / (1 + post.author) ** 0.55 if post.author <= town.size.kols else 1.0
    time = min(1.0, 0.15 + town.age_days(post.moment) / 4)
    return min(MOST_VIEWS, 2 + int(chance.lognormvariate(2.6, 0.95) * fame * time))


def echo(batch: Batch, town: Town, post: Written) -> None:
    chance = luck("echo", post.name, post.number)
    views = attention(town, post, chance)
    keen = chance.uniform(0.05, 0.25)
    likers = _people(town, post, int(views * keen), chance)
    _like(batch, town, post, likers, chance)
    _comment(batch, town, post, int(views * chance.uniform(0, 0.07)), chance)
    clicks = sum(_click(batch, town, post, chance) for _ in range(int(views * chance.uniform(0, 0.16))))
    many = max(views - len(likers), clicks)
    lookers = [one for one in _people(town, post, many // 5, chance) if one not in likers]
    for place in range(many):
        kind = PERSON if place < len(lookers) else GUEST if place % 3 else DEVICE
        viewer = town.person(lookers[place]) if kind == PERSON else stranger(chance)
        view(batch, post.id, kind, viewer, town.after(post.moment, chance), chance)


def view(batch: Batch, post_id: UUID, kind: str, viewer_id: UUID, at: datetime, chance: Random) -> None:
    """A view that counts. Times have microseconds, so no two of one viewer are the same."""
    place, dwell = int(chance.random() * 40), int(400 + 20_000 * chance.random() ** 3)
    surface = SURFACES[int(chance.random() * len(SURFACES))]
    batch.add(VIEWS, kind, viewer_id, post_id, surface, place, dwell, at, at, True)
    batch.count(post_id, "views")


def stranger(chance: Random) -> UUID:
    """The id of a guest or a device."""
    return UUID(int=chance.getrandbits(128), version=4)


def _people(town: Town, post: Written, many: int, chance: Random) -> list[int]:
    """So many of the crowd, each once, and at most half of it; the author is not among them."""
    found = {town.newcomer(steep(chance, town.size.people, 1.2)) for _ in range(min(many, town.size.people // 2))}
    return sorted(found - {post.author})


def _like(batch: Batch, town: Town, post: Written, likers: list[int], chance: Random) -> None:
    for number in likers:
        person_id, at = town.person(number), town.after(post.moment, chance)
        view(batch, post.id, PERSON, person_id, at, chance)
        batch.add(REACTIONS, post.id, person_id, LIKE, at)
        batch.tell(PostLiked(post.id, person_id))
        if chance.random() < 0.3:
            batch.add(REACTIONS, post.id, person_id, COLLECT, at)
            batch.count(post.id, COUNTS[COLLECT])
            batch.tell(PostCollected(post.id, person_id))
    batch.count(post.id, COUNTS[LIKE], len(likers))


def _comment(batch: Batch, town: Town, post: Written, many: int, chance: Random) -> None:
    for _ in range(min(many, 40)):
        at = town.after(post.moment, chance)
        comment_id = id_of(at, chance.getrandbits(128))
        goods = post.wares[int(chance.random() * len(post.wares))]
        body = told(COMMENTS, slots(goods, chance), chance)
        batch.add(COMMENTS_ROWS, comment_id, post.id, _writer(town, post, chance), body, at)
        batch.count(post.id, "comments")
        batch.tell(CommentWritten(comment_id, post.id))


def _writer(town: Town, post: Written, chance: Random) -> UUID:
    """Somebody of the crowd; once in a while the author, who answers."""
    number = town.newcomer(steep(chance, town.size.people, 1.2))
    return town.person(post.author if chance.random() < 0.1 else number)


def _click(batch: Batch, town: Town, post: Written, chance: Random) -> int:
    """A stranger's or a guest's who then did not buy: a person's last click would earn his next purchase."""
    place = int(chance.random() * len(post.wares))
    guest = stranger(chance)
    visitor = (GUEST, guest) if chance.random() < 0.5 else (None, None)
    batch.add(CLICKS, link_id(post, place), post.wares[place].id, *visitor, guest, town.after(post.moment, chance))
    return 1
