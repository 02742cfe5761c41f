"""Second-hand as JSON and in forms. Amounts in minor units, in forms in yuan."""

from typing import Any

from marshmallow import ValidationError, fields, post_load

from app.core.errors import said
from app.core.fields import Choice, Id, In, Int, NewId, OrNone, Out, PageQuery, Prose, Text, some
from app.people.accounts.schemas import AuthorOut
from app.people.addresses.schemas import Province
from app.people.uploads.schemas import PictureOut
from app.store.catalogue.schemas import Yuan
from app.store.secondhand.models import (
    CONDITIONS,
    LONGEST_DESCRIPTION,
    LONGEST_TITLE,
    LONGEST_WORD,
    MOST_PICTURES,
    MOST_PRICE,
    STATES,
    WAYS,
    ArticleWanted,
    Place,
)
from app.store.secondhand.queries import Sought

PLACE_MOST = 50
TOO_MUCH = said(f"最高 {MOST_PRICE // 100} 元", f"At most ¥{MOST_PRICE // 100}.")


class ArticlePlaceIn(In):
    """Where an article is. Some cities have no districts."""

    province = Province(required=True)
    city = Text(most=PLACE_MOST, required=True)
    district = Text(most=PLACE_MOST, least=0, load_default="")


class ArticleChangeIn(In):
    """An article as its seller says it."""

    title = Text(most=LONGEST_TITLE, required=True)
    description = Prose(most=LONGEST_DESCRIPTION, least=0, load_default="")
    condition = Choice(*CONDITIONS, required=True)
    price = Int(least=1, most=MOST_PRICE, required=True)
    place = fields.Nested(ArticlePlaceIn, required=True)

    @post_load
    def as_wanted(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        uploads = data.pop("uploads", [])
        place = Place(**data.pop("place"))
        return {"wanted": ArticleWanted(**{"way": "", **data}, place=place), "uploads": uploads}


class ArticleIn(ArticleChangeIn):
    """`way` stays: in person, or by parcel. `uploads` are the seller's own pictures, the cover first."""

    way = Choice(*WAYS, required=True)
    uploads = some(Id(), most=MOST_PICTURES, load_default=list)


class ArticleForm(In):
    """A page's form of an article; `way` stays once it is listed."""

    title = Text(most=LONGEST_TITLE, required=True)
    description = Prose(most=LONGEST_DESCRIPTION, least=0, load_default="")
    condition = Choice(*CONDITIONS, required=True)
    price = Yuan(required=True)
    province = Province(required=True)
    city = Text(most=PLACE_MOST, required=True)
    district = Text(most=PLACE_MOST, least=0, load_default="")
    way = Choice(*WAYS, load_default="meet")

    @post_load
    def as_wanted(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if data["price"] > MOST_PRICE:
            raise ValidationError({"price": [TOO_MUCH]})
        place = Place(*(data.pop(name) for name in ("province", "city", "district")))
        article_id = data.pop("id", None)
        return {"wanted": ArticleWanted(**data, place=place), "id": article_id}


class NewArticleForm(ArticleForm):
    """`id` came with the form."""

    id = NewId(required=True)
    way = Choice(*WAYS, required=True)


class SoughtQuery(PageQuery):
    """What somebody looks for."""

    q = Text(most=100, least=0, load_default="")
    city = Text(most=PLACE_MOST, least=0, load_default="")
    district = Text(most=PLACE_MOST, least=0, load_default="")
    condition = OrNone(Choice(*CONDITIONS))
    way = OrNone(Choice(*WAYS))
    most_price = OrNone(Yuan(), metadata={"description": "In yuan."})

    @post_load
    def as_sought(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        page = {name: data.pop(name) for name in ("limit", "cursor")}
        return {"sought": Sought(most=data.pop("most_price"), **data), **page}


class WordIn(In):
    word = Text(most=LONGEST_WORD, required=True)


class HandOverForm(In):
    code = Text(most=20, required=True)


class SendForm(In):
    carrier = Text(most=40, required=True)
    number = Text(most=40, required=True)


class ArticlePlaceOut(Out):
    province = fields.String(required=True)
    city = fields.String(required=True)
    district = fields.String(required=True)


class ArticleOut(Out):
    """`is_reserved`: somebody is buying it; `is_for_sale`: and nobody is, nor has taken it down. `sku_id` is what a
    checkout buys."""

    id = Id(required=True)
    kind = fields.Constant("article", required=True)
    title = fields.String(required=True)
    condition = Choice(*CONDITIONS, required=True)
    way = Choice(*WAYS, required=True)
    price = fields.Integer(required=True)
    place = fields.Nested(ArticlePlaceOut, required=True)
    state = Choice(*STATES, required=True)
    is_reserved = fields.Boolean(required=True)
    is_for_sale = fields.Boolean(required=True)
    seller = fields.Nested(AuthorOut, required=True, allow_none=True)
    cover = fields.Nested(PictureOut, required=True, allow_none=True)
    sku_id = Id(required=True)
    listed_at = fields.String(required=True)


class ArticlesOut(Out):
    items = fields.List(fields.Nested(ArticleOut), required=True)
    next = fields.String(required=True, allow_none=True)


class OwnArticleOut(ArticleOut):
    """For its seller: `why` it is off, the shop that it stands in (its orders, bills and payouts are there), and the
    paid order of one that is sold."""

    why = fields.String(required=True)
    shop_id = Id(required=True)
    order_id = Id(required=True, allow_none=True)


class OwnArticlesOut(Out):
    items = fields.List(fields.Nested(OwnArticleOut), required=True)
    next = fields.String(required=True, allow_none=True)


class WholeArticleOut(ArticleOut):
    """With its text and pictures; to its seller `shop_id` and `order_id` as in his list, to others null."""

    description = fields.String(required=True)
    pictures = fields.List(fields.Nested(PictureOut), required=True)
    shop_id = Id(required=True, allow_none=True)
    order_id = Id(required=True, allow_none=True)


class ProhibitedWordOut(Out):
    id = Id(required=True)
    kind = fields.Constant("prohibited_word", required=True)
    word = fields.String(required=True)


class ProhibitedWordsOut(Out):
    """`always`: the words that stand in the list from the beginning."""

    items = fields.List(fields.Nested(ProhibitedWordOut), required=True)
    next = fields.String(required=True, allow_none=True)
    always = fields.List(fields.String(), required=True)
