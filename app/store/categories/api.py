"""Doors of categories."""

from typing import Any

from app.core.http.door import Door
from app.store.categories import queries
from app.store.categories.schemas import CategoriesOut, CategoryQuery

door = Door("categories")


@door.get("/categories", asks=CategoryQuery, gives=CategoriesOut, who=None)
def list_categories(asked: dict[str, Any]) -> dict[str, Any]:
    """Kinds of goods, in their order: roots first."""
    items, next_cursor = queries.category_list(asked["limit"], asked["cursor"])
    return {"items": items, "next": next_cursor}
