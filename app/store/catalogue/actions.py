"""What is done to goods. Every action locks the product's row first, so that its prepared JSON is never stale."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.core.caller import Caller
from app.core.db import changed, db
from app.core.errors import missing
from app.core.events import emit, emit_all
from app.core.ids import new_id
from app.people.uploads.actions import conceal, show, use_pictures
from app.people.uploads.models import Upload
from app.people.uploads.queries import uploads_by_id
from app.store.catalogue.events import ProductChanged, ProductListed, ProductRestored, ProductTakenDown
from app.store.catalogue.models import (
    ON_SALE,
    Category,
    Goods,
    Product,
    ProductLog,
    ProductPicture,
    ProductTakeDown,
    Sku,
    SkuWanted,
)
from app.store.catalogue.queries import category_or_refused, locked_product, pictures_of, products_by_number, skus_of
from app.store.inventory.actions import set_stock, set_stocks
from app.store.resale.queries import check_resold
from app.store.shops.models import GOODS, Shop
from app.store.shops.queries import require_right, shop_or_missing


def list_product(
    caller: Caller,
    shop_id: UUID,
    *,
    title: str,
    skus: Sequence[SkuWanted],
    description: str = "",
    brand: str = "",
    category_id: UUID | None = None,
    uploads: Sequence[UUID] = (),
    state: str = ON_SALE,
    product_id: UUID | None = None,
    lent: Sequence[Upload] = (),
) -> Product:
    """List goods in a shop that the caller staffs; on sale at once unless `state` says draft. `lent`: pictures of a
    supplier, whose goods these are. Raises Refused: 404 for a shop that is not the caller's, 422 for an unknown
    category or another's picture."""
    shop = require_right(shop_id, caller.person, GOODS)
    shown = _chosen(caller.person, uploads, lent)
    category, stamp = category_or_refused(category_id), _stamp()
    told = {"title": title, "description": description, "brand": brand, "category_id": category_id, "state": state}
    product = Product(id=product_id or new_id(), shop_id=shop.id, created_at=stamp, changed_at=stamp, **told)
    product.write_heads(shop, category, shown)
    db.session.add(product)
    db.session.flush()
    _hang(product, shown)
    _add_skus(product, skus, caller.person)
    emit(ProductListed(product.id))
    return product


def change_product(
    caller: Caller,
    product_id: UUID,
    *,
    state: str | None = None,
    title: str | None = None,
    description: str | None = None,
    brand: str | None = None,
    category_id: UUID | None = None,
    uploads: Sequence[UUID] | None = None,
) -> Product:
    """Change what is not None of a product of the caller's shop.

    Raises Refused: 404 for goods that are not the caller's, 409 for a state that does not follow on its present one,
    422 for an unknown category or another's picture.
    """
    product = locked_product(product_id, staffed_by=caller.person)
    given = {"title": title, "description": description, "brand": brand, "category_id": category_id}
    for name in (one for one in given if given[one] is not None):
        setattr(product, name, given[name])
    if state is not None and state != product.state:
        log = {"who_id": caller.person, "before": product.state, "after": state, "why": ""}
        product.move_to(state)
        db.session.add(ProductLog(product_id=product.id, **log))
    shown = pictures_of([product.id])[product.id]
    if uploads is not None:
        shown = _chosen(caller.person, uploads, shown)
        _hang(product, shown)
    elif state is not None:
        _open(product, shown)
    product.changed_at = _stamp()
    product.write_heads(shop_or_missing(product.shop_id), category_or_refused(product.category_id), shown)
    db.session.flush()
    emit(ProductChanged(product.id))
    return product


def change_sku(
    caller: Caller,
    sku_id: UUID,
    *,
    price: int | None = None,
    stock: int | None = None,
    name: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Sku:
    """Change what is not None of a variant of the caller's shop. `stock` sets the units available; held ones stay held.
    Raises Refused 404 for a variant that is not the caller's."""
    product_id = db.session.scalar(select(Sku.product_id).where(Sku.id == sku_id))
    if product_id is None:
        raise missing("没有这件商品", "There is no such product.")  # the words for another's, which may be a draft
    product = locked_product(product_id, staffed_by=caller.person)
    check_resold(sku_id, price, stock)
    sku = db.session.scalars(select(Sku).where(Sku.id == sku_id).execution_options(populate_existing=True)).one()
    given = {"price": price, "name": name, "attributes": None if attributes is None else dict(attributes)}
    wanted = {key: value for key, value in given.items() if value is not None}
    for key, value in wanted.items():
        setattr(sku, key, value)
    if wanted:
        sku.write_head()
        product.changed_at = _stamp()
        emit(ProductChanged(product.id))
        db.session.flush()
    if stock is not None:
        set_stock(sku.id, stock, by=caller.person)
    return sku


def add_sku(caller: Caller, product_id: UUID, wanted: SkuWanted) -> None:
    """Add a variant behind the others of goods of the caller's shop. Raises Refused 404."""
    product = locked_product(product_id, staffed_by=caller.person)
    _add_skus(product, [wanted], caller.person, behind=len(skus_of([product.id])[product.id]))
    product.changed_at = _stamp()
    emit(ProductChanged(product.id))


def take_in(shop_id: UUID, goods: Sequence[Goods], stock: int) -> list[bool]:
    """Take in many goods in few statements; answers for each of `goods` whether it was new to the shop.

    Of two with one number the later counts. `stock` is for new variants that name none. Imports of one shop follow one
    upon the other. Raises Refused 404 for an unknown shop.
    """
    shop = shop_or_missing(shop_id)
    db.session.execute(_ONE_AT_A_TIME, {"name": f"import:{shop_id}"})
    intake = _Intake(shop, goods, stock)
    news = [intake.take(one) for one in goods]
    intake.write()
    return news


def take_down(product_id: UUID, reason: str, by: UUID | None) -> bool:
    """Take a product from every door; False if it was already. Raises Refused 404."""
    product = locked_product(product_id)
    row = insert(ProductTakeDown).values(product_id=product.id, reason=reason, by_id=by).on_conflict_do_nothing()
    if not changed(row):
        return False
    conceal(by=product.ref)
    product.changed_at = _stamp()
    emit(ProductTakenDown(product.id))
    return True


def restore(product_id: UUID) -> bool:
    """Put back what was taken down; False if it was not. Raises Refused 404."""
    product = locked_product(product_id)
    if not changed(delete(ProductTakeDown).where(ProductTakeDown.product_id == product.id)):
        return False
    _open(product, pictures_of([product.id])[product.id])
    product.changed_at = _stamp()
    emit(ProductRestored(product.id))
    return True


def _stamp() -> datetime:
    """The database's time of this moment, not of the transaction's start: what changes later has a later one."""
    stamp: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return stamp


def _chosen(owner_id: UUID, ids: Sequence[UUID], before: Sequence[Upload]) -> list[Upload]:
    """The uploads in the order of `ids`: pictures that hang there already, whoever sent them, and own ones."""
    wanted = list(dict.fromkeys(ids))
    known = {one.id: one for one in before}
    known |= {one.id: one for one in use_pictures(owner_id, [one for one in wanted if one not in known])}
    return [known[one] for one in wanted]


def _hang(product: Product, shown: Sequence[Upload]) -> None:
    """Show exactly these pictures, the first as the cover."""
    db.session.execute(delete(ProductPicture).where(ProductPicture.product_id == product.id))
    if shown:
        rows = [{"product_id": product.id, "position": i, "upload_id": one.id} for i, one in enumerate(shown)]
        db.session.execute(insert(ProductPicture), rows)
    _open(product, shown)


def _open(product: Product, shown: Sequence[Upload]) -> None:
    """These pictures may be opened by everybody, if the product may be seen."""
    if product.is_public and db.session.get(ProductTakeDown, product.id) is None:
        show([one.id for one in shown], by=product.ref)


def _add_skus(product: Product, wanted: Sequence[SkuWanted], by: UUID, behind: int = 0) -> None:
    skus = [_new_sku(product, place, one.name, one.price, one.attributes) for place, one in enumerate(wanted, behind)]
    db.session.add_all(skus)
    db.session.flush()
    set_stocks({sku.id: one.stock for sku, one in zip(skus, wanted, strict=True)}, by)


def _new_sku(product: Product, position: int, name: str, price: int, attributes: Mapping[str, str]) -> Sku:
    named = {"name": name, "price": price, "attributes": dict(attributes)}
    sku = Sku(id=new_id(), product_id=product.id, position=position, **named)
    sku.write_head()
    return sku


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 11))")


class _Intake:
    """Goods on their way in: what the shop has of them already, and what will be written."""

    def __init__(self, shop: Shop, goods: Sequence[Goods], stock: int) -> None:
        self.shop, self.stamp, self.stock = shop, _stamp(), stock
        self.known = products_by_number(shop.id, {one.external_id for one in goods})
        self.before = {product.id for product in self.known.values()}
        self.skus = {(sku.product_id, sku.name): sku for some in skus_of(self.before).values() for sku in some}
        self.categories = _categories({one.category for one in goods if one.category}, self.known.values())
        self.shown = pictures_of(self.before)
        self.uploads: dict[UUID, list[UUID]] = {}
        self.stocks: dict[UUID, int] = {}

    def take(self, one: Goods) -> bool:
        """Note what is to be written; whether it is new."""
        is_new = one.external_id not in self.known
        if is_new:
            made = Product(id=new_id(), shop_id=self.shop.id, external_id=one.external_id, state=ON_SALE)
            made.description, made.brand, made.created_at = "", "", self.stamp
            self.known[one.external_id] = made
        product = self.known[one.external_id]
        category = self.categories.get(one.category or "")
        given = {"description": one.description, "brand": one.brand, "category_id": category and category.id}
        for name, value in {**given, "title": one.title}.items():
            if value is not None:
                setattr(product, name, value)
        if one.uploads and list(one.uploads) != [upload.id for upload in self.shown.get(product.id, [])]:
            self.uploads[product.id] = list(one.uploads)
        if one.price is not None:
            self._price(product, one, one.price)
        return is_new

    def _price(self, product: Product, one: Goods, price: int) -> None:
        place = (product.id, one.sku_name)
        if place not in self.skus:
            self.skus[place] = _new_sku(product, len(self.skus), one.sku_name, price, {})
            self.stocks[self.skus[place].id] = self.stock
        sku = self.skus[place]
        sku.price = price
        sku.write_head()
        if one.stock is not None:
            self.stocks[sku.id] = one.stock

    def write(self) -> None:
        """Write what is new or another than before, and tell of that only."""
        priced = {sku.product_id for sku in self.skus.values() if db.session.is_modified(sku)} | set(self.uploads)
        products = [one for one in self.known.values() if one.id in priced or db.session.is_modified(one)]
        by_id = {one.id: one for one in self.categories.values()}
        fresh = uploads_by_id([one for ids in self.uploads.values() for one in ids])
        for product in products:
            pictures = [fresh[one] for one in self.uploads.get(product.id, [])] or self.shown.get(product.id, [])
            product.changed_at = self.stamp
            product.write_heads(self.shop, by_id[product.category_id] if product.category_id else None, pictures)
        db.session.add_all(products)
        db.session.flush()
        db.session.add_all(self.skus.values())
        db.session.flush()
        for product in products:
            if product.id in self.uploads:
                _hang(product, [fresh[one] for one in self.uploads[product.id]])
        set_stocks(self.stocks)
        emit_all([ProductChanged(one.id) if one.id in self.before else ProductListed(one.id) for one in products])


def _categories(names: Collection[str], products: Iterable[Product]) -> dict[str, Category]:
    """These categories by name, made where absent, and those that the products have now."""
    if names:
        last = select(func.coalesce(func.max(Category.position), 0) + 1).scalar_subquery()
        rows = [{"id": new_id(), "name": name, "position": last} for name in sorted(names)]
        db.session.execute(insert(Category).values(rows).on_conflict_do_nothing())
    ids = {one.category_id for one in products}
    wanted = select(Category).where(Category.name.in_(names) | Category.id.in_(ids))
    return {one.name: one for one in db.session.scalars(wanted)}
