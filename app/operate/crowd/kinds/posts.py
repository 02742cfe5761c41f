"""How any post is written down, a note or a review, as its author and moderation would have left it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from app.buying.links.models import Link, PartedPost
from app.community.posts.events import PostPublished, PostSubmitted
from app.community.posts.models import (
    PRIVATE,
    PUBLIC,
    PUBLISHED,
    SUBMITTED,
    Parts,
    Post,
    PostLog,
    fragments_of,
)
from app.community.tags.models import Tag
from app.community.topics.models import TopicUse, topic_key
from app.core.bulk import Columns
from app.core.caller import PERSON, Ref
from app.operate.crowd.kinds import album, desk
from app.operate.crowd.kinds.base import KINDS, Batch, Town
from app.operate.crowd.kinds.chance import bits, code_of, id_of, luck
from app.operate.crowd.kinds.goods import Ware
from app.operate.crowd.kinds.post_words import TOPICS
from app.operate.demo.queries import place_on_picture
from app.people.accounts.queries import AuthorCard

POSTS = Columns(
    Post,
    (
        *("id", "author_kind", "author_id", "written_by", "kind", "title", "body", "visibility", "rating", "state"),
        *("review_id", "pictures", "card", "page", "published_at", "created_at"),
    ),
)
LOG = Columns(PostLog, ("post_id", "who_id", "before", "after", "why", "at"))
TAGS = Columns(
    Tag,
    (
        *("id", "post_id", "position", "product_id", "sku_id", "title", "image", "x", "y", "link_id", "link_code"),
        "posted_at",
    ),
)
LINKS = Columns(Link, ("id", "code", "product_id", "sku_id", "post_id", "tag_id", "promoter_id", "created_at"))
PARTED = Columns(PartedPost, ("post_id", "at"))
USES = Columns(TopicUse, ("post_id", "position", "topic_id"))
TABLES = (album.UPLOADS, POSTS, LOG, LINKS, TAGS, USES, PARTED, album.SHOWINGS, *desk.TABLES)


class Written(NamedTuple):
    """A post as it is planned: `name` is "note" or "review", which its number counts; the author by his number."""

    name: str
    number: int
    id: UUID
    author: int
    moment: datetime
    title: str
    body: str
    wares: tuple[Ware, ...]
    rating: int | None = None
    review_id: UUID | None = None
    is_private: bool = False


class Known(NamedTuple):
    """What the rows of posts say of other rows: cards of authors, ids of topics by key."""

    cards: Mapping[UUID, AuthorCard]
    topics: Mapping[str, tuple[UUID, str]]


def link_id(post: Written, place: int) -> UUID:
    return id_of(post.moment, bits("link", post.name, post.number, place))


def link_code(post: Written, place: int) -> str:
    return code_of(post.name, post.number, place)


def topic_names() -> list[str]:
    """All topics that posts of the crowd have."""
    goods = [name for kind in KINDS for name in (*(thing.topic for thing in kind.things), *kind.topics)]
    return list(dict.fromkeys([*goods, *TOPICS]))


def write(batch: Batch, town: Town, known: Known, post: Written) -> None:
    """All rows of one post."""
    chance, author_id = luck("rows of", post.name, post.number), town.person(post.author)
    shown_by = None if post.is_private else Ref("post", post.id)
    pictures = album.hang(batch, author_id, _drawn(town, post, chance), post.moment, chance, shown_by)
    tags = [_tag(batch, post, author_id, place) for place in range(len(post.wares))]
    topics = _topics(batch, known, post, chance)
    words = {"kind": "note" if post.rating is None else "review", "title": post.title, "body": post.body}
    seen = {"visibility": PRIVATE if post.is_private else PUBLIC, "state": PUBLISHED}
    made = Post(id=post.id, author_kind=PERSON, author_id=author_id, written_by=author_id, **words, **seen)
    made.rating, made.review_id, made.created_at = post.rating, post.review_id, post.moment
    made.pictures = [one.id for one in pictures]
    made.published_at = None if post.is_private else post.moment
    ready = fragments_of(made, Parts(known.cards[author_id], pictures, tags, topics))
    made.card, made.page = ready.card, ready.page
    batch.add_made(POSTS, made)
    batch.add(LOG, post.id, None, SUBMITTED, PUBLISHED, "", post.moment)
    batch.tell(PostSubmitted(post.id))
    if post.is_private:
        batch.add(PARTED, post.id, post.moment)
    else:
        batch.tell(PostPublished(post.id))
        batch.count(author_id, "posts")
        desk.look_at(batch, town, post.id, post.moment)


def _drawn(town: Town, post: Written, chance: Random) -> list[album.Drawn]:
    """Each of its goods in a room, and sometimes the first one again, alone."""
    drawn = [album.at_home(one.kind, one.look, chance.randrange(town.size.rooms)) for one in post.wares]
    if chance.random() < 0.35:
        drawn.append(album.alone(post.wares[0].kind, post.wares[0].look))
    return drawn


def _tag(batch: Batch, post: Written, author_id: UUID, place: int) -> Tag:
    """The goods stand in the same place on each picture."""
    goods, where = post.wares[place], place_on_picture()
    tag = Tag(id=id_of(post.moment, bits("tag", post.name, post.number, place)), post_id=post.id, position=place)
    tag.product_id, tag.sku_id, tag.title = goods.id, None, goods.title
    tag.image, tag.x, tag.y = place, where.x, where.y
    tag.link_id, tag.link_code, tag.posted_at = link_id(post, place), link_code(post, place), post.moment
    batch.add_made(TAGS, tag)
    batch.add(LINKS, tag.link_id, tag.link_code, goods.id, None, post.id, tag.id, author_id, post.moment)
    return tag


def _topics(batch: Batch, known: Known, post: Written, chance: Random) -> list[str]:
    wanted = [*post.wares[0].topics[: chance.randint(1, 3)], *chance.sample(TOPICS, chance.randint(0, 2))]
    found = [known.topics[topic_key(name)] for name in wanted]
    found = list(dict.fromkeys(found))
    for place, (topic_id, _) in enumerate(found):
        batch.add(USES, post.id, place, topic_id)
    return [name for _, name in found]


def slots(goods: Ware, chance: Random) -> dict[str, object]:
    """What the gaps in sentences are filled with."""
    good, other = chance.sample(goods.words.good, 2)
    return {
        "noun": goods.noun,
        "style": goods.style,
        "scene": chance.choice(goods.words.scenes),
        "good": good,
        "good2": other,
        "bad": chance.choice(goods.words.bad),
        "days": chance.randint(3, 60),
        "times": chance.randint(2, 9),
    }


def english_slots(goods: Ware, chance: Random) -> dict[str, object]:
    noun = goods.words.english.lower()
    return {"noun": noun, "days": chance.randint(3, 60), "times": chance.randint(2, 9)}


def told(sentences: Sequence[str], filled: Mapping[str, object], chance: Random) -> str:
    return chance.choice(sentences).format(**filled)


def just_before(moment: datetime, chance: Random) -> datetime:
    return moment - timedelta(seconds=30 + chance.random() * 900)
