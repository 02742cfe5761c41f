"""Goods of all shops: in each batch the more wanted ones first."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import NamedTuple
from uuid import UUID

from app.core.bulk import Columns
from app.core.caller import PERSON
from app.operate.crowd.kinds import album
from app.operate.crowd.kinds.base import KINDS, Batch, Size, Town
from app.operate.crowd.kinds.chance import bits, combined, id_of, luck
from app.operate.crowd.kinds.goods_words import WORDS
from app.operate.crowd.kinds.wording import Words, each
from app.store.catalogue.events import ProductChanged, ProductListed
from app.store.catalogue.models import DRAFT, OFF, ON_SALE, Product, ProductLog, ProductPicture
from app.store.categories.models import PHYSICAL
from app.store.inventory.models import Movement, Stock
from app.store.prices.models import Price
from app.store.shops.models import Shop
from app.store.variants.models import PLAIN_SKU, Sku

PRODUCTS = Columns(
    Product,
    (
        *("id", "shop_id", "category_id", "title", "description", "brand", "state", "page", "card"),
        *("created_at", "changed_at", "goods_kind", "attributes"),
    ),
)
PICTURES = Columns(ProductPicture, ("product_id", "position", "upload_id"))
SKUS = Columns(Sku, ("id", "product_id", "shop_id", "name", "attributes", "price", "position", "fragment", "stale_at"))
PRICES = Columns(Price, ("sku_id", "price", "from_at", "until_at", "is_offered", "by_id"))
STOCKS = Columns(Stock, ("sku_id", "available"))
MOVEMENTS = Columns(Movement, ("sku_id", "delta", "reason", "subject_kind", "subject_id", "at"))
LOG = Columns(ProductLog, ("product_id", "who_id", "before", "after", "why", "at"))
_SERIES = each("晚风 山谷 晴日 海岸 森屿 花信 月白 拾月 远山 清晨 薄暮 长夏 微雨 初雪 云上 半糖 旷野 青空 漫步 星河")
_BY_AMOUNT = ("规格", "净含量")


class Variant(NamedTuple):
    """A variant: price in 分, units that its shop keeps on the shelf (0: sold out)."""

    id: UUID
    name: str
    attributes: dict[str, str]
    price: int
    stock: int


class Ware(NamedTuple):
    """Goods as they are planned; `noun` and `style` are words of their title."""

    number: int
    id: UUID
    kind: int
    look: int
    title: str
    noun: str
    style: str
    description: str
    shop: Shop
    state: str
    listed: datetime
    variants: tuple[Variant, ...]

    @property
    def words(self) -> Words:
        return WORDS[KINDS[self.kind].name][self.look % 2]

    @property
    def topics(self) -> tuple[str, ...]:
        kind = KINDS[self.kind]
        return (kind.thing(self.look).topic, *kind.topics)

    @property
    def to_buy(self) -> tuple[Variant, ...]:
        """What of it can be bought."""
        return tuple(one for one in self.variants if one.stock) if self.state == ON_SALE else ()


@lru_cache(maxsize=20_000)
def ware(town: Town, number: int) -> Ware:
    """The goods with this number; the lower, the more wanted."""
    chance, kind = luck("goods", number), number % len(KINDS)
    turn, thing = divmod(number // len(KINDS), 2)
    words = WORDS[KINDS[kind].name][thing]
    title, noun, style = _title(words, turn)
    if chance.random() < 0.05:
        title = f"{words.english} {title}"
    listed = town.end - timedelta(days=62 + chance.random() * 300)
    said = [KINDS[kind].thing(thing).point, *chance.sample(words.facts, 2)]
    return Ware(
        number,
        id_of(listed, bits("goods", number)),
        kind,
        album.look_of(thing, album.shade_of(town.size, chance.randrange(8))),
        title,
        noun,
        style,
        f"{title}。{''.join(said)}",
        _shop(town, kind, chance),
        chance.choices((ON_SALE, OFF, DRAFT), (96, 2.5, 1.5))[0],
        listed,
        tuple(_variants(kind, number, chance, listed)),
    )


def _title(words: Words, turn: int) -> tuple[str, str, str]:
    """A title that no other goods of this thing have, with its noun and its style."""
    counts = (len(words.nouns), len(words.styles), len(words.features))
    again, place = divmod(turn, counts[0] * counts[1] * counts[2])
    noun, style, feature = combined(place, *counts)
    called = f"{words.styles[style]}{words.nouns[noun]} {words.features[feature]}"
    return _in_series(called, again), words.nouns[noun], words.styles[style]


def _in_series(title: str, turn: int) -> str:
    """Once all words are used up, the same come again in a series."""
    if not turn:
        return title
    again, place = divmod(turn - 1, len(_SERIES))
    return f"{title} {_SERIES[place]}系列{again + 1 if again else ''}"


def _shop(town: Town, kind: int, chance: Random) -> Shop:
    """One in three is sold by the founders, the others by shops that keep to a few kinds of goods."""
    if chance.random() < 0.35 or not town.size.shops:
        return town.founders.shops[KINDS[kind].name]
    return town.shop((kind + len(KINDS) * chance.randrange(1 + town.size.shops // len(KINDS))) % town.size.shops)


def _variants(kind: int, number: int, chance: Random, listed: datetime) -> Iterable[Variant]:
    what, names = KINDS[kind].choice
    low, high = KINDS[kind].yuan
    price = int(low * 0.6 * (high * 1.5 / (low * 0.6)) ** chance.random()) // 10 * 10 + 9
    step = price * 2 // 5 if what in _BY_AMOUNT else 0
    is_plain, is_gone = chance.random() < 0.2, chance.random() < 0.02
    for place, name in enumerate((PLAIN_SKU,) if is_plain else names):
        stock = chance.randint(60, 180) + int(3000 / (1 + number) ** 0.5)
        if is_gone or (place and chance.random() < 0.06):
            stock = 0
        sku_id = id_of(listed, bits("sku", number, place))
        yield Variant(sku_id, name, {} if is_plain else {what: name}, (price + step * place) * 100, stock)


class Goods:
    name = "goods"
    most = 500
    tables = (album.UPLOADS, PRODUCTS, PICTURES, album.SHOWINGS, SKUS, STOCKS, MOVEMENTS, PRICES, LOG)

    def how_many(self, size: Size) -> int:
        return size.goods

    def batch(self, town: Town, numbers: Iterable[int]) -> Batch:
        batch = Batch(self.tables)
        for number in numbers:
            self._list(batch, town, ware(town, number))
        return batch

    def _list(self, batch: Batch, town: Town, goods: Ware) -> None:
        chance = luck("listing", goods.number)
        category = town.founders.categories[KINDS[goods.kind].category]
        words = {"title": goods.title, "description": goods.description, "brand": goods.shop.name}
        product = Product(id=goods.id, shop_id=goods.shop.id, category_id=category.id, state=goods.state, **words)
        product.goods_kind, product.attributes = PHYSICAL, {}
        product.created_at = product.changed_at = goods.listed
        drawn = [album.alone(goods.kind, goods.look)]
        if chance.random() < 0.4:
            drawn.append(album.at_home(goods.kind, goods.look, chance.randrange(town.size.rooms)))
        shown_by = product.ref if product.is_public else None
        pictures = album.hang(batch, goods.shop.owner_id, drawn, goods.listed, chance, shown_by)
        for place, picture in enumerate(pictures):
            batch.add(PICTURES, goods.id, place, picture.id)
        batch.tell(ProductListed(goods.id))
        if goods.state == OFF:
            product.changed_at = goods.listed + timedelta(days=30)
            batch.add(LOG, goods.id, goods.shop.owner_id, ON_SALE, OFF, "", product.changed_at)
            batch.tell(ProductChanged(goods.id))
        product.write_heads(goods.shop, category, pictures)
        batch.add_made(PRODUCTS, product)
        self._stock(batch, goods)

    def _stock(self, batch: Batch, goods: Ware) -> None:
        for place, one in enumerate(goods.variants):
            named = {"name": one.name, "attributes": one.attributes, "price": one.price}
            sku = Sku(id=one.id, product_id=goods.id, shop_id=goods.shop.id, position=place, **named)
            sku.write_head()
            batch.add_made(SKUS, sku)
            batch.add(STOCKS, one.id, one.stock)
            if one.stock:
                batch.add(MOVEMENTS, one.id, one.stock, "set", PERSON, goods.shop.owner_id, goods.listed)
            self._price(batch, goods, one)

    def _price(self, batch: Batch, goods: Ware, one: Variant) -> None:
        """The same price all along; on sale until its goods were taken off."""
        by, off = goods.shop.owner_id, goods.listed + timedelta(days=30) if goods.state == OFF else None
        batch.add(PRICES, one.id, one.price, goods.listed, off, goods.state != DRAFT, by)
        if off is not None:
            batch.add(PRICES, one.id, one.price, off, None, False, by)


group = Goods()
