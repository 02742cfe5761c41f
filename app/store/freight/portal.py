"""Pages of a shop's freight templates, for those who set it up."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import faults_of, form, once_more
from app.core.http.pages import PageDoor, go, page
from app.core.money import yuan
from app.store.freight import actions, queries
from app.store.freight.models import FreightRule, FreightTemplate
from app.store.freight.schemas import REGIONS_LENGTH, products_sent, rows_shown, template_sent
from app.store.shops.models import SETTINGS, Shop
from app.store.shops.queries import require_right, require_staff

door = PageDoor("freight", __name__, who=PERSON)
menu.add(menu.SHOP, "/freight", "运费", "Freight", order=60)
TEMPLATES = "/portal/shops/<uuid:shop_id>/freight"
TEMPLATE = f"{TEMPLATES}/<uuid:template_id>"
_MONEY = {"first_price", "further_price", "free_amount"}


@door.get(TEMPLATES)
def list_templates(caller: Caller, shop_id: UUID) -> str:
    """What sending costs, template by template."""
    shop = require_staff(shop_id, caller.person)
    found = [(one, [queries.rule_of(rule) for rule in one.rules]) for one in queries.templates_of(shop_id)]
    return page("freight_list.html", shop=shop, templates=found)


@door.get(f"{TEMPLATES}/new")
def new_template(caller: Caller, shop_id: UUID) -> str:
    """An empty form."""
    return _form_page(require_right(shop_id, caller.person, SETTINGS), None, {"unit": "piece"}, {})


@door.post(TEMPLATES)
def make_template(caller: Caller, shop_id: UUID) -> AnyResponse:
    """Make it; a shop's first is its default."""
    shop = require_right(shop_id, caller.person, SETTINGS)

    def make() -> None:
        wanted, products = template_sent(form()), products_sent(form())
        made = actions.make_template(caller.person, shop_id, wanted)
        actions.set_products(caller.person, shop_id, made.id, products)

    return _changed(shop, None, make)


@door.get(TEMPLATE)
def show_template(caller: Caller, shop_id: UUID, template_id: UUID) -> str:
    """The form of a template, filled in."""
    shop = require_right(shop_id, caller.person, SETTINGS)
    found = queries.template_or_missing(shop_id, template_id)
    return _form_page(shop, template_id, _filled(found), {})


@door.post(TEMPLATE)
def change_template(caller: Caller, shop_id: UUID, template_id: UUID) -> AnyResponse:
    """Write the template anew."""
    shop = require_right(shop_id, caller.person, SETTINGS)

    def change() -> None:
        wanted, products = template_sent(form()), products_sent(form())
        changes = {"name": wanted.name, "unit": wanted.unit, "rules": wanted.rules}
        actions.change_template(caller.person, shop_id, template_id, changes)
        actions.set_products(caller.person, shop_id, template_id, products)

    return _changed(shop, template_id, change)


@door.post(f"{TEMPLATE}/default")
def make_default(caller: Caller, shop_id: UUID, template_id: UUID) -> AnyResponse:
    """All goods without a template of their own are charged by it."""
    actions.change_template(caller.person, shop_id, template_id, {"is_default": True})
    return _to_list(shop_id)


@door.post(f"{TEMPLATE}/removal")
def remove_template(caller: Caller, shop_id: UUID, template_id: UUID) -> AnyResponse:
    """Delete it."""
    actions.delete_template(caller.person, shop_id, template_id)
    return _to_list(shop_id)


def _to_list(shop_id: UUID) -> AnyResponse:
    return go(f"/portal/shops/{shop_id}/freight")


def _changed(shop: Shop, template_id: UUID | None, change: Callable[[], None]) -> AnyResponse:
    """On to the list, or the form as it was filled in, with what is wrong; a template that is not there stays that."""
    faults = faults_of(change)
    if faults is None:
        return _to_list(shop.id)
    return once_more(_form_page(shop, template_id, form(), faults))


def _filled(found: FreightTemplate) -> dict[str, str]:
    """A template as its form is filled in, the rule for elsewhere first: without one, nothing is sent elsewhere."""
    products = " ".join(str(one) for one in queries.products_of([found.id])[found.id])
    filled = {"name": found.name, "unit": found.unit, "products": products}
    rules = sorted((queries.rule_of(one) for one in found.rules), key=lambda one: bool(one.regions))
    if not rules or rules[0].regions:
        rules = [FreightRule(delivered=False), *rules]
    for number, rule in enumerate(rules):
        values = {name: getattr(rule, name) for name in ("first", "further", "free_pieces", *_MONEY)}
        shown = {name: yuan(one) if name in _MONEY else str(one) for name, one in values.items() if one is not None}
        filled |= {f"{name}-{number}": one for name, one in shown.items()}
        filled |= {f"regions-{number}": " ".join(rule.regions), f"refused-{number}": "" if rule.delivered else "1"}
    return filled


def _form_page(shop: Shop, template_id: UUID | None, filled: dict[str, str], faults: dict[str, Any]) -> str:
    told = {"filled": filled, "faults": faults, "template_id": template_id, "rules": range(rows_shown(filled))}
    return page("freight_form.html", shop=shop, regions_length=REGIONS_LENGTH, **told)
