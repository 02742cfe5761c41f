"""Questions about articles: what may stand in them, which are for sale where, and how they are shown."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, func, select, tuple_

from app.core import clock, paging
from app.core.clock import CHINA, iso
from app.core.db import db
from app.core.errors import Refused, missing, said
from app.people.accounts.queries import author_cards
from app.people.addresses.models import city_of
from app.people.uploads.queries import picture
from app.store.catalogue.models import Product
from app.store.catalogue.queries import on_sale_state, pictures_of, product_cards, taken_down
from app.store.orders.models import Order
from app.store.secondhand.models import (
    MOST_DAILY,
    MOST_OPEN,
    MOST_PRICE,
    OPEN,
    PROHIBITED,
    SOLD,
    Article,
    ArticleWanted,
    ProhibitedWord,
    Seller,
)
from search import text as words_of

_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for; what is None or "" does not narrow it. `most` in 分."""

    q: str = ""
    city: str = ""
    district: str = ""
    condition: str | None = None
    way: str | None = None
    most: int | None = None


def folded(text: str) -> str:
    """The one spelling in which words are compared: width, case, traditional characters and what stands between the
    letters make no difference."""
    return _BETWEEN.sub("", words_of.fold(text))


def require_permitted(title: str, description: str) -> None:
    """Raises Refused 422 "prohibited" with the words of a text that may not be sold here. One query."""
    found = prohibited_in([f"{title}\n{description}"], _all_words())[0]
    if found:
        zh, en = f"不能出售：{'、'.join(found)}", f"This may not be sold here: {', '.join(found)}."
        raise Refused(422, "prohibited", zh, en, errors={"title": [said(zh, en)]})


def require_price(price: int) -> None:
    """Raises Refused 422 "price_out_of_range" for what is not sold between two strangers."""
    if not 0 < price <= MOST_PRICE:
        zh, en = f"价格须高于 0，不超过 {MOST_PRICE // 100} 元", f"Above ¥0, at most ¥{MOST_PRICE // 100}."
        raise Refused(422, "price_out_of_range", zh, en, errors={"price": [said(zh, en)]})


def prohibited_in(texts: Sequence[str], words: Iterable[str]) -> list[list[str]]:
    """Which of these words stand in each of these texts."""
    known = {word: folded(word) for word in words}
    spelled = [folded(one) for one in texts]
    return [[word for word, plain in known.items() if plain in one] for one in spelled]


def added_words(limit: int, cursor: str | None) -> tuple[list[ProhibitedWord], str | None]:
    """A page of what moderators have added to the list, the latest first, and the next cursor."""
    place = paging.values_of("desk/words", cursor)
    wanted = select(ProhibitedWord).order_by(ProhibitedWord.at.desc(), ProhibitedWord.id.desc()).limit(limit + 1)
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(ProhibitedWord.at, ProhibitedWord.id) < before)
    rows = list(db.session.scalars(wanted))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], paging.cursor("desk/words", [iso(last.at), str(last.id)]) if last else None


def require_room(person_id: UUID) -> None:
    """Raises Refused 409 "too_many" for who has MOST_OPEN articles, or has listed MOST_DAILY today. The caller counts
    one by one."""
    today = datetime.combine(clock.now().astimezone(CHINA).date(), time(), CHINA).astimezone(UTC)
    counts = select(func.count().filter(Article.state == OPEN), func.count().filter(Article.listed_at >= today))
    is_open, listed = db.session.execute(counts.where(Article.seller_id == person_id)).one()
    if is_open >= MOST_OPEN:
        zh, en = f"最多同时出售 {MOST_OPEN} 件闲置", f"At most {MOST_OPEN} articles at a time."
        raise Refused(409, "too_many", zh, en)
    if listed >= MOST_DAILY:
        raise Refused(409, "too_many", f"每天最多发布 {MOST_DAILY} 件闲置", f"At most {MOST_DAILY} articles a day.")


def shop_of_seller(person_id: UUID) -> UUID | None:
    """The shop that a person's articles stand in."""
    return db.session.scalar(select(Seller.shop_id).where(Seller.person_id == person_id))


def article_of(person_id: UUID, article_id: UUID, lock: bool = False) -> Article:
    """A person's own article. Raises Refused 404 for another's."""
    wanted = select(Article).where(Article.id == article_id, Article.seller_id == person_id)
    locking = wanted.with_for_update().execution_options(populate_existing=True) if lock else wanted
    found = db.session.scalar(locking)
    if found is None:
        raise missing("没有这件闲置", "There is no such article.")
    return found


def found_by(wanted: ArticleWanted) -> dict[str, Any]:
    """The columns by which an article is found."""
    place = wanted.place
    known = words_of.all_words(f"{wanted.title} {wanted.description} {place.district}")
    return {"words": sorted(set(known)), "city_key": city_of(place.city)}


def articles(sought: Sought, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of what is for sale, newest first. Three queries."""
    return _page(f"second-hand:{sought}", [Article.state == OPEN, on_sale_state(), *_narrowed(sought)], limit, cursor)


def articles_of(person_id: UUID, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of a person's own articles in any state, newest first, with the order of what was sold. Four queries."""
    found = _page(f"me/second-hand:{person_id}", [Article.seller_id == person_id], limit, cursor)
    return {**found, "items": with_orders(found["items"])}


def article_page(article_id: UUID, person_id: UUID | None) -> dict[str, Any]:
    """One article with its pictures: to everybody what is for sale or was sold, to its seller any. Raises Refused 404.
    Five queries."""
    row = db.session.execute(_wanted().add_columns(taken_down()).where(Article.id == article_id)).first()
    own = row is not None and row[0].seller_id == person_id
    if row is None or not (own or _is_seen(*row)):
        raise missing("没有这件闲置", "There is no such article.")
    article, is_on_sale, is_down = row
    pictures = [picture(one, "full", signed=is_down) for one in pictures_of([article_id])[article_id]]
    whole = {**_shown([(article, is_on_sale)])[0], "pictures": pictures, "description": article.description}
    return with_orders([whole])[0] if own else {**whole, "shop_id": None, "order_id": None}


def _is_seen(article: Article, is_on_sale: bool, is_down: bool) -> bool:
    """Whether everybody may see an article."""
    return (article.state == OPEN and is_on_sale) or (article.state == SOLD and not is_down)


def with_orders(shown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The seller's view: with the paid order of each that is sold. One query."""
    sold = {one["id"]: (one["purchase_id"], one["shop_id"]) for one in shown if one["state"] == SOLD}
    wanted = select(Order.id, Order.purchase_id, Order.shop_id)
    pairs = tuple_(Order.purchase_id, Order.shop_id).in_(list(sold.values()))
    orders = {(row[1], row[2]): row[0] for row in db.session.execute(wanted.where(pairs))} if sold else {}
    return [{**one, "order_id": orders.get(sold[one["id"]]) if one["id"] in sold else None} for one in shown]


def _all_words() -> list[str]:
    return [*PROHIBITED, *db.session.scalars(select(ProhibitedWord.word))]


def _narrowed(sought: Sought) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.city:
        found.append(Article.city_key == city_of(sought.city))
    if sought.district:
        found.append(Article.district.startswith(sought.district, autoescape=True))
    asked = list(words_of.words(sought.q)) if sought.q else []
    if asked:
        found.append(Article.words.contains(asked))
    if sought.condition:
        found.append(Article.condition == sought.condition)
    if sought.way:
        found.append(Article.way == sought.way)
    return found + ([Article.price <= sought.most] if sought.most is not None else [])


def _wanted() -> Any:
    return select(Article, on_sale_state()).join(Product, Product.id == Article.id)


def _page(scope: str, which: Collection[ColumnElement[bool]], limit: int, cursor: str | None) -> dict[str, Any]:
    place = paging.values_of(scope, cursor)
    wanted = _wanted().where(*which)
    if place is not None:
        wanted = wanted.where(
            tuple_(Article.listed_at, Article.id) < (datetime.fromisoformat(place[0]), UUID(place[1]))
        )
    newest = wanted.order_by(Article.listed_at.desc(), Article.id.desc()).limit(limit + 1)
    rows = [(row[0], row[1]) for row in db.session.execute(newest)]
    last = rows[limit - 1][0] if len(rows) > limit else None
    following = paging.cursor(scope, [iso(last.listed_at), str(last.id)]) if last else None
    return {"items": _shown(rows[:limit]), "next": following}


def _shown(rows: Sequence[tuple[Article, bool]]) -> list[dict[str, Any]]:
    """Articles for JSON, each with whether its goods are on sale. Two queries."""
    sellers = author_cards({one.seller_id for one, _ in rows})
    cards = {one: orjson.loads(card) for one, card in product_cards([one.id for one, _ in rows]).items()}
    return [
        {
            "id": one.id,
            "kind": "article",
            **{name: getattr(one, name) for name in _TOLD},
            "place": {"province": one.province, "city": one.city, "district": one.district},
            "state": one.state,
            "is_reserved": one.state == OPEN and not cards.get(one.id, {}).get("in_stock", False),
            "is_for_sale": one.state == OPEN and is_on_sale,
            "seller": sellers.get(one.seller_id),
            "cover": cards.get(one.id, {}).get("cover"),
            "listed_at": iso(one.listed_at),
        }
        for one, is_on_sale in rows
    ]


_TOLD = ("title", "condition", "way", "price", "sku_id", "shop_id", "why", "purchase_id")
