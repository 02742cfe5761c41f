"""What is done with goods out of a file: taken in, many in few statements."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text

from app.core.db import db
from app.core.errors import bad_field
from app.core.events import emit_all
from app.people.uploads.queries import uploads_by_id
from app.store.brands.queries import brand_ids_named
from app.store.catalogue.actions import write_intake
from app.store.catalogue.events import ProductChanged, ProductListed
from app.store.catalogue.models import ON_SALE, Goods, Product
from app.store.catalogue.queries import pictures_of
from app.store.categories.actions import add_named
from app.store.categories.models import Category
from app.store.categories.queries import categories_by_id, categories_named
from app.store.intake.queries import products_by_number, taken_down_among
from app.store.shops.models import Shop
from app.store.shops.queries import named_shop
from app.store.variants import actions as variants
from app.store.variants.models import Sku, SkuWanted
from app.store.variants.queries import skus_of

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 11))")


def take_in(shop_id: UUID, goods: Sequence[Goods], stock: int, *, may_add_categories: bool = True) -> list[bool]:
    """Take in many goods in few statements; answers for each of `goods` whether it was new to the shop.

    Of two with one number the later counts. `stock` is for new variants that name none. Categories that nobody knows
    are added, or refused: 422 "category" unless `may_add_categories`. Imports of one shop follow one upon the other.
    Raises Refused 404 for an unknown shop, 422 for a code of another variant.
    """
    db.session.execute(_ONE_AT_A_TIME, {"name": f"import:{shop_id}"})
    shop = named_shop(shop_id)
    names = {one.category for one in goods if one.category}
    known = categories_named(names)
    lacking = names - known.keys()
    if lacking and not may_add_categories:
        raise bad_field("category", f"没有这个分类：{min(lacking)}", f"No such category: {min(lacking)}")
    if lacking:
        add_named(lacking)
        known = categories_named(names)
    intake = _Intake(shop, goods, stock, known)
    news = [intake.take(one) for one in goods]
    intake.write()
    return news


class _Intake:
    """Goods on their way in: what the shop has of them already, and what will be written."""

    def __init__(self, shop: Shop, goods: Sequence[Goods], stock: int, categories: dict[str, Category]) -> None:
        self.shop, self.stock, self.categories = shop, stock, categories
        self.stamp = db.session.execute(select(func.clock_timestamp())).scalar_one()
        self.known = products_by_number(shop.id, {one.external_id for one in goods})
        self.before = {product.id for product in self.known.values()}
        self.skus = {(sku.product_id, sku.name): sku for some in skus_of(self.before).values() for sku in some}
        self.shown = pictures_of(self.before)
        self.brands = brand_ids_named({one.brand for one in goods if one.brand})
        self.uploads: dict[UUID, list[UUID]] = {}
        self.stocks: dict[UUID, int] = {}

    def take(self, one: Goods) -> bool:
        """Note what is to be written; whether it is new."""
        is_new = one.external_id not in self.known
        if is_new:
            self.known[one.external_id] = Product.numbered(self.shop.id, one.external_id, self.stamp)
        product = self.known[one.external_id]
        category = self.categories.get(one.category or "")
        given = {"description": one.description, "brand": one.brand, "category_id": category and category.id}
        given |= {"title": one.title, "brand_id": self.brands.get(one.brand or "")}
        for name, value in given.items():
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
            wanted = SkuWanted(price, name=one.sku_name)
            self.skus[place] = variants.new_sku(product.id, self.shop.id, len(self.skus), wanted)
            self.stocks[self.skus[place].id] = self.stock
        sku = self.skus[place]
        variants.reprice(sku, price)
        for name in ("code", "bar_code", "weight"):
            if getattr(one, name) is not None:
                setattr(sku, name, getattr(one, name))
        sku.shop_id = self.shop.id
        if one.stock is not None:
            self.stocks[sku.id] = one.stock

    def write(self) -> None:
        """Write what is new or another than before, and tell of that only."""
        priced = {sku.product_id for sku in self.skus.values() if db.session.is_modified(sku)} | set(self.uploads)
        products = [one for one in self.known.values() if one.id in priced or db.session.is_modified(one)]
        fresh = uploads_by_id([one for ids in self.uploads.values() for one in ids])
        shown = {**self.shown, **{one: [fresh[id_] for id_ in ids] for one, ids in self.uploads.items()}}
        categories = {one.id: one for one in self.categories.values()}
        lacking = {one.category_id for one in products if one.category_id} - categories.keys()
        write_intake(self.shop, products, categories | categories_by_id(lacking), shown, set(self.uploads))
        on_sale = {one.id for one in self.known.values() if one.state == ON_SALE}
        on_sale -= taken_down_among(on_sale & self.before)
        variants.write_intake(self.skus.values(), self.stocks, self._offered(on_sale))
        emit_all([ProductChanged(one.id) if one.id in self.before else ProductListed(one.id) for one in products])

    def _offered(self, on_sale: set[UUID]) -> set[UUID]:
        return {sku.id for sku in self.skus.values() if self._is_sold(sku) and sku.product_id in on_sale}

    def _is_sold(self, sku: Sku) -> bool:
        return sku.state is None or sku.is_on_sale
