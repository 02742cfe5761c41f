"""Questions about what is on sale where, and, for its staff, about all that a shop has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, cast, exists, func, select, true, tuple_, union

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.people.uploads.models import Upload
from app.people.uploads.queries import Picture, picture
from app.store.catalogue.models import DRAFT, ON_SALE, Product, ProductTakeDown
from app.store.catalogue.queries import on_sale_state, pictures_of, product_cards
from app.store.categories.models import Category
from app.store.categories.queries import in_subtree
from app.store.inventory.models import Stock
from app.store.resale.models import Resold
from app.store.shops.models import Staff
from app.store.shops.queries import is_outside, is_staff
from app.store.variants.models import Sku

TAKEN_DOWN = "taken_down"
LOOKED_AT = 5000
"""So many titles are looked at where goods are chosen by words; some 10 ms."""
Columns = tuple[Any, ...]
Rows = Sequence[Row[*Columns]]
_SOURCE = select(Resold.stock_sku_id).where(Resold.sku_id == Sku.id).correlate(Sku).scalar_subquery()
_DRAWN_ON = func.coalesce(_SOURCE, Sku.id)
"""SQL: the SKU whose stock is sold, the supplier's of what is resold."""
_ON_SALE = b',"state":"on_sale","takedown":null}'


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """Goods as their shop's staff see them in a list: `low` and `high` prices in 分 (None: no variant), units left.

    `reason`: why a moderator took them down, None if nobody did.
    """

    id: UUID
    title: str
    state: str
    reason: str | None
    cover: Picture | None
    low: int | None
    high: int | None
    stock: int


def cards_of_shop(
    shop_id: UUID, asker_id: UUID | None, limit: int, cursor: str | None
) -> tuple[list[bytes], str | None]:
    """A page of cards of a shop's goods with `state` and `takedown`, newest first, and the next cursor.

    To its staff all goods, to others what is on sale. Two queries for a stranger, three for a person; for staff one
    more where something is hidden.
    """
    mine = Product.shop_id == shop_id
    if asker_id is not None and is_staff(shop_id, asker_id):
        rows, next_cursor = _page(f"shop:{shop_id}:inside", _INSIDE.where(mine), limit, cursor)
        return _inside_cards(rows), next_cursor
    cards, next_cursor = _card_page(f"shop:{shop_id}", mine, limit, cursor)
    return [card[:-1] + _ON_SALE for card in cards], next_cursor


def cards_of_category(category_id: UUID, limit: int, cursor: str | None) -> tuple[list[bytes], str | None]:
    """A page of cards of what is on sale of a category and all below it, newest first, and the next cursor.

    Two queries. Of each category as many are looked up as the page has, by the index: so a category of a hundred
    thousand goods costs what a small one costs.
    """
    scope = f"category:{category_id}"
    place = paging.values_of(scope, cursor)
    each = select(Product.id, Product.created_at).where(Product.category_id == Category.id, in_the_mall())
    if place is not None:
        each = each.where(tuple_(Product.created_at, Product.id) < (datetime.fromisoformat(place[0]), UUID(place[1])))
    newest = each.order_by(Product.created_at.desc(), Product.id.desc()).limit(limit + 1).lateral("newest")
    wanted = select(newest.c.id, newest.c.created_at).select_from(Category).join(newest, true())
    wanted = wanted.where(in_subtree(category_id)).order_by(newest.c.created_at.desc(), newest.c.id.desc())
    rows = db.session.execute(wanted.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    cards = product_cards([row.id for row in rows[:limit]])
    following = paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None
    return [cards[row.id] for row in rows[:limit] if row.id in cards], following


def goods_of_shop(
    shop_id: UUID, limit: int, cursor: str | None, words: Sequence[str] = (), state: str = ""
) -> tuple[list[GoodsLine], str | None]:
    """A page of a shop's goods for its staff, newest first, and the next cursor: with all these words in the title, and
    of this state (a state of a product, or TAKEN_DOWN) unless it is "". Three queries."""
    wanted = select(Product.id, Product.created_at, Product.title, Product.state, ProductTakeDown.reason)
    wanted = wanted.outerjoin(ProductTakeDown, ProductTakeDown.product_id == Product.id)
    wanted = wanted.where(Product.shop_id == shop_id, *_titled(words), *_of_state(state))
    rows, following = _page(f"portal/shop:{shop_id}:{state}:{' '.join(words)}", wanted, limit, cursor)
    ids = [row.id for row in rows]
    units = func.coalesce(func.sum(Stock.available), 0)
    sums = select(Sku.product_id, func.min(Sku.price), func.max(Sku.price), cast(units, BigInteger))
    by_product = (
        sums.outerjoin(Stock, Stock.sku_id == _DRAWN_ON).where(Sku.product_id.in_(ids)).group_by(Sku.product_id)
    )
    found = {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(by_product)}
    shown = pictures_of(ids)
    covers = {one: picture(shown[one][0], "thumb", signed=True) if shown[one] else None for one in ids}
    goods = [
        GoodsLine(row.id, row.title, row.state, row.reason, covers[row.id], *found.get(row.id, (None, None, 0)))
        for row in rows
    ]
    return goods, following


def in_the_mall() -> ColumnElement[bool]:
    """SQL: this Product is on sale, and its shop shows its goods in the mall's lists and search."""
    return and_(on_sale_state(), ~is_outside(Product.shop_id))


def goods_after(shop_id: UUID, after: UUID, most: int) -> list[UUID]:
    """Ids of a shop's goods above `after`, in their order. One query."""
    wanted = select(Product.id).where(Product.shop_id == shop_id, Product.id > after)
    return list(db.session.scalars(wanted.order_by(Product.id).limit(most)))


def titled_goods(words: Sequence[str], person_id: UUID, most: int) -> list[UUID]:
    """Ids of what is on sale with all these words in its title, none for no words: first what the shops have where this
    person works, then the newest. One query.

    It looks at the titles of the newest LOOKED_AT goods of his shops and of all: for choosing goods, where search's own
    index may not be asked (the floors above do).
    """
    if not words:
        return []
    shops = select(Staff.shop_id).where(Staff.person_id == person_id)
    newest_first = (Product.created_at.desc(), Product.id.desc())
    own = select(Product.id).where(Product.shop_id.in_(shops)).order_by(*newest_first).limit(LOOKED_AT)
    latest = select(Product.id).order_by(Product.id.desc()).limit(LOOKED_AT)  # a UUIDv7 begins with its time
    looked_at = union(select(own.subquery()), select(latest.subquery())).subquery()
    wanted = select(Product.id).join(looked_at, looked_at.c.id == Product.id).where(on_sale_state(), *_titled(words))
    return list(db.session.scalars(wanted.order_by(Product.shop_id.in_(shops).desc(), *newest_first).limit(most)))


def newest_of_shop(shop_id: UUID, most: int) -> list[UUID]:
    """Ids of the newest goods of a shop. One query."""
    mine = select(Product.id).where(Product.shop_id == shop_id)
    return list(db.session.scalars(mine.order_by(Product.created_at.desc(), Product.id.desc()).limit(most)))


def skus_to_offer(shop_id: UUID, most: int) -> list[tuple[UUID, str, str, int]]:
    """(SKU, title, name of the variant, price) of a shop's newest own goods on sale, not of what it resells. One
    query."""
    mine = select(Sku.id, Product.title, Sku.name, Sku.price).join(Product, Product.id == Sku.product_id)
    mine = mine.where(Product.shop_id == shop_id, on_sale_state(), _SOURCE.is_(None))
    newest = mine.order_by(Product.created_at.desc(), Sku.product_id, Sku.position).limit(most)
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(newest)]


def newest_of_staff(person_id: UUID, most: int) -> list[UUID]:
    """Ids of the newest goods on sale of the shops where a person works. One query."""
    shops = select(Staff.shop_id).where(Staff.person_id == person_id)
    wanted = select(Product.id).where(Product.shop_id.in_(shops), on_sale_state())
    return list(db.session.scalars(wanted.order_by(Product.created_at.desc(), Product.id.desc()).limit(most)))


def _titled(words: Sequence[str]) -> list[ColumnElement[bool]]:
    return [Product.title.icontains(word, autoescape=True) for word in words]


def _of_state(state: str) -> list[ColumnElement[bool]]:
    """As staff are shown it, of products with their take-down beside them: what was taken down is that, whatever its
    own state."""
    if not state:
        return []
    is_up = ProductTakeDown.product_id.is_(None)
    return [~is_up] if state == TAKEN_DOWN else [Product.state == state, is_up]


def _card_page(
    scope: str, which: ColumnElement[bool], limit: int, cursor: str | None
) -> tuple[list[bytes], str | None]:
    wanted = select(Product.id, Product.created_at).where(which, on_sale_state())
    rows, next_cursor = _page(scope, wanted, limit, cursor)
    cards = product_cards([row.id for row in rows])
    return [cards[row.id] for row in rows if row.id in cards], next_cursor


def _page(scope: str, wanted: Select[*Columns], limit: int, cursor: str | None) -> tuple[Rows, str | None]:
    """The rows of a page of products, newest first, with at least their `id` and `created_at`."""
    place = paging.values_of(scope, cursor)
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(Product.created_at, Product.id) < before)
    newest_first = wanted.order_by(Product.created_at.desc(), Product.id.desc()).limit(limit + 1)
    rows = db.session.execute(newest_first).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None


_HAS_STOCK = exists().where(Sku.product_id == Product.id, Stock.sku_id == _DRAWN_ON, Stock.available > 0)
_INSIDE = select(
    Product.id,
    Product.created_at,
    Product.card,
    Product.state,
    ProductTakeDown.reason,
    ProductTakeDown.at,
    select(func.min(Sku.price)).where(Sku.product_id == Product.id).scalar_subquery().label("price"),
    and_(Product.state == ON_SALE, _HAS_STOCK).label("in_stock"),
).outerjoin(ProductTakeDown, ProductTakeDown.product_id == Product.id)


def _inside_cards(rows: Rows) -> list[bytes]:
    """Pictures of what people may not see are not public, so the URLs of its cover are signed."""
    hidden = pictures_of([row.id for row in rows if row.state == DRAFT or row.at is not None])
    return [orjson.dumps(_inside_card(row) | _signed_cover(hidden.get(row.id, ()))) for row in rows]


def _inside_card(row: Row[*Columns]) -> dict[str, Any]:
    told = {"price": row.price, "in_stock": row.in_stock, "state": row.state}
    takedown = {"reason": row.reason, "at": iso(row.at)} if row.at else None
    return {**orjson.loads(row.card + b"}"), **told, "takedown": takedown}


def _signed_cover(shown: Sequence[Upload]) -> dict[str, Any]:
    return {"cover": picture(shown[0], "card", signed=True)} if shown else {}
