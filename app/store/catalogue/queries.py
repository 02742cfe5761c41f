"""Questions about goods. Hot ones join JSON that the writer prepared; stock and price are always of this moment."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, exists, func, literal, select, text

from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.plain import Prepared, prepared, unseen
from app.people.uploads.models import Upload
from app.people.uploads.queries import picture
from app.store.catalogue.kinds import KINDS
from app.store.catalogue.models import (
    DRAFT,
    IN_REVIEW,
    ON_SALE,
    Product,
    ProductBrief,
    ProductDetail,
    ProductLog,
    ProductPicture,
    ProductTakeDown,
)
from app.store.categories.models import PHYSICAL, RETURN_DAYS, Category
from app.store.inventory.models import Stock
from app.store.resale.models import Resold
from app.store.resale.queries import DRAWN_ON, JOINED, STOPPED
from app.store.shops.models import GOODS, OWNER, SEE, Shop, Staff
from app.store.shops.queries import acting_role, check_right, is_closed
from app.store.variants.models import SOLD, Sku


@dataclass(frozen=True, slots=True)
class SellableSku:
    """What a checkout must know of a variant; price in 分, of this moment. `picture` is the cover's upload id;
    `stock_sku_id` whose stock is sold, its own or, of resold goods, that of the supplier's SKU (resale.models).

    One buyer takes at least `min_units` at a time, and at most `max_units` in all (None: no limit). `weight` in grams;
    `warehouse` where it lies (None: the shop's own); `goods_kind` as categories.models says; `in_person`: no parcel
    brings it; `personal`: sold by a person. So many are `available` (None: it never had stock); only holds are sure.
    """

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
    sku_state: str = SOLD
    min_units: int = 1
    max_units: int | None = None
    weight: int = 0
    goods_kind: str = PHYSICAL
    category_id: UUID | None = None
    category_days: int = RETURN_DAYS
    warehouse: UUID | None = None
    available: int | None = None
    shop_name: str = ""
    in_person: bool = False
    personal: bool = True

    @property
    def is_on_sale(self) -> bool:
        is_stopped = self.is_taken_down or self.is_shop_closed or self.is_resale_stopped
        return self.product_state == ON_SALE and self.sku_state == SOLD and not is_stopped

    @property
    def return_days(self) -> int:
        """Days after it came in which it may be sent back without a reason."""
        return KINDS[self.goods_kind].return_days(self.category_days)

    @property
    def needs_address(self) -> bool:
        return KINDS[self.goods_kind].needs_address


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
    " ro.supply_price, s.state AS sku_state, s.min_units, s.max_units, s.weight, p.goods_kind, p.category_id,"
    f" coalesce(p.return_days, g.return_days, {RETURN_DAYS})::bigint AS category_days, t.warehouse_id, t.available,"
    " h.name AS shop_name, p.in_person, h.of_person AS personal"
    " FROM catalogue_skus s JOIN catalogue_products p ON p.id = s.product_id JOIN shops_shops h ON h.id = p.shop_id"
    f" {_COVER} {JOINED} LEFT JOIN catalogue_categories g ON g.id = p.category_id"
    f" LEFT JOIN inventory_stock t ON t.sku_id = {DRAWN_ON} WHERE s.id = ANY({unseen('ids')})"
)
_BRIEFS = prepared(
    f"SELECT p.id, p.title, p.shop_id, c.upload_id, p.state, {_IS_TAKEN_DOWN}"
    f" FROM catalogue_products p {_COVER} WHERE p.id = ANY(:ids)"
)


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
        .outerjoin(Sku, and_(Sku.product_id == Product.id, Sku.state == SOLD))
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
    " FROM catalogue_products p LEFT JOIN catalogue_skus s ON s.product_id = p.id AND s.state = 'on_sale'"
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
    " FROM catalogue_products p LEFT JOIN catalogue_skus s ON s.product_id = p.id AND s.state = 'on_sale'"
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


def pictures_of(product_ids: Collection[UUID]) -> dict[UUID, list[Upload]]:
    """The pictures of these products, each in its order. One query."""
    found: dict[UUID, list[Upload]] = {one: [] for one in product_ids}
    if found:
        wanted = select(ProductPicture.product_id, Upload).join(Upload, Upload.id == ProductPicture.upload_id)
        mine = wanted.where(ProductPicture.product_id.in_(found)).order_by(ProductPicture.position)
        for product_id, upload in db.session.execute(mine):
            found[product_id].append(upload)
    return found


def locked_product(product_id: UUID, staffed_by: UUID | None = None, right: str = GOODS) -> Product:
    """The product, its row locked; of a shop where `staffed_by`, if given, has this right. Refused 404, 403."""
    wanted = select(Product, literal(OWNER)).where(Product.id == product_id)
    if staffed_by is not None:
        works_there = and_(Staff.shop_id == Shop.id, Staff.person_id == staffed_by)
        wanted = wanted.with_only_columns(Product, acting_role()).join(Shop).join(Staff, works_there)
    locking = wanted.with_for_update(of=Product, key_share=True).execution_options(populate_existing=True)
    found = db.session.execute(locking).first()
    if found is None:
        raise missing("没有这件商品", "There is no such product.")
    if staffed_by is not None:
        check_right(found[1], right)
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


def shop_of_sku(sku_id: UUID, person_id: UUID, right: str = SEE) -> UUID:
    """The shop that sells this variant, if this person has this right there. Raises Refused 404, 403."""
    works_there = and_(Staff.shop_id == Shop.id, Staff.person_id == person_id)
    wanted = select(Product.shop_id, acting_role()).join(Shop).join(Staff, works_there)
    found = db.session.execute(wanted.join(Sku, Sku.product_id == Product.id).where(Sku.id == sku_id)).first()
    if found is None:
        raise missing("没有这件商品", "There is no such product.")
    check_right(found[1], right)
    return found[0]


def is_offered(product: Product) -> bool:
    """Whether it is on sale at this moment."""
    return product.state == ON_SALE and db.session.get(ProductTakeDown, product.id) is None


def why_sent_back(product_id: UUID) -> str | None:
    """What a moderator said when he sent a product back, if that was the last that was done to it. One query."""
    last = select(ProductLog).where(ProductLog.product_id == product_id).order_by(ProductLog.id.desc()).limit(1)
    row = db.session.scalar(last)
    return row.why if row is not None and row.before == IN_REVIEW and row.after != ON_SALE else None
