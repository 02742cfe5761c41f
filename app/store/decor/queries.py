"""Questions about pages of shops. A page is read in a constant number of queries, whatever stands on it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, func, literal, select, union_all

from app.core import clock
from app.core.db import db
from app.people.uploads.queries import picture, uploads_by_id
from app.store.catalogue.models import Product
from app.store.catalogue.queries import on_sale_state, product_cards
from app.store.categories.models import Category
from app.store.decor.models import (
    BEST,
    BEST_OF_DAYS,
    CATEGORY,
    GOODS,
    MOST_GOODS,
    NEWEST,
    PRODUCT,
    SECTION,
    SHOWN,
    Banner,
    Content,
    Look,
    Section,
    ShopPage,
    look_of,
    row_of,
)
from app.store.fulfilment.models import LineProgress, OrderProgress
from app.store.onboarding.queries import brands_of
from app.store.orders.models import OrderLine
from app.store.scores.queries import score_json
from app.store.shelves.queries import cards_of_shop
from app.store.shops.models import OPEN, Shop
from app.store.shops.queries import shop_or_missing, state_of

CHOICES = 200
"""So many goods are offered where one is chosen for a page."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A section with the cards of its goods, ready JSON."""

    section: Section
    cards: Sequence[bytes]


def shop_json(shop: Shop) -> dict[str, Any]:
    """A shop as everybody sees it. Three queries."""
    brands = brands_of([shop.id])[shop.id]
    kinds = {one["type"] for one in brands}
    told = {"id": shop.id, "kind": "shop", "name": shop.name, "created_at": shop.created_at}
    kind = "flagship" if "flagship" in kinds else "authorised" if kinds else "ordinary"
    found = {"state": state_of(shop.id), "in_mall": shop.in_mall, "score": score_json(shop.id)}
    return {**told, **found, "type": kind, "brands": brands}


def look(shop_id: UUID) -> Look:
    """How the shop's page is arranged. One query."""
    return look_of(db.session.get(ShopPage, shop_id))


def page_json(shop_id: UUID) -> dict[str, Any]:
    """The page of a shop with the cards of what may be bought now. Raises Refused 404."""
    shop = shop_or_missing(shop_id)
    arranged = look(shop_id)
    featured, sections, seen = goods_on(shop_id, arranged)
    return {
        "id": shop.id,
        "kind": "shop_page",
        "shop": shop_json(shop),
        "theme": arranged.theme,
        "tagline": arranged.tagline,
        "version": arranged.version,
        "banners": shown_banners(arranged.content, seen),
        "featured": [orjson.Fragment(one) for one in featured],
        "sections": [
            {
                "id": one.section.id,
                "title": one.section.title,
                "sort": one.section.sort,
                "category_id": one.section.category_id,
                "goods": [orjson.Fragment(card) for card in one.cards],
            }
            for one in sections
        ],
    }


def arrangement_json(shop_id: UUID) -> dict[str, Any]:
    """The page as it is arranged, in ids. One query."""
    found = look(shop_id)
    told = {"theme": found.theme, "tagline": found.tagline, "version": found.version}
    return {"id": shop_id, "kind": "arrangement", **told, **row_of(found.content)}


def goods_on(shop_id: UUID, arranged: Look) -> tuple[list[bytes], list[Filled], set[str]]:
    """(cards of the featured goods, sections with theirs, ids of all named goods that may be seen). Three queries."""
    content = arranged.content
    filling = _filling(shop_id, content.sections)
    named = _on_sale(shop_id, [*content.product_ids(), *(UUID(one) for one in arranged.best)])
    ids = {one.id: _ids_in(one, filling, arranged.best, named) for one in content.sections}
    featured = [UUID(one) for one in content.featured if one in named]
    cards = product_cards({*featured, *(one for some in ids.values() for one in some)})
    sections = [Filled(one, [cards[id_] for id_ in ids[one.id] if id_ in cards]) for one in content.sections]
    return [cards[one] for one in featured if one in cards], sections, named


def shown_banners(content: Content, seen: Collection[str]) -> list[dict[str, Any]]:
    """Banners with their pictures; what leads to goods that are gone leads nowhere. One query."""
    uploads = uploads_by_id([UUID(one.upload_id) for one in content.banners])
    return [
        {
            "id": one.id,
            "picture": picture(uploads[UUID(one.upload_id)], "full"),
            "alt": one.alt,
            "link": _link(one, seen),
        }
        for one in content.banners
        if UUID(one.upload_id) in uploads
    ]


def public_page(shop_id: UUID, cursor: str | None, most: int) -> dict[str, Any]:
    """What the page of a shop in a browser shows: as it is arranged, and a page of all that is on sale. Raises Refused
    404."""
    shop, arranged = shop_json(shop_or_missing(shop_id)), look(shop_id)
    featured, sections, seen = goods_on(shop_id, arranged)
    goods, following = cards_of_shop(shop_id, None, most, cursor)
    return {
        "shop": shop,
        "look": arranged,
        "banners": shown_banners(arranged.content, seen),
        "featured": [orjson.loads(one) for one in featured],
        "sections": [(one.section, [orjson.loads(card) for card in one.cards]) for one in sections if one.cards],
        "goods": [orjson.loads(one) for one in goods],
        "next": following,
        "is_first": not cursor,
    }


def goods_to_choose(shop_id: UUID) -> list[tuple[UUID, str]]:
    """(id, title) of the newest goods that a shop has on sale. One query."""
    mine = select(Product.id, Product.title).where(Product.shop_id == shop_id, on_sale_state())
    rows = db.session.execute(mine.order_by(Product.created_at.desc(), Product.id.desc()).limit(CHOICES))
    return [(row.id, row.title) for row in rows]


def titles_of(ids: Collection[UUID]) -> dict[str, str]:
    """The titles of these goods by their id as text. One query."""
    rows = db.session.execute(select(Product.id, Product.title).where(Product.id.in_(ids))) if ids else ()
    return {str(row[0]): row[1] for row in rows}


def those_of_shop(shop_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    """Those of these goods that are the shop's, whatever their state. One query, none for no ids."""
    if not ids:
        return set()
    return set(db.session.scalars(select(Product.id).where(Product.id.in_(ids), Product.shop_id == shop_id)))


def known_categories(ids: Collection[UUID]) -> set[UUID]:
    """Those of these categories that there are. One query, none for no ids."""
    return set(db.session.scalars(select(Category.id).where(Category.id.in_(ids)))) if ids else set()


def best_sellers(shop_id: UUID) -> list[str]:
    """Ids of the goods of which a shop sold most units in BEST_OF_DAYS, less what was refunded. One query."""
    sold = func.sum(LineProgress.quantity - LineProgress.refunded)
    since = clock.db_now() - func.make_interval(0, 0, 0, BEST_OF_DAYS)
    mine = (OrderProgress.shop_id == shop_id, OrderProgress.began_at >= since)
    wanted = select(OrderLine.product_id).join(LineProgress, LineProgress.line_id == OrderLine.id)
    wanted = wanted.join(OrderProgress, OrderProgress.order_id == LineProgress.order_id).where(*mine)
    most = wanted.group_by(OrderLine.product_id).having(sold > 0).order_by(sold.desc(), OrderLine.product_id)
    return [str(one) for one in db.session.scalars(most.limit(SHOWN))]


def _filling(shop_id: UUID, sections: Sequence[Section]) -> dict[str, list[UUID]]:
    """What stands in the sections that fill themselves with the newest, by their id. One query for all of them."""
    asked = [_newest(shop_id, one) for one in sections if one.sort in {NEWEST, CATEGORY}]
    found: dict[str, list[UUID]] = {one.id: [] for one in sections}
    for section_id, product_id in db.session.execute(union_all(*asked)) if asked else ():
        found[section_id].append(product_id)
    return found


def _newest(shop_id: UUID, section: Section) -> Select[Any]:
    mine = select(literal(section.id), Product.id).where(Product.shop_id == shop_id, on_sale_state())
    if section.sort == CATEGORY and section.category_id:
        mine = mine.where(Product.category_id == UUID(section.category_id))
    newest_first = mine.order_by(Product.created_at.desc(), Product.id.desc()).limit(SHOWN)
    return select(newest_first.subquery())


def _on_sale(shop_id: UUID, ids: Sequence[UUID]) -> set[str]:
    if not ids:
        return set()
    wanted = select(Product.id).where(Product.id.in_(ids), Product.shop_id == shop_id, on_sale_state())
    return {str(one) for one in db.session.scalars(wanted)}


def _ids_in(
    section: Section, filling: Mapping[str, list[UUID]], best: Sequence[str], named: Collection[str]
) -> list[UUID]:
    if section.sort in {GOODS, BEST}:
        wanted = section.goods if section.sort == GOODS else best
        return [UUID(one) for one in wanted if one in named][:MOST_GOODS]
    return filling[section.id]


def _link(banner: Banner, seen: Collection[str]) -> dict[str, str] | None:
    if banner.link == PRODUCT and banner.link_id in seen:
        return {"kind": PRODUCT, "id": str(banner.link_id), "url": f"/goods/{banner.link_id}"}
    if banner.link == SECTION:
        return {"kind": SECTION, "id": str(banner.link_id), "url": f"#section-{banner.link_id}"}
    return None


def is_open(shop_id: UUID) -> bool:
    """Whether the shop sells at all."""
    return state_of(shop_id) == OPEN
