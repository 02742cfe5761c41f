"""What is done to articles. Of all that happens to one, one thing happens after the other: each is a compare-and-set on
its row; of those who buy it, the first who places his purchase has it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select, update

from app.core import audit
from app.core.caller import Caller, Ref
from app.core.db import changed, db
from app.core.errors import Refused, bad_field, missing
from app.core.events import emit
from app.core.idempotency import made_by_another, one_at_a_time
from app.core.ids import new_id
from app.core.plain import prepared
from app.people.accounts.queries import author_cards
from app.store.catalogue.actions import change_product, change_sku, list_product, move_product
from app.store.catalogue.models import OFF as GOODS_OFF
from app.store.catalogue.models import ON_SALE, Product
from app.store.secondhand.events import ArticleMoved, WordProhibited
from app.store.secondhand.models import (
    MEET,
    OFF,
    OPEN,
    SOLD,
    Article,
    ArticleLog,
    ArticleWanted,
    ProhibitedWord,
    Seller,
)
from app.store.secondhand.queries import (
    article_of,
    folded,
    found_by,
    prohibited_in,
    require_permitted,
    require_price,
    require_room,
    shop_of_seller,
)
from app.store.shops.actions import open_shop
from app.store.shops.models import ARTICLES
from app.store.variants.models import Sku, SkuWanted
from app.store.variants.queries import skus_of

WORD_ADDED = audit.act("word_prohibited", "禁售词", "Prohibited a word")
WORD_REMOVED = audit.act("word_permitted", "解除禁售词", "Permitted a word again")


def list_article(
    caller: Caller, wanted: ArticleWanted, uploads: Sequence[UUID] = (), article_id: UUID | None = None
) -> Article:
    """Put one thing of the caller's up for sale. `article_id` came with a form: sent again it answers the article that
    it made.

    Raises Refused 422 "prohibited" for what may not be sold here, 409 "too_many" above the limits of a person.
    """
    one_at_a_time(caller.person)
    known = db.session.get(Article, article_id) if article_id else None
    if known is not None and known.seller_id != caller.person:
        raise made_by_another()
    if known is not None:
        return known
    require_permitted(wanted.title, wanted.description)
    require_room(caller.person)
    shop_id = shop_of_seller(caller.person) or _opened(caller)
    goods = list_product(
        caller,
        shop_id,
        title=wanted.title,
        description=wanted.description,
        skus=[SkuWanted(wanted.price, 1)],
        uploads=uploads,
        product_id=article_id,
        terms={"in_person": wanted.way == MEET, "return_days": 0},
        right=ARTICLES,
    )
    made = Article(id=goods.id, seller_id=caller.person, shop_id=shop_id, sku_id=skus_of([goods.id])[goods.id][0].id)
    made.state, made.way = OPEN, wanted.way
    _say(made, wanted)
    db.session.add(made)
    db.session.flush()
    _log([made.id], caller.person, None, OPEN, "")
    return made


def change_article(caller: Caller, article_id: UUID, wanted: ArticleWanted) -> Article:
    """Say it anew, all but the way that it is handed over. Raises Refused 404 for another's, 409 "reserved" for one
    that somebody has or that is not open, 422 "prohibited"."""
    found = _free(caller, article_id)
    require_permitted(wanted.title, wanted.description)
    change_product(caller, article_id, title=wanted.title, description=wanted.description, right=ARTICLES)
    if wanted.price != found.price:
        change_sku(caller, found.sku_id, ARTICLES, price=wanted.price)
    _say(found, wanted)
    db.session.flush()
    return found


def take_off(caller: Caller, article_id: UUID) -> Article:
    """It is not for sale any more; told again it changes nothing. Raises Refused 404, 409 "reserved"."""
    found = article_of(caller.person, article_id, lock=True)
    if found.state == OFF:
        return found
    _move(_free(caller, article_id), OFF, caller.person, "")
    return found


def put_up_again(caller: Caller, article_id: UUID) -> Article:
    """An article that is off, or that came back, is for sale once more; told again it changes nothing.

    Raises Refused 404, 409 "wrong_state" for one that is sold, "too_many", 422 "prohibited".
    """
    one_at_a_time(caller.person)
    found = article_of(caller.person, article_id, lock=True)
    if found.state == OPEN:
        return found
    if found.state == SOLD:
        raise Refused(409, "wrong_state", "已售出的闲置不能再上架", "It was sold: list what you have anew.")
    require_permitted(found.title, found.description)
    require_price(found.price)
    require_room(caller.person)
    found.purchase_id = None
    change_sku(caller, found.sku_id, ARTICLES, stock=1)  # one that came back may not have been put into stock again
    _move(found, OPEN, caller.person, "")
    return found


def take_for(purchase_id: UUID) -> None:
    """The articles of a purchase are its buyer's until it is over. Raises Refused 409 "article_gone" where another has
    one, or wants more than the one that there is, or buys his own."""
    found = _TAKE.rows(id=purchase_id)[0]
    if found.taken < found.wanted:
        zh, en = "这件闲置已被别人拍下", "Somebody else has this article."
        raise Refused(409, "article_gone", zh, en)


def let_go_of(purchase_id: UUID) -> None:
    """The purchase came to nothing: its articles are for sale again."""
    _LET_GO.changed(id=purchase_id)


def sell(purchase_id: UUID) -> None:
    """The purchase is paid: its articles are sold."""
    sold = [row.id for row in _SELL.rows(id=purchase_id)]
    _tell(sold, None, OPEN, SOLD, "paid")


def take_back(order_id: UUID) -> None:
    """A paid order was cancelled before anything of it was handed over: its articles are for sale again."""
    back = [row.id for row in _TAKE_BACK.rows(id=order_id)]
    _tell(back, None, SOLD, OPEN, "order cancelled")


def let_return(order_id: UUID) -> None:
    """All of a paid order went back: its articles are their sellers' again, and off until they say otherwise."""
    back = [row.id for row in _LET_RETURN.rows(id=order_id)]
    _tell(back, None, SOLD, OFF, "order refunded")


def stand_as_articles(article_ids: Collection[UUID]) -> None:
    """Let the goods of these articles be on sale exactly where the articles are. May be repeated."""
    wanted = select(Article.id, Article.state, Product.state).join(Product, Product.id == Article.id)
    for article_id, state, goods in db.session.execute(wanted.where(Article.id.in_(article_ids)).order_by(Article.id)):
        should = ON_SALE if state == OPEN else GOODS_OFF
        if goods != should:
            move_product(article_id, should, None, f"the article is {state}")


def look_again(product_ids: Collection[UUID]) -> None:
    """Articles whose goods were changed elsewhere (by an older process) say what these say; what may not be said goes
    off."""
    wanted = select(Article, Product.title, Product.description, Sku.price).join(Product, Product.id == Article.id)
    wanted = wanted.join(Sku, Sku.id == Article.sku_id).where(Article.id.in_(product_ids)).order_by(Article.id)
    for found, title, description, price in db.session.execute(wanted).all():
        if (found.title, found.description, found.price) == (title, description, price):
            continue
        found.title, found.description, found.price = title, description, price or found.price
        try:
            require_permitted(title, description)
            require_price(price)
        except Refused as refusal:
            _move_if_open(found.id, refusal.zh)


def prohibit(caller: Caller, word: str) -> ProhibitedWord:
    """Nobody may sell this any more; what is for sale with it goes off, by the worker. Raises Refused 409, 422 for a
    word of one letter, which would stand in half of all articles."""
    plain = folded(word)
    if len(plain) < 2:
        raise bad_field("word", "至少两个字", "At least two letters.")
    made = ProhibitedWord(id=new_id(), word=word.strip(), folded=plain, by_id=caller.person)
    db.session.add(made)
    db.session.flush()
    audit.record(caller.person, WORD_ADDED, Ref("word", made.id), made.word)
    emit(WordProhibited(made.id))
    return made


def permit(caller: Caller, word_id: UUID) -> None:
    """It may be sold again. Raises Refused 404."""
    found = db.session.get(ProhibitedWord, word_id)
    if found is None:
        raise missing("没有这个词", "There is no such word.")
    audit.record(caller.person, WORD_REMOVED, Ref("word", word_id), found.word)
    db.session.delete(found)
    db.session.flush()


def take_off_prohibited(word_ids: Collection[UUID], most: int = 500) -> None:
    """Take off what is for sale with these words; some at a time, until none is left. May be repeated."""
    words = list(db.session.scalars(select(ProhibitedWord.word).where(ProhibitedWord.id.in_(word_ids))))
    after = UUID(int=0)
    while words:
        some = select(Article.id, Article.title, Article.description).where(Article.state == OPEN, Article.id > after)
        rows = db.session.execute(some.order_by(Article.id).limit(most)).all()
        if not rows:
            return
        found = prohibited_in([f"{row.title}\n{row.description}" for row in rows], words)
        for row, bad in zip(rows, found, strict=True):
            if bad:
                _move_if_open(row.id, f"不能出售：{'、'.join(bad)}")
        after = rows[-1].id


def _say(article: Article, wanted: ArticleWanted) -> None:
    """What its seller says of it, and what it is found by."""
    article.title, article.description = wanted.title, wanted.description
    article.condition, article.price = wanted.condition, wanted.price
    article.province, article.city = wanted.place.province, wanted.place.city
    article.district = wanted.place.district
    for name, value in found_by(wanted).items():
        setattr(article, name, value)


def _opened(caller: Caller) -> UUID:
    name = author_cards([caller.person])[caller.person]["nickname"]
    shop = open_shop(caller, f"{name}的闲置", of_person=True)
    db.session.add(Seller(person_id=caller.person, shop_id=shop.id))
    db.session.flush()
    return shop.id


def _free(caller: Caller, article_id: UUID) -> Article:
    found = article_of(caller.person, article_id, lock=True)
    if found.state != OPEN or found.purchase_id is not None:
        zh, en = "有人拍下了，或已经不在售", "Somebody has it, or it is not for sale."
        raise Refused(409, "reserved", zh, en)
    return found


def _move(found: Article, after: str, who: UUID | None, why: str) -> None:
    before, found.state, found.why = found.state, after, why
    db.session.flush()
    _tell([found.id], who, before, after, why)


def _move_if_open(article_id: UUID, why: str) -> None:
    """Of one that somebody has just bought nothing is taken off."""
    is_free = (Article.id == article_id, Article.state == OPEN, Article.purchase_id.is_(None))
    if changed(update(Article).where(*is_free).values(state=OFF, why=why)):
        _tell([article_id], None, OPEN, OFF, why)


def _tell(article_ids: Sequence[UUID], who: UUID | None, before: str, after: str, why: str) -> None:
    _log(article_ids, who, before, after, why)
    for one in article_ids:
        emit(ArticleMoved(one))


def _log(article_ids: Sequence[UUID], who: UUID | None, before: str | None, after: str, why: str) -> None:
    step = {"who_id": who, "before": before, "after": after, "why": why, "at": func.now()}
    db.session.add_all(ArticleLog(article_id=one, **step) for one in article_ids)
    db.session.flush()


_TAKE = prepared(
    "WITH wanted AS (SELECT a.id, sum(l.quantity) AS units, p.buyer_kind, p.buyer_id FROM orders_lines l"
    "  JOIN secondhand_articles a ON a.id = l.product_id JOIN orders_purchases p ON p.id = l.purchase_id"
    "  WHERE l.purchase_id = :id GROUP BY a.id, p.buyer_kind, p.buyer_id),"
    " taken AS (UPDATE secondhand_articles a SET purchase_id = :id FROM wanted w WHERE a.id = w.id AND w.units = 1"
    "  AND a.state = 'open' AND a.purchase_id IS NULL AND NOT (w.buyer_kind = 'person' AND w.buyer_id = a.seller_id)"
    "  RETURNING a.id)"
    " SELECT (SELECT count(*) FROM wanted) AS wanted, (SELECT count(*) FROM taken) AS taken"
)
_LET_GO = prepared("UPDATE secondhand_articles SET purchase_id = NULL WHERE purchase_id = :id AND state = 'open'")
_SELL = prepared(
    "UPDATE secondhand_articles SET state = 'sold' WHERE purchase_id = :id AND state = 'open' RETURNING id"
)
_TAKE_BACK = prepared(
    "UPDATE secondhand_articles a SET state = 'open', purchase_id = NULL FROM orders_orders o WHERE o.id = :id"
    " AND a.purchase_id = o.purchase_id AND a.shop_id = o.shop_id AND a.state = 'sold' RETURNING a.id"
)
_LET_RETURN = prepared(
    "UPDATE secondhand_articles a SET state = 'off', purchase_id = NULL FROM orders_orders o WHERE o.id = :id"
    " AND a.purchase_id = o.purchase_id AND a.shop_id = o.shop_id AND a.state = 'sold' RETURNING a.id"
)
