"""Doors of brands."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import MODERATOR, Door
from app.store.brands import actions, queries
from app.store.brands.schemas import BrandIn, BrandOut, BrandPatchIn, BrandQuery, BrandsOut

door = Door("brands")


@door.get("/brands", asks=BrandQuery, gives=BrandsOut, who=None)
def list_brands(asked: dict[str, Any]) -> dict[str, Any]:
    """Brands by name; `q`: the beginning of a name that one goes by."""
    found, following = queries.brand_list(asked["limit"], asked["cursor"], asked["q"])
    return {"items": [_shown(brand.id, brand.name, aliases) for brand, aliases in found], "next": following}


@door.post("/desk/brands", takes=BrandIn, gives=BrandOut, who=MODERATOR)
def add_brand(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    """Register a brand, with the other names that it goes by."""
    made = actions.add_brand(caller.person, given["name"], given["aliases"])
    return _shown(made.id, made.name, queries.aliases_of(made))


@door.patch("/desk/brands/<uuid:brand_id>", takes=BrandPatchIn, gives=BrandOut, who=MODERATOR)
def change_brand(caller: Caller, brand_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """Rename a brand, or say what else it goes by."""
    found = actions.change_brand(caller.person, brand_id, **given)
    return _shown(found.id, found.name, queries.aliases_of(found))


def _shown(brand_id: UUID, name: str, aliases: list[str]) -> dict[str, Any]:
    return {"id": brand_id, "name": name, "aliases": aliases}
