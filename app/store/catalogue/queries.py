"""Questions about goods. Hot ones join JSON that the writer prepared; stock and price are always of this moment."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, exists, func, literal, select, text, tuple_

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import bad_field, missing
from app.core.plain import Prepared, prepared
from app.people.uploads.models import Upload
from app.people.uploads.queries import picture
from app.store.catalogue.models import (
    DRAFT,
    ON_SALE,
    Category,
    Product,
    ProductBrief,
    ProductDetail,
    ProductPicture,
    ProductTakeDown,
    Sku,
)
from app.store.inventory.models import Stock
from app.store.resale.models import Resold
from app.store.resale.queries import DRAWN_ON, JOINED, STOPPED
from app.store.shops.models import GOODS, OWNER, Shop, Staff
from app.store.shops.queries import check_right, is_closed


@dataclass(frozen=True, slots=True)
class SellableSku:
    """What a checkout must know of a variant; price in 分, of this moment. `picture` is the cover's upload id;
    `stock_sku_id` whose stock is sold, its own or, of resold goods, that of the supplier's SKU (resale.models)."""

    sku_id: UUID
    product_id: UUID
    shop_id: UUID
    title: str
    sku_name: str
    price: int
    product_state: str
    picture: UUID | None
    is_taken_down: bool
    is_shop_closed: bool
    is_resale_stopped: bool
    stock_sku_id: UUID
    supplier_id: UUID | None
    supply_price: int | None

    @property
    def is_on_sale(self) -> bool:
        is_stopped = self.is_taken_down or self.is_shop_closed or self.is_resale_stopped
        return self.product_state == ON_SALE and not is_stopped


def taken_down() -> ColumnElement[bool]:
    """SQL: a moderator has taken this Product down."""
    return exists().where(ProductTakeDown.product_id == Product.id)


def is_visible() -> ColumnElement[bool]:
    """SQL: people may see this Product, on sale or not."""
    return and_(Product.state != DRAFT, ~taken_down())


def on_sale_state() -> ColumnElement[bool]:
    """SQL: this Product is on sale, not taken down, its shop open; whether any is left is another question."""
    return and_(Product.state == ON_SALE, ~taken_down(), ~is_closed(Product.shop_id))


def product_or_missing(product_id: UUID) -> Product:
    """A product that people may see. Raises Refused 404 for others, and for drafts and what is taken down."""
    found = db.session.scalar(select(Product).where(Product.id == product_id, is_visible()))
    if found is None:
        raise missing("没有这件商品", "There is no such product.")
    return found


def sellable_skus(sku_ids: Collection[UUID]) -> dict[UUID, SellableSku]:
    """These variants by id, also of products that are off, drafts or taken down: ask `is_on_sale`. One query."""
    if not sku_ids:
        return {}
    return {row[0]: SellableSku(*row) for row in _SELLABLE.rows(ids=list(sku_ids))}


_IS_TAKEN_DOWN = "EXISTS (SELECT FROM catalogue_takedowns d WHERE d.product_id = p.id)"
_IS_CLOSED = "EXISTS (SELECT FROM shops_closures o WHERE o.shop_id = p.shop_id)"
_IS_LEFT = f"(t.available > 0 AND NOT {STOPPED})"
_COVER = "LEFT JOIN catalogue_pictures c ON c.product_id = p.id AND c.position = 0"
_SELLABLE = prepared(
    f"SELECT s.id AS sku_id, p.id, p.shop_id, p.title, s.name, s.price, p.state, c.upload_id, {_IS_TAKEN_DOWN},"
    f" {_IS_CLOSED} AS is_shop_closed, {STOPPED} AS is_stopped, {DRAWN_ON} AS stock_sku_id, r.supplier_id,"
    f" ro.supply_price FROM catalogue_skus s JOIN catalogue_products p ON p.id = s.product_id {_COVER}"
    f" {JOINED} WHERE s.id = ANY(:ids)"
)
_BRIEFS = prepared(
    f"SELECT p.id, p.title, p.shop_id, c.upload_id, p.state, {_IS_TAKEN_DOWN}"
    f" FROM catalogue_products p {_COVER} WHERE p.id = ANY(:ids)"
)


def skus_of(product_ids: Collection[UUID]) -> dict[UUID, list[Sku]]:
    """The variants of these products, each in its order. One query."""
    found: dict[UUID, list[Sku]] = {one: [] for one in product_ids}
    if found:
        wanted = select(Sku).where(Sku.product_id.in_(found)).order_by(Sku.position, Sku.id)
        for sku in db.session.scalars(wanted):
            found[sku.product_id].append(sku)
    return found


def product_briefs(ids: Collection[UUID]) -> dict[UUID, ProductBrief]:
    """The little of these products, whatever their state. One query."""
    if not ids:
        return {}
    return {row[0]: ProductBrief(*row) for row in _BRIEFS.rows(ids=list(ids))}


def product_details(ids: Collection[UUID]) -> dict[UUID, ProductDetail]:
    """What search has to know of these products; invisible ones are absent. One query."""
    if not ids:
        return {}
    attributes = func.coalesce(func.jsonb_agg(Sku.attributes).filter(Sku.id.is_not(None)), text("'[]'::jsonb"))
    rows = db.session.execute(
        select(
            Product,
            func.coalesce(Category.name, ""),
            Shop.name,
            func.min(Sku.price),
            func.coalesce(func.bool_or(Stock.available > 0), False) & ~is_closed(Product.shop_id),
            attributes,
        )
        .join(Shop, Shop.id == Product.shop_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .outerjoin(Sku, Sku.product_id == Product.id)
        .outerjoin(Resold, Resold.sku_id == Sku.id)
        .outerjoin(Stock, Stock.sku_id == func.coalesce(Resold.stock_sku_id, Sku.id))
        .where(Product.id.in_(ids), is_visible())
        .group_by(Product.id, Category.name, Shop.name)
    )
    return {row[0].id: _detail(*row) for row in rows}


def _detail(
    product: Product, category: str, shop: str, price: int | None, has_stock: bool, attributes: list[dict[str, Any]]
) -> ProductDetail:
    return ProductDetail(
        id=product.id,
        title=product.title,
        description=product.description,
        brand=product.brand,
        category=category,
        shop=shop,
        shop_id=product.shop_id,
        attributes=tuple(dict.fromkeys(str(value) for one in attributes for value in one.values())),
        price=price,
        in_stock=has_stock and product.state == ON_SALE,
        created_at=product.created_at,
        changed_at=product.changed_at,
    )


_PAGE = Prepared(
    "SELECT p.page, string_agg(s.fragment || convert_to(',\"stock\":' || coalesce(t.available, 0)"
    f"   || ',\"in_stock\":' || coalesce(p.state = 'on_sale' AND {_IS_LEFT} AND NOT {_IS_CLOSED}, false)::text"
    "   || '}', 'UTF8'), ','::bytea ORDER BY s.position, s.id),"
    f"  min(s.price), coalesce(p.state = 'on_sale' AND bool_or{_IS_LEFT} AND NOT {_IS_CLOSED}, false),"
    "  d.reason, d.at, p.state = 'draft' OR d.at IS NOT NULL"
    " FROM catalogue_products p LEFT JOIN catalogue_skus s ON s.product_id = p.id"
    f" {JOINED} LEFT JOIN inventory_stock t ON t.sku_id = {DRAWN_ON}"
    " LEFT JOIN catalogue_takedowns d ON d.product_id = p.id"
    " WHERE p.id = %(id)s AND (%(inside)s OR (p.state <> 'draft' AND d.product_id IS NULL))"
    " GROUP BY p.id, d.product_id"
)


def product_page(product_id: UUID, inside: bool = False) -> bytes:
    """The whole JSON of a product. `inside`: for its shop, also drafts and what is taken down. One query, and for what
    people may not see one more: its pictures are not public then, so their URLs are signed. Raises Refused 404."""
    found = _PAGE.row(id=product_id, inside=inside)
    if found is None:
        raise missing("没有这件商品", "There is no such product.")
    page, skus, price, in_stock, reason, at, is_hidden = found
    price_text = b"null" if price is None else b"%d" % price
    rest = b"".join((b',"price":', price_text, b',"in_stock":', b"true" if in_stock else b"false"))
    takedown = orjson.dumps({"reason": reason, "at": iso(at)} if at else None)
    head = _with_signed_pictures(product_id, page) if is_hidden else page
    return b"".join((head, rest, b',"takedown":', takedown, b',"skus":[', skus or b"", b"]}"))


def _with_signed_pictures(product_id: UUID, page: bytes) -> bytes:
    shown = [{"id": one.id, **picture(one, "full", signed=True)} for one in pictures_of([product_id])[product_id]]
    return orjson.dumps({**orjson.loads(page + b"}"), "pictures": shown})[:-1]


_CARDS = Prepared(
    "SELECT p.id, p.card || convert_to(',\"price\":' || coalesce(min(s.price)::text, 'null') || ',\"in_stock\":'"
    f"  || coalesce(p.state = 'on_sale' AND bool_or{_IS_LEFT} AND NOT {_IS_CLOSED}, false)::text || '}}', 'UTF8')"
    " FROM catalogue_products p LEFT JOIN catalogue_skus s ON s.product_id = p.id"
    f" {JOINED} LEFT JOIN inventory_stock t ON t.sku_id = {DRAWN_ON}"
    " WHERE p.id = ANY(%(ids)s) AND p.state <> 'draft'"
    "  AND NOT EXISTS (SELECT FROM catalogue_takedowns d WHERE d.product_id = p.id)"
    " GROUP BY p.id"
)


def product_cards(ids: Collection[UUID]) -> dict[UUID, bytes]:
    """The card of each of these products that people may see: {id, kind, title, cover, shop, price, in_stock}. One
    query. Goods that are off have in_stock false."""
    if not ids:
        return {}
    return {row[0]: row[1] for row in _CARDS.rows(ids=list(ids))}


def category_list(limit: int, cursor: str | None) -> tuple[list[Category], str | None]:
    """A page of categories in their order, and the cursor of the next page. One query."""
    place = paging.values_of("categories", cursor)
    wanted = select(Category).order_by(Category.position, Category.name).limit(limit + 1)
    if place is not None:
        wanted = wanted.where(tuple_(Category.position, Category.name) > tuple(place))
    found = list(db.session.scalars(wanted))
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], paging.cursor("categories", [last.position, last.name])


def pictures_of(product_ids: Collection[UUID]) -> dict[UUID, list[Upload]]:
    """The pictures of these products, each in its order. One query."""
    found: dict[UUID, list[Upload]] = {one: [] for one in product_ids}
    if found:
        wanted = select(ProductPicture.product_id, Upload).join(Upload, Upload.id == ProductPicture.upload_id)
        mine = wanted.where(ProductPicture.product_id.in_(found)).order_by(ProductPicture.position)
        for product_id, upload in db.session.execute(mine):
            found[product_id].append(upload)
    return found


def locked_product(product_id: UUID, staffed_by: UUID | None = None) -> Product:
    """The product, its row locked; of a shop where `staffed_by`, if given, may change goods. Refused 404, 403."""
    wanted = select(Product, literal(OWNER)).where(Product.id == product_id)
    if staffed_by is not None:
        works_there = (Staff.shop_id == Product.shop_id, Staff.person_id == staffed_by)
        wanted = select(Product, Staff.role).join(Staff, and_(*works_there)).where(Product.id == product_id)
    locking = wanted.with_for_update(of=Product, key_share=True).execution_options(populate_existing=True)
    found = db.session.execute(locking).first()
    if found is None:
        raise missing("没有这件商品", "There is no such product.")
    check_right(found[1], GOODS)
    return found[0]


def product_of_staff(product_id: UUID, person_id: UUID) -> tuple[Product, Shop, str | None]:
    """A product of a shop where this person works, the shop, and why it was taken down. Raises Refused 404."""
    wanted = select(Product, Shop, ProductTakeDown.reason).join(Shop, Shop.id == Product.shop_id)
    wanted = wanted.outerjoin(ProductTakeDown, ProductTakeDown.product_id == Product.id)
    mine = Product.shop_id.in_(select(Staff.shop_id).where(Staff.person_id == person_id))
    row = db.session.execute(wanted.where(Product.id == product_id, mine)).first()
    if row is None:
        raise missing("没有这件商品", "There is no such product.")
    return row[0], row[1], row[2]


def product_of_sku(sku_id: UUID, person_id: UUID) -> Product:
    """The product that this variant is of, its row locked, of a shop where this person works. Raises Refused 404."""
    found = db.session.scalar(select(Sku.product_id).where(Sku.id == sku_id))
    if found is None:
        raise missing("没有这件商品", "There is no such product.")
    return locked_product(found, staffed_by=person_id)


def products_by_number(shop_id: UUID, numbers: Collection[str]) -> dict[str, Product]:
    """Those of a shop's products that have these numbers of its own, locked in the order of their ids. Two queries."""
    ids = list(db.session.scalars(_BY_NUMBER, {"shop_id": shop_id, "numbers": list(numbers)}))
    mine = select(Product).where(Product.id.in_(ids)).order_by(Product.id)
    locking = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {one.external_id or "": one for one in db.session.scalars(locking)}


# One look into the index for each number: without statistics, as in a new database, the planner would rather read the
# whole shop.
_BY_NUMBER = text(
    "SELECT found.id FROM unnest(CAST(:numbers AS text[])) AS n (number) CROSS JOIN LATERAL ("
    " SELECT p.id FROM catalogue_products p WHERE p.shop_id = :shop_id AND p.external_id = n.number LIMIT 1) AS found"
)


def category_or_refused(category_id: UUID | None) -> Category | None:
    """The category, None for no id. Raises Refused 422 for one that does not exist."""
    found = db.session.get(Category, category_id) if category_id is not None else None
    if category_id is not None and found is None:
        raise bad_field("category_id", "没有这个分类", "No such category.")
    return found
