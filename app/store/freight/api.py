"""Doors of freight, for those who work in a shop."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.store.freight import actions, queries
from app.store.freight.models import FreightTemplate, TemplateWanted
from app.store.freight.schemas import TemplateChangeIn, TemplateIn, TemplateOut, TemplateProductsIn, TemplatesOut
from app.store.shops.queries import require_staff

door = Door("freight", for_keys=True)
TEMPLATES = "/shops/<uuid:shop_id>/freight"
TEMPLATE = f"{TEMPLATES}/<uuid:template_id>"


@door.get(TEMPLATES, gives=TemplatesOut, who=PERSON)
def list_templates(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """A shop's freight templates, the default one first."""
    require_staff(shop_id, caller.person)
    return {"items": _shown(queries.templates_of(shop_id)), "next": None}


@door.post(TEMPLATES, takes=TemplateIn, gives=TemplateOut)
def make_template(caller: Caller, shop_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """A new freight template; a shop's first is its default."""
    rules = [queries.rule_of(one) for one in given.pop("rules")]
    return _shown([actions.make_template(caller.person, shop_id, TemplateWanted(rules=rules, **given))])[0]


@door.patch(TEMPLATE, takes=TemplateChangeIn, gives=TemplateOut)
def change_template(caller: Caller, shop_id: UUID, template_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Change a template; `rules` replaces all rules."""
    if given["rules"] is not None:
        given["rules"] = [queries.rule_of(one) for one in given["rules"]]
    return _shown([actions.change_template(caller.person, shop_id, template_id, given)])[0]


@door.delete(TEMPLATE)
def delete_template(caller: Caller, shop_id: UUID, template_id: UUID) -> None:
    """Delete a template; its goods are charged by the default."""
    actions.delete_template(caller.person, shop_id, template_id)


@door.put(f"{TEMPLATE}/products", takes=TemplateProductsIn)
def set_products(caller: Caller, shop_id: UUID, template_id: UUID, given: dict[str, Any]) -> None:
    """Say which goods are charged by this template instead of the default."""
    actions.set_products(caller.person, shop_id, template_id, given["products"])


def _shown(templates: list[FreightTemplate]) -> list[dict[str, Any]]:
    products = queries.products_of([one.id for one in templates])
    names = ("id", "name", "unit", "is_default", "rules", "changed_at")
    return [{**{name: getattr(one, name) for name in names}, "products": products[one.id]} for one in templates]
