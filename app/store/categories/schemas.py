"""Categories as JSON, and the forms of the admin view."""

import re
from typing import Any

from marshmallow import fields, post_load

from app.core.fields import Bool, Choice, Id, In, Int, OrNone, Out, QueryInt, Text, some
from app.store.categories.models import (
    ATTRIBUTE_KINDS,
    GOODS_KINDS,
    LONGEST_NAME,
    LONGEST_RETURN,
    MOST_ATTRIBUTES,
    MOST_CHOICES,
    AttributeWanted,
)

MOST_POSITION = 1_000_000


class CategoryQuery(In):
    limit = QueryInt(least=1, most=50, load_default=50)
    cursor = Text(most=500, least=0, load_default=None)


class CategoryIn(In):
    name = Text(most=LONGEST_NAME, required=True)
    parent_id = Id(load_default=None, allow_none=True)
    position = Int(most=MOST_POSITION, load_default=None, allow_none=True)


class CategoryPatchIn(In):
    name = Text(most=LONGEST_NAME)
    parent_id = Id(allow_none=True)
    position = Int(most=MOST_POSITION)
    return_days = Int(most=LONGEST_RETURN)
    goods_kind = Choice(*GOODS_KINDS, allow_none=True)
    needs_review = Bool()


class MergeIn(In):
    into_id = Id(required=True)


class AttributeIn(In):
    name = Text(most=40, required=True)
    kind = Choice(*ATTRIBUTE_KINDS, required=True)
    choices = some(Text(most=80), most=MOST_CHOICES, load_default=list)
    unit = Text(most=20, least=0, load_default="")
    is_required = Bool(load_default=False)
    is_axis = Bool(load_default=False)

    @post_load
    def as_wanted(self, data: dict[str, Any], **_: Any) -> AttributeWanted:
        return AttributeWanted(**data)


class AttributesIn(In):
    attributes = some(AttributeIn, most=MOST_ATTRIBUTES, required=True)


class _Ticked(fields.Boolean):
    """A box of a form: sent if it is ticked."""

    def __init__(self) -> None:
        super().__init__(load_default=False, truthy={"1"}, falsy={""})


class CategoryForm(In):
    """`parent_id` empty: a root; `goods_kind` empty: any."""

    name = Text(most=LONGEST_NAME, required=True)
    parent_id = OrNone(Id())
    position = QueryInt(most=MOST_POSITION, required=True)
    return_days = QueryInt(most=LONGEST_RETURN, required=True)
    goods_kind = OrNone(Choice(*GOODS_KINDS))
    needs_review = _Ticked()


class NewCategoryForm(In):
    name = Text(most=LONGEST_NAME, required=True)
    parent_id = OrNone(Id())


class AttributeForm(In):
    """`choices`: with blanks, commas or lines between them."""

    name = Text(most=40, required=True)
    kind = Choice(*ATTRIBUTE_KINDS, required=True)
    choices = Text(most=4000, least=0, load_default="")
    unit = Text(most=20, least=0, load_default="")
    is_required = _Ticked()
    is_axis = _Ticked()

    @post_load
    def as_wanted(self, data: dict[str, Any], **_: Any) -> AttributeWanted:
        parted = [one for one in re.split(r"[\s,，、;；]+", data["choices"]) if one]
        return AttributeWanted(**{**data, "choices": parted[:MOST_CHOICES]})


class CategoryOut(Out):
    id = Id(required=True)
    kind = fields.Constant("category", required=True)
    name = fields.String(required=True)
    parent_id = Id(required=True, allow_none=True)


class CategoriesOut(Out):
    items = fields.List(fields.Nested(CategoryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class AttributeOut(Out):
    name = fields.String(required=True)
    kind = Choice(*ATTRIBUTE_KINDS, required=True)
    choices = fields.List(fields.String(), required=True)
    unit = fields.String(required=True)
    is_required = fields.Boolean(required=True)
    is_axis = fields.Boolean(required=True)


class CategoryDetailOut(CategoryOut):
    """`attributes`: what it and those above it ask of goods; `is_axis`: variants differ by it."""

    position = Int(required=True)
    return_days = Int(required=True)
    goods_kind = Choice(*GOODS_KINDS, required=True, allow_none=True)
    needs_review = fields.Boolean(required=True)
    attributes = fields.List(fields.Nested(AttributeOut), required=True)


class BranchOut(Out):
    id = Id(required=True, attribute="category.id")
    kind = fields.Constant("category", required=True)
    name = fields.String(required=True, attribute="category.name")
    below = fields.List(fields.Nested("BranchOut"), required=True)


class TreeOut(Out):
    items = fields.List(fields.Nested(BranchOut), required=True)
    next = fields.String(required=True, allow_none=True)
