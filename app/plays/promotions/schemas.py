"""Promotions as JSON."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load

from app.core.clock import CHINA
from app.core.errors import said
from app.core.fields import Choice, Id, In, Int, Moment, Money, NewId, OrNone, Out, PageQuery, QueryInt, Text, some
from app.plays.offers.models import STEPS, WHOLE
from app.plays.promotions.kinds import KINDS
from app.plays.promotions.kinds.base import COUNT, PERCENT, YUAN, FormField, Kind
from app.plays.promotions.models import ONE, PAUSED, RUNNING, STATES, PromotionWanted, Scope
from app.store.catalogue.schemas import Yuan

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


class LocalMoment(fields.Field[Any]):
    """What <input type=datetime-local> sends, in the time of China."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any) -> datetime:
        try:
            found = datetime.strptime(str(value), "%Y-%m-%dT%H:%M").replace(tzinfo=CHINA)
        except ValueError:
            raise ValidationError("Not a valid datetime.") from None
        if not 1970 <= found.year <= 9998:
            raise ValidationError("Not a valid datetime.")
        return found


class Ids(fields.Field[Any]):
    """Ids of goods or shops as people paste them: in whatever text, in addresses of pages too."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **named: Any
    ) -> frozenset[UUID]:
        found = frozenset(UUID(one) for one in re.findall(_UUID, str(value)))
        if len(found) > MOST_IN_SCOPE or (str(value).strip() and not found):
            raise ValidationError([said("没有识别到商品编号", "There is no id in it, or too many.")])
        return found


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_UNITS: dict[str, Callable[[], fields.Field[Any]]] = {
    YUAN: Yuan,
    PERCENT: lambda: QueryInt(least=1, most=100),
    COUNT: lambda: QueryInt(least=1, most=99),
}


class PromotionForm(In):
    """The form of a promotion; the fields of its kind come beside it (promotion_sent). `id`: came with the form."""

    id = NewId(required=True)
    kind = Choice(*sorted(KINDS), required=True)
    name = Text(most=60, required=True)
    starts_at = LocalMoment(required=True)
    ends_at = LocalMoment(required=True)
    products = Ids(load_default=frozenset())
    shops = Ids(load_default=frozenset())
    budget = OrNone(Yuan())
    most_uses = OrNone(QueryInt(least=1, most=MOST_USES))
    most_per_person = OrNone(QueryInt(least=1, most=1000))
    min_spend = OrNone(Yuan())
    cap = OrNone(Yuan())
    platform_percent = OrNone(QueryInt(least=0, most=100))


def promotion_sent(sent: Mapping[str, str], is_platform: bool, is_coupon: bool = False) -> tuple[UUID, PromotionWanted]:
    """(id, promotion) of a form. Raises ValidationError with all fields at fault, those of the terms by their names."""
    faults: dict[str, Any] = {}
    given = _loaded(PromotionForm(), sent, faults)
    kind = KINDS.get(sent.get("kind", ""))
    terms = _terms(kind, sent, faults) if kind else {}
    if faults:
        raise ValidationError(faults)
    scope = Scope(products=given.pop("products"), shops=given.pop("shops"))
    percent = given.pop("platform_percent")
    share = WHOLE if percent is None else percent * WHOLE // 100
    form_id: UUID = given.pop("id")
    spend: dict[str, Any] = {"min_spend": given.pop("min_spend") or 0, "platform_share": share if is_platform else 0}
    return form_id, PromotionWanted(**given, **spend, scope=scope, terms=terms, is_coupon=is_coupon)


def _terms(kind: Kind, sent: Mapping[str, str], faults: dict[str, Any]) -> dict[str, Any]:
    """The terms of a kind, checked as the kind checks them."""
    own = In.from_dict({one.name: _field(one) for one in kind.fields})()
    values = _loaded(own, sent, faults)
    if faults:
        return {}
    in_parts = {one.name for one in kind.fields if one.unit == PERCENT}
    whole = {name: value * WHOLE // 100 if value and name in in_parts else value for name, value in values.items()}
    terms = kind.of_form(whole)
    try:
        kind.stored(terms)
    except ValidationError as fault:
        faults |= {kind.fields[0].name: [one for texts in fault.messages_dict.values() for one in texts]}
    return terms


def _field(one: FormField) -> fields.Field[Any]:
    made = _UNITS[one.unit]()
    if one.is_required:
        made.required = True
        return made
    return OrNone(made)


def _loaded(schema: Schema, sent: Mapping[str, str], faults: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(schema.load(dict(sent)))
    except ValidationError as fault:
        faults |= fault.messages_dict
        return {}


class StateForm(In):
    state = Choice(*CHANGED_STATES, required=True)
