"""Questions about links: what a code sells, whom a purchase is owed to, how often links were opened."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Interval,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on

from app.buying.links.models import ALPHABET, CODE_LENGTH, PASSING, Click, Link, PartedPost, page_of
from app.core import clock
from app.core.caller import PERSON, Ref
from app.core.db import db
from app.core.errors import Refused, missing
from app.core.plain import Prepared, any_unseen
from app.store.catalogue.models import DRAFT, ON_SALE, Product
from app.store.catalogue.queries import taken_down
from app.store.inventory.models import Stock
from app.store.shelves.queries import in_the_mall
from app.store.variants.models import SOLD, Sku

CLICK_COUNTS_FOR = timedelta(days=7)
"""How long a click on a link earns a purchase (issue 1: the buyer's last click within 7 days, database time)."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whom a line of a purchase is owed to. A promoter's own purchase is marked, and earns nothing."""

    link_id: UUID
    post_id: UUID | None
    promoter_id: UUID
    own_purchase: bool


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link as it is opened. `shown_post_id`: None where its post is not shown any more."""

    id: UUID
    code: str
    product_id: UUID
    sku_id: UUID | None
    promoter_id: UUID
    post_id: UUID | None
    shown_post_id: UUID | None

    @property
    def url(self) -> str:
        """Where it opens in a browser."""
        return page_of(self.code)


@dataclass(frozen=True, slots=True)
class LinkedSku:
    """A variant behind a link: price in 分 and units left, of this moment."""

    id: UUID
    name: str
    price: int
    left: int


@dataclass(frozen=True, slots=True)
class LinkedGoods:
    """What a link sells at this moment. Goods that are off have `is_on_sale` false and can still be looked at."""

    product_id: UUID
    title: str
    description: str
    is_on_sale: bool
    skus: list[LinkedSku]

    @property
    def in_stock(self) -> bool:
        return any(self.has(sku) for sku in self.skus)

    def has(self, sku: LinkedSku) -> bool:
        """Whether one of `sku` can be bought now."""
        return self.is_on_sale and sku.left > 0


SimilarGoods = Callable[[UUID, int], list[UUID]]
_similar: list[SimilarGoods] = []


def similar_goods(find: SimilarGoods) -> SimilarGoods:
    """Register a better answer to "what is like this product?" (discover does): find(product id, most) -> product ids.

    It answers [] when it knows none or what it asks is away; then the same category does.
    """
    _similar.append(find)
    return find


def link_or_missing(code: str) -> OpenLink:
    """The link of a code. One query. Raises Refused 404."""
    found = links_by_code([code]).get(code)
    if found is None:
        raise missing("链接不存在", "There is no such link.")
    return found


def is_code(text: str) -> bool:
    """Whether a text has the form of a code; others need not be looked up."""
    return len(text) == CODE_LENGTH and all(letter in ALPHABET for letter in text)


def links_by_code(codes: Collection[str]) -> dict[str, OpenLink]:
    """The links of these codes; unknown ones are absent. One query."""
    wanted = [code for code in set(codes) if is_code(code)]
    return {row.code: OpenLink(*row) for row in _BY_CODE.rows(codes=wanted)} if wanted else {}


_IS_PARTED = exists().where(PartedPost.post_id == Link.post_id)
_OPENED = select(
    Link.id,
    Link.code,
    Link.product_id,
    Link.sku_id,
    Link.promoter_id,
    Link.post_id,
    case((~_IS_PARTED, Link.post_id)).label("shown_post_id"),
)
_BY_CODE = Prepared(_OPENED.where(Link.code == any_unseen("codes", Text)))


def links_of_posts(post_ids: Collection[UUID]) -> dict[UUID, list[OpenLink]]:
    """The links made for these posts, oldest first. One query."""
    found: dict[UUID, list[OpenLink]] = defaultdict(list)
    for row in _OF_POSTS.rows(posts=list(post_ids)) if post_ids else ():
        found[row.post_id].append(OpenLink(*row))
    return found


_OF_POSTS = Prepared(
    _OPENED.where(Link.post_id == any_(bindparam("posts", type_=ARRAY(Uuid)))).order_by(Link.created_at, Link.id)
)


def goods_of(product_id: UUID) -> LinkedGoods:
    """What a link to this product sells, its variants in order. One query.

    Raises Refused 404 for what is taken down or a draft again: that it exists is then nobody's business.
    """
    rows = _GOODS.rows(product=product_id)
    if not rows or rows[0].is_taken_down or rows[0].state == DRAFT:
        raise gone()
    skus = [LinkedSku(row.id, row.name, row.price, row.available or 0) for row in rows if row.id is not None]
    return LinkedGoods(product_id, rows[0].title, rows[0].description, rows[0].state == ON_SALE, skus)


_GOODS = Prepared(
    select(Product.title, Product.description, Product.state, taken_down().label("is_taken_down"))
    .add_columns(Sku.id, Sku.name, Sku.price, Stock.available)
    .outerjoin(Sku, and_(Sku.product_id == Product.id, Sku.state == SOLD))
    .outerjoin(Stock, Stock.sku_id == Sku.id)
    .where(Product.id == bindparam("product", type_=Uuid))
    .order_by(Sku.position, Sku.id)
)


def gone() -> Refused:
    """404 for goods that must not be seen any more."""
    return missing("商品已下架", "These goods are gone.")


def similar_to(product_id: UUID, most: int = 6) -> list[UUID]:
    """Products on sale that somebody may take instead: by the register, else the newest of the same category."""
    for find in _similar:
        found = find(product_id, most)
        if found:
            return [one for one in found if one != product_id][:most]
    category = select(Product.category_id).where(Product.id == product_id).scalar_subquery()
    newest = (
        select(Product.id)
        .where(Product.category_id == category, Product.id != product_id, in_the_mall())
        .order_by(Product.created_at.desc(), Product.id.desc())
    )
    return list(db.session.scalars(newest.limit(most)))


def attribution(
    buyer: Ref, lines: Sequence[tuple[UUID, str | None]], before: Ref | None = None
) -> list[Attribution | None]:
    """Whom each line is owed to; a line is (product id, code of the link named for it or None).

    The link named wins if it sells that product; else the buyer's last click on a link to it within 7 days, be it as
    whom he was `before` he signed in. At most two queries.
    """
    named = links_by_code({code for _, code in lines if code})
    fitting = [_fits(named.get(code) if code else None, product_id) for product_id, code in lines]
    open_products = {line[0] for line, link in zip(lines, fitting, strict=True) if link is None}
    clicked = _last_clicked([one for one in (buyer, before) if one], open_products)
    found = [link or clicked.get(line[0]) for line, link in zip(lines, fitting, strict=True)]
    return [_owed(link, buyer) if link else None for link in found]


def _fits(link: OpenLink | None, product_id: UUID) -> OpenLink | None:
    return link if link is not None and link.product_id == product_id else None


_LAST_CLICKED = Prepared(
    _OPENED.join(Click, Click.link_id == Link.id)
    .where(
        # Ids of people and of guests are never alike.
        Click.visitor_kind == any_unseen("kinds", Text),
        Click.visitor_id == any_unseen("visitors", Uuid),
        Click.product_id == any_unseen("products", Uuid),
        Click.at > func.now() + bindparam("shift", type_=Interval),
    )
    .ext(distinct_on(Click.product_id))
    .order_by(Click.product_id, Click.at.desc(), Click.id.desc())
)


def _last_clicked(buyers: Sequence[Ref], product_ids: Collection[UUID]) -> dict[UUID, OpenLink]:
    """The link that one of `buyers` opened last, for each of these products."""
    if not product_ids:
        return {}
    shift = clock.ahead() - CLICK_COUNTS_FOR
    who = {"kinds": [PASSING, *(one.kind for one in buyers)], "visitors": [one.id for one in buyers]}
    found = _LAST_CLICKED.rows(**who, products=list(product_ids), shift=shift)
    return {row.product_id: OpenLink(*row) for row in found}


def _owed(link: OpenLink, buyer: Ref) -> Attribution:
    own = buyer == Ref(PERSON, link.promoter_id)
    return Attribution(link.id, link.post_id, link.promoter_id, own)


_COUNTS = Click.counted_as.is_not(None)


def clicks_of_posts(post_ids: Collection[UUID]) -> dict[UUID, int]:
    """How often the links of each of these posts were opened; those that never were are absent. One query."""
    which = Link.post_id == any_(literal(list(post_ids), ARRAY(Uuid)))
    clicked = select(Link.post_id, func.count()).join(Click, Click.link_id == Link.id).where(which, _COUNTS)
    return {row[0]: row[1] for row in db.session.execute(clicked.group_by(Link.post_id)) if row[0]}


def clicks_on(which: ColumnElement[bool]) -> int:
    """How often those links that `which` names were opened, all together. One query."""
    clicked = select(func.count()).select_from(Click).join(Link, Link.id == Click.link_id)
    return db.session.scalar(clicked.where(which, _COUNTS)) or 0


@dataclass(frozen=True, slots=True)
class CountedClick:
    """A click that counts: on which link, when, and what its visitor was to us (person, guest or None)."""

    id: int
    code: str
    product_id: UUID
    at: datetime
    visitor_kind: str | None


def counted_clicks(post_id: UUID, most: int, before: tuple[datetime, int] | None) -> list[CountedClick]:
    """The newest of the clicks that `clicks_of_posts` counts for a post, those before a time and id. One query.

    A guest whose cookie has not come back is None: he counts as his address.
    """
    kind = case((Click.visitor_kind != PASSING, Click.visitor_kind))
    wanted = select(Click.id, Link.code, Click.product_id, Click.at, kind).join(Link, Link.id == Click.link_id)
    wanted = wanted.where(Link.post_id == post_id, _COUNTS)
    if before is not None:
        wanted = wanted.where(tuple_(Click.at, Click.id) < tuple_(literal(before[0]), literal(before[1])))
    newest_first = wanted.order_by(Click.at.desc(), Click.id.desc()).limit(most)
    return [CountedClick(*row) for row in db.session.execute(newest_first)]


def clicks_by_day(post_id: UUID) -> list[tuple[UUID, date, int]]:
    """(link, day in China, clicks) of the 90 days that clicks are kept, for the links of a post. One query."""
    day = clock.china_day(Click.at).label("day")
    wanted = select(Click.link_id, day, func.count()).join(Link, Link.id == Click.link_id)
    rows = db.session.execute(wanted.where(Link.post_id == post_id, _COUNTS).group_by(Click.link_id, day))
    return [(row[0], row[1], row[2]) for row in rows]
