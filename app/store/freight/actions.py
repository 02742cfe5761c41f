"""What is done to freight: a shop writes its templates, and says which goods have one of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.ids import new_id
from app.store.catalogue.models import Product
from app.store.freight.models import (
    MOST_TEMPLATES,
    FreightProduct,
    FreightRule,
    FreightTemplate,
    TemplateWanted,
    region_of,
)
from app.store.freight.queries import template_or_missing
from app.store.shops.models import SETTINGS
from app.store.shops.queries import require_right


def make_template(by: UUID, shop_id: UUID, wanted: TemplateWanted) -> FreightTemplate:
    """A new template; a shop's first is its default. Raises Refused 404, 403, 422 for rules that contradict each
    other, 409 "too_many" above MOST_TEMPLATES."""
    require_right(shop_id, by, SETTINGS)
    many = db.session.scalar(select(func.count()).where(FreightTemplate.shop_id == shop_id)) or 0
    if many >= MOST_TEMPLATES:
        raise Refused(409, "too_many", "运费模板太多", f"A shop has at most {MOST_TEMPLATES} templates.")
    is_default = wanted.is_default or many == 0
    if is_default:
        _no_default(shop_id)
    made = FreightTemplate(id=new_id(), shop_id=shop_id, name=wanted.name, unit=wanted.unit, is_default=is_default)
    made.rules = _stored(wanted.rules)
    db.session.add(made)
    db.session.flush()
    return made


def change_template(by: UUID, shop_id: UUID, template_id: UUID, changes: Mapping[str, Any]) -> FreightTemplate:
    """Change name, unit, rules (all of them) or make it the default. Raises Refused as make_template."""
    require_right(shop_id, by, SETTINGS)
    found = template_or_missing(shop_id, template_id)
    if changes.get("is_default"):
        _no_default(shop_id)
    for name in ("name", "unit", "is_default"):
        if changes.get(name) is not None:
            setattr(found, name, changes[name])
    if changes.get("rules") is not None:
        found.rules = _stored(changes["rules"])
    found.changed_at = clock.db_now()
    db.session.flush()
    return found


def delete_template(by: UUID, shop_id: UUID, template_id: UUID) -> None:
    """Its goods are charged by the default from now on; without one, sending them costs nothing."""
    require_right(shop_id, by, SETTINGS)
    found = template_or_missing(shop_id, template_id)
    db.session.execute(delete(FreightProduct).where(FreightProduct.template_id == found.id))
    db.session.execute(delete(FreightTemplate).where(FreightTemplate.id == found.id))


def set_products(by: UUID, shop_id: UUID, template_id: UUID, product_ids: Sequence[UUID]) -> None:
    """These goods, and no others, are charged by this template. Raises Refused 422 for goods of another shop."""
    require_right(shop_id, by, SETTINGS)
    template_or_missing(shop_id, template_id)
    mine = set(db.session.scalars(select(Product.id).where(Product.id.in_(product_ids), Product.shop_id == shop_id)))
    if set(product_ids) - mine:
        raise bad_field("products", "有不属于本店的商品", "Not all of these are goods of this shop.")
    gone = delete(FreightProduct).where(FreightProduct.template_id == template_id)
    db.session.execute(gone.where(FreightProduct.product_id.not_in(mine)))
    for product_id in sorted(mine):
        row = insert(FreightProduct).values(product_id=product_id, template_id=template_id)
        one = row.on_conflict_do_update(index_elements=["product_id"], set_={"template_id": template_id})
        db.session.execute(one)


def _no_default(shop_id: UUID) -> None:
    was = update(FreightTemplate).where(FreightTemplate.shop_id == shop_id, FreightTemplate.is_default)
    db.session.execute(was.values(is_default=False))


def _stored(rules: Sequence[FreightRule]) -> list[dict[str, Any]]:
    """Rules as a row keeps them, regions in one spelling. Raises Refused 422 for a region that is not there or in two
    rules, and for two rules for elsewhere."""
    stored, seen = [], set[str]()
    for rule in rules:
        regions = sorted({_region(name) for name in rule.regions}) or [""]
        if seen.intersection(regions):
            raise bad_field("rules", "同一地区出现在两条规则里", "A region stands in two rules.")
        seen.update(regions)
        stored.append({**asdict(rule), "regions": [one for one in regions if one]})
    return stored


def _region(name: str) -> str:
    found = region_of(name)
    if found is None:
        raise bad_field("rules", f"没有这个地区：{name}", f"There is no such region: {name}")
    return found
