"""Coupons as JSON."""

from collections.abc import Mapping

from marshmallow import fields

from app.core.fields import Bool, Choice, Id, In, Int, Moment, OrNone, Out, PageQuery, QueryInt, Text, some
from app.plays.coupons.models import CLAIMED, GIVEN, MOST_CODES_AT_ONCE, SHOWN_STATES, BatchWanted
from app.plays.promotions.schemas import PlatformPromotionIn, PromotionIn, PromotionOut

MOST_COUPONS = 100_000_000
MOST_PEOPLE = 500


class _BatchIn(In):
    """How coupons get to people: claimed by them (`is_claimable`), given to them, by a public `code`, or by codes that
    work once (POST .../codes). `valid_days` from the claim; without it as long as the promotion."""

    quantity = Int(least=1, most=MOST_COUPONS, load_default=None, allow_none=True)
    per_person = Int(least=1, most=100, load_default=1)
    is_claimable = Bool(load_default=True)
    claim_from = Moment(load_default=None, allow_none=True)
    claim_until = Moment(load_default=None, allow_none=True)
    valid_days = Int(least=1, most=3650, load_default=None, allow_none=True)
    code = Text(most=40, load_default=None, allow_none=True)


class _BatchForm(In):
    quantity = OrNone(QueryInt(least=1, most=MOST_COUPONS))
    per_person = QueryInt(least=1, most=100, load_default=1)
    how = Choice("claim", "gift", load_default="claim")
    valid_days = OrNone(QueryInt(least=1, most=3650))
    code = OrNone(Text(most=40))


def batch_sent(sent: Mapping[str, str]) -> BatchWanted:
    """How a batch gets to people, from its form. Raises ValidationError."""
    given = _BatchForm().load(dict(sent))
    is_claimable = given.pop("how") == "claim"
    return BatchWanted(**given, is_claimable=is_claimable)


BATCH = ("quantity", "per_person", "is_claimable", "claim_from", "claim_until", "valid_days", "code")


class CouponBatchIn(_BatchIn, PromotionIn):
    pass


class PlatformCouponBatchIn(_BatchIn, PlatformPromotionIn):
    pass


class CouponCodesIn(In):
    count = Int(least=1, most=MOST_CODES_AT_ONCE, required=True)


class CouponCodesOut(Out):
    """The only time that they are seen."""

    codes = fields.List(fields.String(), required=True)


class GiveCouponsIn(In):
    people = some(Id(), most=MOST_PEOPLE, least=1, required=True)


class GivenCouponsOut(Out):
    given = fields.Integer(required=True)


class BatchOut(Out):
    quantity = fields.Integer(required=True, allow_none=True)
    claimed = fields.Integer(required=True)
    per_person = fields.Integer(required=True)
    is_claimable = fields.Boolean(required=True)
    claim_from = Moment(required=True, allow_none=True)
    claim_until = Moment(required=True, allow_none=True)
    valid_days = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)


class CouponBatchOut(PromotionOut):
    batch = fields.Nested(BatchOut, required=True)


class CouponBatchPage(Out):
    items = fields.List(fields.Nested(CouponBatchOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ClaimedOut(Out):
    id = Id(required=True)
    kind = fields.Constant("coupon", required=True)
    code = fields.String(required=True)


class MyCouponsQuery(PageQuery):
    """Without `state`: all."""

    state = Choice(*SHOWN_STATES, load_default=None)


class MyCouponOut(Out):
    """`code` is what a checkout takes in `offers`."""

    id = Id(required=True)
    kind = Choice("coupon", required=True)
    code = fields.String(required=True)
    batch_id = Id(required=True)
    how = Choice(CLAIMED, GIVEN, required=True)
    state = Choice(*SHOWN_STATES, required=True)
    shop_id = Id(required=True, allow_none=True)
    promotion = fields.String(required=True)
    name = fields.String(required=True)
    terms = fields.Dict(required=True)
    scope = fields.Dict(required=True)
    min_spend = fields.Integer(required=True)
    cap = fields.Integer(required=True, allow_none=True)
    purchase_id = Id(required=True, allow_none=True)
    at = fields.String(required=True)
    starts_at = fields.String(required=True)
    valid_until = fields.String(required=True)


class MyCouponPage(Out):
    items = fields.List(fields.Nested(MyCouponOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ClaimableQuery(PageQuery):
    shop_id = Id(load_default=None)


class ClaimableOut(Out):
    """A batch that can be claimed; `left` of it, and how many the caller has (`mine`)."""

    id = Id(required=True)
    kind = Choice("coupon_batch", required=True)
    shop_id = Id(required=True, allow_none=True)
    promotion = fields.String(required=True)
    name = fields.String(required=True)
    terms = fields.Dict(required=True)
    scope = fields.Dict(required=True)
    min_spend = fields.Integer(required=True)
    cap = fields.Integer(required=True, allow_none=True)
    per_person = fields.Integer(required=True)
    left = fields.Integer(required=True, allow_none=True)
    mine = fields.Integer(required=True)
    valid_days = fields.Integer(required=True, allow_none=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class ClaimablePage(Out):
    items = fields.List(fields.Nested(ClaimableOut), required=True)
    next = fields.String(required=True, allow_none=True)
