"""Promotions as JSON."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from app.core.fields import Choice, Id, In, Int, Moment, Money, Out, PageQuery, Text, some
from app.plays.offers.models import STEPS, WHOLE
from app.plays.promotions.kinds import KINDS
from app.plays.promotions.models import ONE, PAUSED, RUNNING, STATES, Scope

MOST_IN_SCOPE = 500
MOST_USES = 1_000_000_000
CHANGED_STATES = (RUNNING, PAUSED, "ended")


class ScopeIn(In):
    """Which goods: all, or those named, but never the excluded ones. `shops`: for the platform's own."""

    products = some(Id(), most=MOST_IN_SCOPE, load_default=list)
    categories = some(Id(), most=MOST_IN_SCOPE, load_default=list)
    shops = some(Id(), most=MOST_IN_SCOPE, load_default=list)
    excluded_products = some(Id(), most=MOST_IN_SCOPE, load_default=list)
    excluded_categories = some(Id(), most=MOST_IN_SCOPE, load_default=list)

    @post_load
    def _as_scope(self, given: Mapping[str, Any], **_: Any) -> Scope:
        return Scope(**{name: frozenset(ids) for name, ids in given.items()})


class PromotionIn(In):
    """A promotion; `terms` are those of its kind (docs/api.md). Amounts in 分."""

    kind = Choice(*sorted(KINDS), required=True)
    name = Text(most=60, required=True)
    terms = fields.Dict(required=True)
    scope = fields.Nested(ScopeIn, load_default=Scope)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    budget = Money(least=1, load_default=None, allow_none=True)
    most_uses = Int(least=1, most=MOST_USES, load_default=None, allow_none=True)
    most_per_person = Int(least=1, most=1000, load_default=None, allow_none=True)
    most_per_day = Int(least=1, most=1000, load_default=None, allow_none=True)
    min_spend = Money(load_default=0)
    cap = Money(least=1, load_default=None, allow_none=True)
    stack_group = Text(most=20, least=0, load_default=ONE)


class PlatformPromotionIn(PromotionIn):
    """`platform_share`: so many ‱ of what it takes off the platform bears, the shops named in its scope the rest."""

    platform_share = Int(least=0, most=WHOLE, load_default=WHOLE)


class PromotionChangeIn(In):
    """What is left out stays. Once it has run, only `name`, `ends_at`, `budget`, `most_uses` and `state` change."""

    name = Text(most=60)
    terms = fields.Dict()
    scope = fields.Nested(ScopeIn)
    starts_at = Moment()
    ends_at = Moment()
    budget = Money(least=1, allow_none=True)
    most_uses = Int(least=1, most=MOST_USES, allow_none=True)
    most_per_person = Int(least=1, most=1000, allow_none=True)
    most_per_day = Int(least=1, most=1000, allow_none=True)
    min_spend = Money()
    cap = Money(least=1, allow_none=True)
    stack_group = Text(most=20, least=0)
    state = Choice(*CHANGED_STATES)


class PlatformPromotionChangeIn(PromotionChangeIn):
    platform_share = Int(least=0, most=WHOLE)


class PromotionsQuery(PageQuery):
    state = Choice(*STATES, load_default=None)


class PromotionFigures(Out):
    """Uses that stand, what they took off, and what was paid for the goods that they counted."""

    uses = fields.Integer(required=True)
    spent = fields.Integer(required=True)
    revenue = fields.Integer(required=True)


class PromotionLogOut(Out):
    who_id = Id(required=True, allow_none=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True)
    why = fields.String(required=True)
    at = Moment(required=True)


class PromotionOut(Out):
    id = Id(required=True)
    kind = fields.Constant("promotion", required=True)
    promotion = Choice(*sorted(KINDS), required=True)
    step = Choice(*STEPS, required=True)
    shop_id = Id(required=True, allow_none=True)
    name = fields.String(required=True)
    terms = fields.Dict(required=True)
    scope = fields.Dict(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    budget = fields.Integer(required=True, allow_none=True)
    most_uses = fields.Integer(required=True, allow_none=True)
    most_per_person = fields.Integer(required=True, allow_none=True)
    most_per_day = fields.Integer(required=True, allow_none=True)
    min_spend = fields.Integer(required=True)
    cap = fields.Integer(required=True, allow_none=True)
    stack_group = fields.String(required=True)
    platform_share = fields.Integer(required=True)
    state = Choice(*STATES, required=True)
    figures = fields.Nested(PromotionFigures, required=True)
    created_at = Moment(required=True)


class WholePromotionOut(PromotionOut):
    log = fields.List(fields.Nested(PromotionLogOut), required=True)


class PromotionPage(Out):
    items = fields.List(fields.Nested(PromotionOut), required=True)
    next = fields.String(required=True, allow_none=True)
