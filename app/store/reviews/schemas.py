"""Reviews as JSON."""

from marshmallow import fields

from app.core.fields import Choice, Id, In, Int, Moment, NewId, Out, PageQuery, Prose, QueryInt, Text, some
from app.people.accounts.schemas import AuthorOut
from app.people.uploads.schemas import PictureOut
from app.store.reviews.models import MOST_PICTURES, MOST_STARS
from app.store.reviews.queries import HELPFUL_FIRST, NEWEST

TEXT_MOST, REPLY_MOST = 2000, 500


class ReviewIn(In):
    """What a buyer says of a line; `uploads` are his own pictures."""

    line_id = Id(required=True)
    rating = Int(least=1, most=MOST_STARS, required=True)
    text = Text(most=TEXT_MOST, least=0, load_default="")
    uploads = some(Id(), most=MOST_PICTURES, load_default=list)


class ReviewChangesIn(In):
    """What is left out stays. `uploads`: all pictures of the review, but for those of its follow-up."""

    rating = Int(least=1, most=MOST_STARS)
    text = Text(most=TEXT_MOST, least=0)
    uploads = some(Id(), most=MOST_PICTURES)


class FollowUpIn(In):
    text = Text(most=TEXT_MOST, required=True)
    uploads = some(Id(), most=MOST_PICTURES, load_default=list)


class ReplyIn(In):
    text = Text(most=REPLY_MOST, required=True)


class ReplyForm(In):
    text = Prose(most=REPLY_MOST, required=True)


class ReviewForm(In):
    """As ReviewIn; `id` came with the form."""

    id = NewId(required=True)
    line_id = Id(required=True)
    rating = QueryInt(least=1, most=MOST_STARS, required=True)
    text = Prose(most=TEXT_MOST, least=0, load_default="")


class ReviewChangesForm(In):
    """`seen`: as `version` of the review that it was filled in for. Its kept pictures are read beside it."""

    seen = Text(most=40, required=True)
    rating = QueryInt(least=1, most=MOST_STARS, required=True)
    text = Prose(most=TEXT_MOST, least=0, load_default="")


class FollowUpForm(In):
    text = Prose(most=TEXT_MOST, required=True)


class YesNo(fields.Boolean):
    """Of a query: "true" or "false"."""

    truthy = {"true", "1"}
    falsy = {"false", "0"}


class ReviewsQuery(PageQuery):
    stars = QueryInt(least=1, most=MOST_STARS, load_default=None)
    pictures = YesNo(load_default=None)
    followed_up = YesNo(load_default=None)
    sort = Choice(NEWEST, HELPFUL_FIRST, load_default=NEWEST)


class ShopReviewsQuery(ReviewsQuery):
    replied = YesNo(load_default=None)


class FollowUpOut(Out):
    text = fields.String(required=True)
    pictures = fields.List(fields.Nested(PictureOut), required=True)
    created_at = Moment(required=True)


class ReplyOut(Out):
    text = fields.String(required=True)
    created_at = Moment(required=True)


class ReviewOut(Out):
    """`refunded`: all units that it is about were refunded; it stays. `edited_at`: when its author last changed it."""

    id = Id(required=True)
    kind = fields.Constant("review", required=True)
    product_id = Id(required=True)
    author = fields.Nested(AuthorOut, required=True, allow_none=True)
    rating = Int(least=1, most=5, required=True)
    text = fields.String(required=True)
    pictures = fields.List(fields.Nested(PictureOut), required=True)
    follow_up = fields.Nested(FollowUpOut, required=True, allow_none=True)
    reply = fields.Nested(ReplyOut, required=True, allow_none=True)
    helpful = Int(required=True)
    refunded = fields.Boolean(required=True)
    created_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)


class WholeReviewOut(ReviewOut):
    """With the line that it is about; for its author and its shop. A reason: it is taken down. `uploads`: its pictures,
    for who changes them."""

    order_id = Id(required=True)
    line_id = Id(required=True)
    title = fields.String(required=True)
    sku_name = fields.String(required=True)
    takedown_reason = fields.String(required=True, allow_none=True)
    uploads = fields.List(Id(), required=True)


class WholeReviewsOut(Out):
    items = fields.List(fields.Nested(WholeReviewOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ReviewsOut(Out):
    """`average` of all reviews in stars, null while there are none; `count` of all of them; `stars`: how many gave "1"
    to "5"; how many show pictures, and their share of 1."""

    items = fields.List(fields.Nested(ReviewOut), required=True)
    next = fields.String(required=True, allow_none=True)
    average = fields.Float(required=True, allow_none=True)
    count = Int(required=True)
    stars = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    with_pictures = Int(required=True)
    with_pictures_share = fields.Float(required=True)
