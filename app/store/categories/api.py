"""Doors of categories."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import MODERATOR, Door
from app.store.categories import actions, queries
from app.store.categories.models import Category
from app.store.categories.schemas import (
    AttributesIn,
    CategoriesOut,
    CategoryDetailOut,
    CategoryIn,
    CategoryPatchIn,
    CategoryQuery,
    MergeIn,
    TreeOut,
)

door = Door("categories")


@door.get("/categories", asks=CategoryQuery, gives=CategoriesOut, who=None)
def list_categories(asked: dict[str, Any]) -> dict[str, Any]:
    """Kinds of goods, in their order: roots first."""
    items, next_cursor = queries.category_list(asked["limit"], asked["cursor"])
    return {"items": items, "next": next_cursor}


@door.get("/categories/tree", gives=TreeOut, who=None)
def show_tree() -> dict[str, Any]:
    """All kinds of goods as a tree."""
    return {"items": queries.category_tree(), "next": None}


@door.get("/categories/<uuid:category_id>", gives=CategoryDetailOut, who=None)
def show_category(category_id: UUID) -> dict[str, Any]:
    """A category, and what it asks of its goods."""
    return _detail(queries.category_or_missing(category_id))


@door.post("/desk/categories", takes=CategoryIn, gives=CategoryDetailOut, who=MODERATOR)
def add_category(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Add a category."""
    return _detail(actions.add_category(caller.person, **given))


@door.patch("/desk/categories/<uuid:category_id>", takes=CategoryPatchIn, gives=CategoryDetailOut, who=MODERATOR)
def change_category(caller: Caller, category_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Rename a category, move it (`parent_id`), or change its rules."""
    return _detail(actions.change_category(caller.person, category_id, given))


@door.post("/desk/categories/<uuid:category_id>/merge", takes=MergeIn, gives=CategoryDetailOut, who=MODERATOR)
def merge_category(caller: Caller, category_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Put all of a category into another one, which is answered."""
    return _detail(actions.merge_category(caller.person, category_id, given["into_id"]))


@door.put("/desk/categories/<uuid:category_id>/attributes", takes=AttributesIn, gives=CategoryDetailOut, who=MODERATOR)
def ask_for(caller: Caller, category_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Say all that a category asks of its goods."""
    actions.ask_for(caller.person, category_id, given["attributes"])
    return _detail(queries.category_or_missing(category_id))


def _detail(found: Category) -> dict[str, Any]:
    named = {column.key: getattr(found, column.key) for column in Category.__table__.columns}
    return {**named, "attributes": queries.attributes_of(found)}
