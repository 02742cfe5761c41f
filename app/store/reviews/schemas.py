"""Reviews as JSON."""

from marshmallow import fields

from app.core.fields import Id, Int, Moment, Out
from app.people.accounts.schemas import AuthorOut


class ReviewOut(Out):
    id = Id(required=True)
    kind = fields.Constant("review", required=True)
    product_id = Id(required=True)
    author = fields.Nested(AuthorOut, required=True, allow_none=True)
    rating = Int(least=1, most=5, required=True)
    text = fields.String(required=True)
    created_at = Moment(required=True)


class ReviewsOut(Out):
    """`average` of all reviews in stars, null while there are none; `count` of all of them."""

    items = fields.List(fields.Nested(ReviewOut), required=True)
    next = fields.String(required=True, allow_none=True)
    average = fields.Float(required=True, allow_none=True)
    count = Int(required=True)
