"""What is done to make the town: one step after the other, each in a transaction of its own, each done once.

A step is written down (Planted) in the transaction that does it, so a seed may end at any point and be begun again.
"""

import os
import secrets
from collections.abc import Callable, Collection, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import insert, select, text

from app.buying.baskets.models import LineWanted
from app.buying.checkout.actions import open_checkout
from app.buying.checkout.models import Changes, opener
from app.buying.links.actions import record_click
from app.buying.links.queries import links_of_posts
from app.buying.placing.actions import purchase
from app.community.comments.actions import write_comment
from app.community.posts.actions import publish_post
from app.community.reactions.actions import collect, like
from app.community.tags.models import TagWanted
from app.core import clock
from app.core.caller import Caller, Ref
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused
from app.discover.recommendations.actions import Shown, take_in
from app.operate.demo.kinds import KINDS
from app.operate.demo.kinds.base import PLACES, Kind, goods_picture, post_picture
from app.operate.demo.kinds.people import DEMO, PEOPLE, SHOPS, Citizen, ShopPlan, avatar_picture
from app.operate.demo.kinds.words import address
from app.operate.demo.models import Planted
from app.operate.demo.queries import (
    EACH,
    Echo,
    GoodsPlan,
    OrderPlan,
    PostPlan,
    accounts,
    known_passwords,
    planned_echoes,
    planned_follows,
    planned_goods,
    planned_orders,
    planned_posts,
    planted_id,
)
from app.people.accounts.actions import change_person, grant_role, sign_up
from app.people.accounts.queries import person_named
from app.people.social.actions import follow
from app.people.uploads.actions import keep_picture
from app.store.catalogue.actions import list_product
from app.store.categories.models import Category
from app.store.delivery.actions import receive, ship
from app.store.orders.actions import pay_purchase
from app.store.orders.models import Order
from app.store.payments.actions import play_outcome, settle_callback
from app.store.payments.models import PAID
from app.store.payments.queries import payment
from app.store.shops.actions import open_shop
from app.store.variants.models import SkuWanted
from app.store.variants.queries import skus_of

GATEWAY = CARRIER = "sandbox"


class Step(NamedTuple):
    """`do` makes one thing and answers its id. What it does not need a transaction for, `prepare` does before; it
    answers what is left to do. `weight`: how much it is beside a step that makes one thing."""

    name: str
    do: Callable[[], UUID]
    prepare: Callable[[], Callable[[], UUID]] | None = None
    weight: int = 1


Further = Callable[[int, Collection[str]], list[Step]]
_further: dict[int, Further] = {}


def fills_town(order: int) -> Callable[[Further], Further]:
    """Register more steps, done after those of this room, the lower order first: make(scale, names of the steps that
    were done before)."""

    def register(make: Further) -> Further:
        _further[order] = make
        return make

    return register


def further_steps(scale: int, planted: Collection[str]) -> list[Step]:
    """What other rooms plant in a town of this scale. Raises Refused 409 for a town that has another scale already."""
    return [step for order in sorted(_further) for step in _further[order](scale, planted)]


def prepared(step: Step) -> Step:
    """The step, ready for its transaction."""
    return step._replace(do=step.prepare()) if step.prepare else step


def steps(passwords: Mapping[str, str], each: int = EACH) -> list[Step]:
    """All steps in their order. `passwords` of the demo accounts by key; `each`: goods and posts of each kind, 1 to 4.

    Without the sandbox nobody can pay, so nothing is bought.
    """
    posts = planned_posts(each)
    notes, reviews = ([one for one in posts if (one.rating is not None) is rated] for rated in (False, True))
    orders = planned_orders(posts) if settings.sandbox_payments and settings.sandbox_secret else []
    return [
        *(Step(f"person:{one.key}", partial(_join, one, passwords.get(one.key))) for one in PEOPLE),
        *(Step(f"shop:{one.key}", partial(_open, one)) for one in SHOPS),
        *(Step(one.name, partial(_list, one)) for one in planned_goods(each)),
        *(Step(f"follows:{who.key}", partial(_follow, who, whom)) for who, whom in planned_follows()),
        *(Step(one.name, partial(_publish, one)) for one in notes),
        *(Step(one.name, partial(_buy, one)) for one in orders),
        *(Step(f"{one.name}:received", partial(_receive, one)) for one in orders if one.is_reviewed),
        *(Step(one.name, partial(_publish, one)) for one in reviews),
        *(Step(one.name, partial(_echo, one)) for one in planned_echoes(posts)),
    ]


def plant(step: Step) -> bool:
    """Do a step unless it was done; two seeds at once do it once. Answers whether it was done now."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('the demo town', 0))"))
    if db.session.get(Planted, step.name) is not None:
        return False
    db.session.execute(insert(Planted).values(name=step.name, subject_id=step.do()))
    return True


def keep_passwords(path: Path | None, planted: Collection[str]) -> dict[str, str]:
    """The passwords of the demo accounts: known ones, and new ones for those who have not joined yet.

    They lie in a file aside before anybody joins with them, so that they are never lost; see `tell_passwords`.
    """
    known = {**known_passwords(_aside(path)), **known_passwords(path)} if path else {}
    fresh = [key for key in DEMO if key not in known and f"person:{key}" not in planted]
    passwords = known | {key: secrets.token_urlsafe(12) for key in fresh}
    if path and fresh:
        _write(_aside(path), passwords)
    return passwords


def tell_passwords(path: Path) -> None:
    """Give the file of accounts its name: from now on it is there, whole."""
    aside = _aside(path)
    if aside.exists():
        aside.rename(path)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _write(path: Path, passwords: Mapping[str, str]) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(orjson.dumps(accounts(passwords), option=orjson.OPT_INDENT_2) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _join(citizen: Citizen, password: str | None) -> UUID:
    """Whose password nobody needs to know gets one that nobody knows."""
    if person_named(citizen.username) is not None:
        zh, en = f"用户名 {citizen.username} 已被他人使用", f"Somebody else is called {citizen.username}."
        raise Refused(409, "username_taken", zh, en)
    person_id = sign_up(citizen.username, password or secrets.token_urlsafe(24), citizen.nickname, "demo").person.id
    change_person(person_id, bio=citizen.bio, avatar=keep_picture(person_id, avatar_picture(citizen)).id)
    if citizen.role:
        grant_role(person_id, citizen.role)
    return person_id


def _open(shop: ShopPlan) -> UUID:
    return open_shop(_caller(shop.owner), shop.name).id


def _list(goods: GoodsPlan) -> UUID:
    kind = goods.kind
    shop = next(one for one in SHOPS if one.key == kind.shop)
    caller = _caller(shop.owner)
    what, _ = kind.choice
    product = list_product(
        caller,
        planted_id(f"shop:{shop.key}"),
        title=goods.title,
        description=goods.description,
        brand=shop.name,
        category_id=db.session.scalar(select(Category.id).where(Category.name == kind.category)),
        uploads=[keep_picture(caller.person, goods_picture(kind, goods.number)).id],
        skus=[SkuWanted(price, stock, name, {what: name}) for name, price, stock in goods.variants()],
    )
    return product.id


def _follow(who: Citizen, whom: list[Citizen]) -> UUID:
    person_id = planted_id(f"person:{who.key}")
    for one in whom:
        follow(person_id, planted_id(f"person:{one.key}"))
    return person_id


def _publish(post: PostPlan) -> UUID:
    caller = _caller(post.author.key)
    shown: list[tuple[Kind, int]] = [(one.kind, one.number) for one in post.shown]
    random = Random(f"pictures of {post.key}")
    drawn = [post_picture(shown, random), *(post_picture(shown[:1], random) for _ in range(post.more))]
    return publish_post(
        caller,
        kind="note" if post.rating is None else "review",
        title=post.title,
        body=post.body,
        rating=post.rating,
        uploads=[keep_picture(caller.person, one).id for one in drawn],
        topics=post.shown[0].topics,
        tags=[
            TagWanted(planted_id(goods.name), image=0, x=place.x, y=place.y)
            for goods, place in zip(post.shown, PLACES[len(shown) - 1], strict=True)
        ],
    )


def _buy(order: OrderPlan) -> UUID:
    """A checkout, its purchase, and the sandbox's word that it is paid."""
    caller = _caller(order.buyer.key)
    product_id = planted_id(order.goods.name)
    code = _arrive(order, caller.buyer, product_id) if order.via else None
    sku = skus_of([product_id])[product_id][0]
    opened, _ = open_checkout(opener(caller), [LineWanted(sku.id, 1, code)])
    placed = purchase(caller, opened.id, given=Changes(address(order.buyer.nickname, order.place)))
    begun = pay_purchase(caller, placed.id, GATEWAY)
    settle_callback(play_outcome(payment(begun.id), PAID))
    return placed.id


def _receive(order: OrderPlan) -> UUID:
    """Its shop sends it, and its buyer has it."""
    purchase_id = planted_id(order.name)
    shop = next(one for one in SHOPS if one.key == order.goods.kind.shop)
    for order_id in db.session.scalars(select(Order.id).where(Order.purchase_id == purchase_id)):
        ship(_caller(shop.owner), order_id, CARRIER, f"SB{order_id.hex[:12].upper()}")
        receive(_caller(order.buyer.key), order_id)
    return purchase_id


def _arrive(order: OrderPlan, buyer: Ref, product_id: UUID) -> str | None:
    """Come by the link of a post: the code, for one who names it; for others the click counts."""
    if order.via is None:
        return None
    post_id = planted_id(order.via.name)
    link = next(one for one in links_of_posts([post_id])[post_id] if one.product_id == product_id)
    record_click(link, buyer)
    return link.code if order.names_link else None


def _echo(echo: Echo) -> UUID:
    """Who likes a post has seen it."""
    post_id = planted_id(echo.post.name)
    for place, one in enumerate(echo.likers):
        caller = _caller(one.key)
        take_in(caller, [Shown(post_id, "explore", place, 4000, clock.now())])
        like(caller, post_id)
        if one in echo.collectors:
            collect(caller, post_id)
    for one, body in echo.comments:
        write_comment(_caller(one.key), post_id, body)
    return post_id


def picture_of_goods(kind: str, number: int) -> BytesIO:
    """A JPEG of the goods of this number of a kind, by its name ("dress")."""
    return goods_picture(KINDS[kind], number)


def _caller(key: str) -> Caller:
    return Caller(person_id=planted_id(f"person:{key}"))
