"""Questions about freight: what sending a basket costs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.core.errors import missing
from app.core.plain import Row, array_of, prepared, unseen
from app.store.freight.models import PIECE, FreightProduct, FreightRule, FreightTemplate, rule_for


class SentLine(Protocol):
    """What freight must know of a line: `weight` of a unit in grams; whether it `is_sent` at all."""

    @property
    def product_id(self) -> UUID: ...
    @property
    def shop_id(self) -> UUID: ...
    @property
    def quantity(self) -> int: ...
    @property
    def weight(self) -> int: ...
    @property
    def is_sent(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one shop that one template charges together; `rule` None: they are not sent to that address."""

    shop_id: UUID
    rule: FreightRule | None
    places: tuple[int, ...]
    units: int
    pieces: int

    @property
    def is_delivered(self) -> bool:
        return self.rule is not None and self.rule.delivered


@dataclass(frozen=True, slots=True)
class FreightPlan:
    """What charges for which lines of a basket, for one address."""

    groups: Sequence[Group]

    @property
    def undelivered(self) -> list[int]:
        """The places of lines that are not sent to the address."""
        return sorted(place for group in self.groups if not group.is_delivered for place in group.places)

    def fees(self, left: Sequence[int]) -> dict[UUID, int]:
        """The freight of each shop, in 分; `left` is what each line costs after offers."""
        found: dict[UUID, int] = defaultdict(int)
        for group in self.groups:
            if group.rule is not None and group.is_delivered:
                amount = sum(left[place] for place in group.places)
                found[group.shop_id] += group.rule.costs(group.units, group.pieces, amount)
        return dict(found)


NO_FREIGHT = FreightPlan(())


def freight_plan(lines: Sequence[SentLine], address: Mapping[str, Any]) -> FreightPlan:
    """What charges for sending `lines` to `address`. A shop without a template charges nothing. One query."""
    sent = [place for place, line in enumerate(lines) if line.is_sent]
    if not sent:
        return NO_FREIGHT
    products = array_of({lines[place].product_id for place in sent})
    shops = array_of({lines[place].shop_id for place in sent})
    return plan_of(_TEMPLATES.rows(shops=shops, products=products), lines, address)


def costs_the_same(
    shop_id: UUID, product_ids: Collection[UUID], before: Mapping[str, Any], after: Mapping[str, Any]
) -> bool:
    """Whether the same terms hold for sending these goods of a shop to either address. One query."""
    rows = _TEMPLATES.rows(shops=array_of([shop_id]), products=array_of(product_ids))
    own = {one for row in rows for one in row.products or ()}
    used = [row for row in rows if row.products or not own.issuperset(product_ids)]
    return all(_terms(row, before) == _terms(row, after) for row in used)


def _terms(template: Row, address: Mapping[str, Any]) -> FreightRule | None:
    rule = rule_for([rule_of(one) for one in template.rules], address)
    return replace(rule, regions=()) if rule is not None and rule.delivered else None


def plan_of(templates: Sequence[Row], lines: Sequence[SentLine], address: Mapping[str, Any]) -> FreightPlan:
    """As freight_plan, of templates that are known: rows {id, shop_id, unit, rules, is_default, products}."""
    own = {product: one for one in templates for product in one.products or ()}
    usual = {one.shop_id: one for one in templates if one.is_default}
    groups: dict[UUID, list[int]] = defaultdict(list)
    charging = {}
    for place, line in enumerate(lines):
        template = own.get(line.product_id) or usual.get(line.shop_id)
        if line.is_sent and template is not None:
            groups[template.id].append(place)
            charging[template.id] = template
    return FreightPlan([_group(charging[one], lines, places, address) for one, places in sorted(groups.items())])


def _group(template: Row, lines: Sequence[SentLine], places: Sequence[int], address: Mapping[str, Any]) -> Group:
    pieces = sum(lines[place].quantity for place in places)
    weight = sum(lines[place].quantity * lines[place].weight for place in places)
    rule = rule_for([rule_of(one) for one in template.rules], address)
    return Group(template.shop_id, rule, tuple(places), pieces if template.unit == PIECE else weight, pieces)


_TEMPLATES = prepared(
    "SELECT t.id, t.shop_id, t.unit, t.rules, t.is_default, (SELECT array_agg(p.product_id) FROM freight_products p"
    f"  WHERE p.template_id = t.id AND p.product_id = ANY({unseen('products')})) AS products"
    f" FROM freight_templates t WHERE t.shop_id = ANY({unseen('shops')}) AND (t.is_default OR t.id IN"
    f"  (SELECT p.template_id FROM freight_products p WHERE p.product_id = ANY({unseen('products')})))"
)
_RULE_FIELDS = [one.name for one in fields(FreightRule)]


def rule_of(stored: Mapping[str, Any]) -> FreightRule:
    """A rule as a row keeps it."""
    known = {name: stored[name] for name in _RULE_FIELDS if name in stored}
    return FreightRule(**{**known, "regions": tuple(known.get("regions", ()))})


def templates_of(shop_id: UUID) -> list[FreightTemplate]:
    """A shop's templates, the default one first. One query; a shop has at most MOST_TEMPLATES."""
    mine = select(FreightTemplate).where(FreightTemplate.shop_id == shop_id)
    order = (FreightTemplate.is_default.desc(), FreightTemplate.created_at, FreightTemplate.id)
    return list(db.session.scalars(mine.order_by(*order)))


def template_or_missing(shop_id: UUID, template_id: UUID) -> FreightTemplate:
    """A shop's template. Raises Refused 404 for another's."""
    mine = (FreightTemplate.id == template_id, FreightTemplate.shop_id == shop_id)
    found = db.session.scalar(select(FreightTemplate).where(*mine))
    if found is None:
        raise missing("没有这个运费模板", "There is no such template.")
    return found


def products_of(template_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The products with a template of their own, by template. One query."""
    found: dict[UUID, list[UUID]] = {one: [] for one in template_ids}
    wanted = select(FreightProduct).where(FreightProduct.template_id.in_(found)).order_by(FreightProduct.product_id)
    for row in db.session.scalars(wanted) if found else ():
        found[row.template_id].append(row.product_id)
    return found
