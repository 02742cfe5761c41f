"""Freight as JSON."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields

from app.core.errors import said
from app.core.fields import Bool, Choice, Id, In, Int, Moment, Money, OrNone, Out, QueryInt, Text, some
from app.store.catalogue.schemas import Yuan
from app.store.freight.models import MOST_RULES, UNITS, FreightRule, TemplateWanted

MOST_UNITS = 1_000_000
MOST_REGIONS, MOST_PRODUCTS = 400, 500


class FreightRuleIn(In):
    """`regions` empty: everywhere else. Units are pieces, or grams."""

    regions = some(Text(most=40), most=MOST_REGIONS, load_default=list)
    delivered = Bool(load_default=True)
    first = Int(least=1, most=MOST_UNITS, load_default=1)
    first_price = Money(load_default=0)
    further = Int(least=1, most=MOST_UNITS, load_default=1)
    further_price = Money(load_default=0)
    free_amount = Money(load_default=None, allow_none=True)
    free_pieces = Int(least=1, most=MOST_UNITS, load_default=None, allow_none=True)


class TemplateIn(In):
    name = Text(most=60, required=True)
    unit = Choice(*UNITS, required=True)
    rules = some(FreightRuleIn, most=MOST_RULES, least=1, required=True)
    is_default = Bool(load_default=False)


class TemplateChangeIn(In):
    name = Text(most=60, load_default=None)
    unit = Choice(*UNITS, load_default=None)
    rules = some(FreightRuleIn, most=MOST_RULES, least=1, load_default=None)
    is_default = Bool(load_default=None)


class TemplateProductsIn(In):
    products = some(Id(), most=MOST_PRODUCTS, required=True)


class FreightRuleOut(Out):
    regions = fields.List(fields.String(), required=True)
    delivered = fields.Boolean(required=True)
    first = fields.Integer(required=True)
    first_price = fields.Integer(required=True)
    further = fields.Integer(required=True)
    further_price = fields.Integer(required=True)
    free_amount = fields.Integer(required=True, allow_none=True)
    free_pieces = fields.Integer(required=True, allow_none=True)


class TemplateOut(Out):
    id = Id(required=True)
    kind = fields.Constant("freight_template", required=True)
    name = fields.String(required=True)
    unit = Choice(*UNITS, required=True)
    is_default = fields.Boolean(required=True)
    rules = fields.List(fields.Nested(FreightRuleOut), required=True)
    products = fields.List(Id(), required=True)
    changed_at = Moment(required=True)


class TemplatesOut(Out):
    items = fields.List(fields.Nested(TemplateOut), required=True)
    next = fields.String(required=True, allow_none=True)


EMPTY_ROWS = 3
"""So many empty rules stand in a form below those that are there."""
MOST_ROWS = 1 + MOST_RULES + EMPTY_ROWS
REGIONS_LENGTH = MOST_REGIONS * 41


class _Fee(Yuan):
    """What may cost nothing."""

    LEAST = 0


class _RuleForm(In):
    regions = Text(most=REGIONS_LENGTH, least=0, load_default="")
    first = OrNone(QueryInt(least=1, most=MOST_UNITS))
    first_price = OrNone(_Fee())
    further = OrNone(QueryInt(least=1, most=MOST_UNITS))
    further_price = OrNone(_Fee())
    free_amount = OrNone(_Fee())
    free_pieces = OrNone(QueryInt(least=1, most=MOST_UNITS))
    refused = fields.String(load_default="")


class _TemplateForm(In):
    name = Text(most=60, required=True)
    unit = Choice(*UNITS, required=True)


def products_sent(sent: Mapping[str, str]) -> list[UUID]:
    """The goods that the form names, by ids in whatever text, in addresses of pages too. Raises ValidationError."""
    text = sent.get("products", "")
    found = [UUID(one) for one in dict.fromkeys(re.findall(_UUID, text))]
    if len(found) > MOST_PRODUCTS or (text.strip() and not found):
        raise ValidationError({"products": [said("没有识别到商品编号", "There is no id in it, or too many.")]})
    return found


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def template_sent(sent: Mapping[str, str]) -> TemplateWanted:
    """A template of its form: fields "first-0" and so on for each rule, number 0 for elsewhere; a further rule counts
    if it names regions. Raises ValidationError with the form's own names of the fields at fault."""
    faults: dict[str, Any] = {}
    rules = []
    for number, own in enumerate(_rows(sent)):
        if number and not own.get("regions", "").strip():
            continue
        try:
            rules.append(_rule(_RuleForm().load(own), is_elsewhere=not number))
        except ValidationError as fault:
            faults |= {f"{name}-{number}": texts for name, texts in fault.messages_dict.items()}
    try:
        given = _TemplateForm().load(dict(sent))
    except ValidationError as fault:
        faults |= fault.messages_dict
    if len(rules) > MOST_RULES and not rules[0].delivered:
        del rules[0]  # which says no more than no rule for elsewhere
    if len(rules) > MOST_RULES:
        faults["rules"] = [said(f"最多 {MOST_RULES} 条规则", f"At most {MOST_RULES} rules.")]
    if faults:
        raise ValidationError(faults)
    return TemplateWanted(given["name"], given["unit"], rules)


def rows_shown(filled: Mapping[str, str]) -> int:
    """How many rules the form of these fields shows: all that say something, and a few empty ones below them."""
    used = [number for number, own in enumerate(_rows(filled)) if number and any(one.strip() for one in own.values())]
    return min(MOST_ROWS, max(used, default=0) + 1 + EMPTY_ROWS)


def _rows(sent: Mapping[str, str]) -> list[dict[str, str]]:
    """The fields of each rule without their numbers."""
    rows: list[dict[str, str]] = [{} for _ in range(MOST_ROWS)]
    for name, one in sent.items():
        field, _, number = name.rpartition("-")
        if number.isascii() and number.isdigit() and len(number) <= 3 and int(number) < MOST_ROWS:
            rows[int(number)][field] = one
    return rows


def _rule(given: dict[str, Any], is_elsewhere: bool) -> FreightRule:
    regions = () if is_elsewhere else tuple(re.split(r"[\s,，、；;]+", given.pop("regions").strip(" \t\r\n,，、；;")))
    if len(regions) > MOST_REGIONS:
        raise ValidationError({"regions": [said(f"最多 {MOST_REGIONS} 个地区", f"At most {MOST_REGIONS} regions.")]})
    amounts = {name: given[name] or 0 for name in ("first_price", "further_price")}
    units = {name: given[name] or 1 for name in ("first", "further")}
    free = {name: given[name] for name in ("free_amount", "free_pieces")}
    return FreightRule(regions, not given["refused"], **units, **amounts, **free)
