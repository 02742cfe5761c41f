"""JSON of comments."""

from typing import Any

from marshmallow import fields, post_load

from app.community.cards.schemas import TagLinkOut, TakeDownReasonOut
from app.community.comments.models import HOT, MOST_PRODUCTS, NEW, GoodsNamed
from app.core.fields import Choice, Id, In, Moment, Out, PageQuery, Text, some
from app.people.accounts.schemas import AuthorOut
from app.store.catalogue.schemas import ProductCardOut

LONGEST_COMMENT = 1000


class GoodsNamedIn(In):
    product_id = Id(required=True)
    sku_id = Id(load_default=None, allow_none=True)

    @post_load
    def named(self, found: dict[str, Any], **_: Any) -> GoodsNamed:
        return GoodsNamed(**found)


class CommentIn(In):
    """`parent_id`: the comment that this one answers."""

    body = Text(most=LONGEST_COMMENT, required=True)
    parent_id = Id(load_default=None, allow_none=True)
    products = some(GoodsNamedIn, most=MOST_PRODUCTS, load_default=list)


class CommentsQuery(PageQuery):
    """`sort`: "hot" (liked and answered most), or "new"."""

    sort = Choice(HOT, NEW, load_default=NEW)


class NamedProductOut(Out):
    product = fields.Nested(ProductCardOut, required=True)
    link = fields.Nested(TagLinkOut, required=True)


class CommentCountsOut(Out):
    likes = fields.Integer(required=True)
    replies = fields.Integer(required=True)


class CommentViewerOut(Out):
    liked = fields.Boolean(required=True)


class CommentReplyOut(Out):
    """`root_id`: of the thread, null for a comment on the post itself. `answers`: whom a reply to a reply answers.
    `badges`: "author" of the post, "merchant" of goods that it shows. `takedown`, `held`: why it is hidden from others;
    its author alone sees it."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    post_id = fields.UUID(required=True)
    root_id = fields.UUID(required=True, allow_none=True)
    parent_id = fields.UUID(required=True, allow_none=True)
    body = fields.String(required=True)
    author = fields.Nested(AuthorOut, required=True, allow_none=True)
    badges = fields.List(fields.String(), required=True)
    answers = fields.Nested(AuthorOut, required=True, allow_none=True)
    products = fields.List(fields.Nested(NamedProductOut), required=True)
    counts = fields.Nested(CommentCountsOut, required=True)
    viewer = fields.Nested(CommentViewerOut, required=True)
    pinned = fields.Boolean(required=True)
    created_at = Moment(required=True)
    takedown = fields.Nested(TakeDownReasonOut, required=True, allow_none=True)
    held = fields.Boolean(required=True)


class CommentOut(CommentReplyOut):
    """`replies`: the first few, where it is a comment on the post itself."""

    replies = fields.List(fields.Nested(CommentReplyOut), required=True)


class CommentsOut(Out):
    items = fields.List(fields.Nested(CommentOut), required=True)
    next = fields.String(required=True, allow_none=True)


class CommentRepliesOut(Out):
    items = fields.List(fields.Nested(CommentReplyOut), required=True)
    next = fields.String(required=True, allow_none=True)
