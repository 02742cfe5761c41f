"""What the town shall be (always the same), what of it is there, and which passwords are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from random import Random
from uuid import UUID

import orjson
from sqlalchemy import select

from app.core.db import db
from app.operate.demo.kinds import KINDS
from app.operate.demo.kinds.base import PLACES, Kind, Place, goods_picture, post_picture
from app.operate.demo.kinds.people import DEMO, PEOPLE, SHOPS, Citizen, avatar_picture, stranger
from app.operate.demo.kinds.words import CLOSINGS, COMMENTS, ENGLISH_CLOSINGS, MERCHANT_ANSWER, SECOND
from app.operate.demo.models import Planted

EACH = 4
"""Goods, and posts, of each kind."""
MOST_ORDERS = 7
ACCOUNT_STEPS = {f"person:{key}" for key in DEMO}
"""Steps that make the accounts of reader, kol, merchant, moderator and admin."""
BY_AMOUNT = ("规格", "净含量")
"""Choices in which more costs more."""


@dataclass(frozen=True)
class GoodsPlan:
    """Goods to list; the number counts within its kind."""

    kind: Kind
    number: int

    @property
    def name(self) -> str:
        return f"goods:{self.kind.name}-{self.number}"

    @property
    def title(self) -> str:
        return self.kind.title(self.number)

    @property
    def description(self) -> str:
        return f"{self.title}。{self.kind.thing(self.number).point}{''.join(self.kind.points)}"

    @property
    def topics(self) -> tuple[str, ...]:
        return (self.kind.thing(self.number).topic, *self.kind.topics)

    def variants(self) -> list[tuple[str, int, int]]:
        """(name, price in 分, units) of each variant; the last one of the last goods of a kind is sold out."""
        what, names = self.kind.choice
        random = Random(self.name)
        price = random.randint(*self.kind.yuan) // 10 * 10 + 9
        step = price * 2 // 5 if what in BY_AMOUNT else 0
        last = len(names) - 1 if self.number == EACH - 1 else None
        stocks = [0 if place == last else random.randint(20, 120) for place in range(len(names))]
        return [(name, (price + step * place) * 100, stocks[place]) for place, name in enumerate(names)]


@dataclass(frozen=True)
class PostPlan:
    """A post to publish: `shown` stand on its first picture, a review shows one; `more` pictures follow."""

    place: int
    author: Citizen
    shown: tuple[GoodsPlan, ...]
    more: int

    @property
    def key(self) -> str:
        return f"{self.shown[0].kind.name}-{self.shown[0].number}"

    @property
    def name(self) -> str:
        return f"post:{self.key}"

    @property
    def rating(self) -> int | None:
        return self.shown[0].kind.stories[self.shown[0].number].rating

    @property
    def title(self) -> str:
        return self._told(self.shown[0].kind.stories[self.shown[0].number].title)

    @property
    def body(self) -> str:
        told = self._told(self.shown[0].kind.stories[self.shown[0].number].body)
        if told.isascii():
            return f"{told} {Random(self.name).choice(ENGLISH_CLOSINGS)}"
        second = [SECOND.format(good=one.title) for one in self.shown[1:]]
        return "\n".join(part for part in (told, *second, Random(self.name).choice(CLOSINGS)) if part)

    def _told(self, text: str) -> str:
        goods = self.shown[0]
        return text.format(good=goods.title, noun=goods.kind.thing(goods.number).noun)


@dataclass(frozen=True)
class OrderPlan:
    """Something bought and paid; `via` is a post whose link led there, and the buyer names that link or clicked it."""

    place: int
    buyer: Citizen
    goods: GoodsPlan
    via: PostPlan | None

    @property
    def name(self) -> str:
        return f"order:{self.buyer.key}-{self.goods.kind.name}-{self.goods.number}"

    @property
    def names_link(self) -> bool:
        return self.place % 2 == 0

    @property
    def is_reviewed(self) -> bool:
        """Its buyer has it, and writes about it; the reader still waits for his."""
        return self.buyer.key != "reader"


@dataclass(frozen=True)
class Echo:
    """What others do with a post."""

    post: PostPlan
    likers: tuple[Citizen, ...]
    collectors: tuple[Citizen, ...]
    comments: tuple[tuple[Citizen, str], ...]

    @property
    def name(self) -> str:
        return f"echo:{self.post.key}"


def planned_goods(each: int = EACH) -> list[GoodsPlan]:
    return [GoodsPlan(kind, number) for kind in KINDS.values() for number in range(each)]


def planned_posts(each: int = EACH) -> list[PostPlan]:
    """One post for each of the goods, in the order in which they are published: reviews last, after the orders."""
    goods = planned_goods(each)
    Random("order of posts").shuffle(goods)
    posts = [_planned_post(place, one, each) for place, one in enumerate(goods)]
    return sorted(posts, key=lambda post: post.rating is not None)


def planned_orders(posts: list[PostPlan]) -> list[OrderPlan]:
    """The first authors of reviews bought what they write of; the reader bought from two notes of the KOL's."""
    reader, kol = _citizen("reader"), _citizen("kol")
    wanted = [(post.author, post.shown[0]) for post in posts if post.rating is not None][:MOST_ORDERS]
    wanted += [(reader, post.shown[0]) for post in posts if post.author == kol and post.rating is None][:2]
    return [OrderPlan(place, *one, _leading_to(*one, posts)) for place, one in enumerate(wanted)]


def planned_follows() -> list[tuple[Citizen, list[Citizen]]]:
    """(who, whom): everybody follows the KOL, and some who write."""
    kol, writers = _citizen("kol"), [one for one in PEOPLE if one.writes]
    found = []
    for one in PEOPLE:
        others = [other for other in writers if other not in (one, kol)]
        chosen = Random(f"follows of {one.key}").sample(others, 3)
        found.append((one, chosen if one == kol else [kol, *chosen]))
    return found


def planned_echoes(posts: list[PostPlan]) -> list[Echo]:
    return [_echo(post) for post in posts]


def planted() -> dict[str, UUID]:
    """What is there already: the id of the thing by the name of its step."""
    rows = db.session.execute(select(Planted.name, Planted.subject_id))
    return {row.name: row.subject_id for row in rows}


def planted_id(name: str) -> UUID:
    """What an earlier step made."""
    return db.session.execute(select(Planted.subject_id).where(Planted.name == name)).scalar_one()


def planted_at(name: str) -> datetime:
    """When a step was done."""
    return db.session.execute(select(Planted.at).where(Planted.name == name)).scalar_one()


def goods_kinds() -> list[Kind]:
    """All kinds of goods, for rooms that plant more of them."""
    return list(KINDS.values())


def citizens() -> tuple[Citizen, ...]:
    return PEOPLE


def place_on_picture() -> Place:
    """Where a thing stands that is alone on the picture of a post."""
    return PLACES[0][0]


def drawn_goods(kind: Kind, number: int) -> BytesIO:
    """A JPEG of one thing alone."""
    return goods_picture(kind, number)


def drawn_post(kind: Kind, number: int, room: str) -> BytesIO:
    """A JPEG of one thing in a room; each name of a room furnishes it otherwise."""
    return post_picture([(kind, number)], Random(room))


def drawn_face(number: int) -> BytesIO:
    """A JPEG of a friendly face, one of 24."""
    return avatar_picture(stranger(number))


def accounts(passwords: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """{key: {username, password}} of the demo accounts whose passwords are known."""
    return {key: {"username": _citizen(key).username, "password": passwords[key]} for key in DEMO if key in passwords}


def known_passwords(path: Path) -> dict[str, str]:
    """The passwords of demo accounts in a file of accounts; {} if there is none, or none that can be read."""
    try:
        found = orjson.loads(path.read_bytes())
        return {key: str(found[key]["password"]) for key in DEMO if key in found}
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return {}


def _planned_post(place: int, goods: GoodsPlan, each: int) -> PostPlan:
    story = goods.kind.stories[goods.number]
    shown = [goods]
    if story.rating is None and place % 3 == 1:
        kinds = list(KINDS.values())
        other = kinds[(kinds.index(goods.kind) + 5) % len(kinds)]
        shown.append(GoodsPlan(other, (goods.number + 2) % each))
    return PostPlan(place, _author(place, is_english=story.body.isascii()), tuple(shown), int(place % 4 == 0))


def _author(place: int, is_english: bool) -> Citizen:
    if is_english:
        return _citizen("momo")
    if place % 3 == 0:
        return _citizen("kol")
    others = [one for one in PEOPLE if one.writes and one.key != "kol"]
    return others[place % len(others)]


def _leading_to(buyer: Citizen, goods: GoodsPlan, posts: list[PostPlan]) -> PostPlan | None:
    """A note of somebody else that tags these goods."""
    for post in posts:
        if post.rating is None and goods in post.shown and post.author != buyer:
            return post
    return None


def _echo(post: PostPlan) -> Echo:
    random = Random(f"echo of {post.key}")
    others = [one for one in PEOPLE if one != post.author]
    likers = random.sample(others, random.randint(1, 8))
    collectors = likers[: random.randint(0, len(likers) // 2)]
    said = random.sample(COMMENTS, random.choice((0, 1, 1, 2)))
    comments = list(zip(random.sample(others, len(said)), said, strict=True))
    owner = next(_citizen(shop.owner) for shop in SHOPS if shop.key == post.shown[0].kind.shop)
    if len(said) > 1:
        comments.append((owner, MERCHANT_ANSWER))
    return Echo(post, tuple(likers), tuple(collectors), tuple(comments))


def _citizen(key: str) -> Citizen:
    return next(one for one in PEOPLE if one.key == key)
