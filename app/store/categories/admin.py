"""Pages of the admin view: the tree of categories, and one of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http import menu
from app.core.http.door import MODERATOR
from app.core.http.forms import faults_of, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.store.categories import actions, queries
from app.store.categories.models import ATTRIBUTE_KINDS, GOODS_KINDS, AttributeWanted
from app.store.categories.schemas import AttributeForm, CategoryForm, MergeIn, NewCategoryForm

door = PageDoor("categories", __name__, who=MODERATOR)
menu.add(menu.ADMIN_VIEW, "/admin/categories", "分类", "Categories", order=40)


@door.get("/admin/categories")
def show_tree(caller: Caller) -> str:
    """The whole tree, and a form for one more."""
    return _tree_page({}, {})


@door.post("/admin/categories")
def add_category(caller: Caller) -> AnyResponse:
    """Add one."""

    def add() -> AnyResponse:
        given = NewCategoryForm().load(form())
        made = actions.add_category(caller.person, given["name"], given["parent_id"])
        return go(f"/admin/categories/{made.id}")

    return submitted(add, lambda faults: _tree_page(form(), faults))


@door.get("/admin/categories/<uuid:category_id>")
def show_category(caller: Caller, category_id: UUID) -> str:
    """One category: its name, place and rules, and what it asks of goods."""
    return _category_page(category_id, "", {}, {})


@door.post("/admin/categories/<uuid:category_id>")
def change_category(caller: Caller, category_id: UUID) -> AnyResponse:
    """Rename it, move it, change its rules."""
    return _done(
        category_id,
        "category",
        lambda: actions.change_category(caller.person, category_id, CategoryForm().load(form())),
    )


@door.post("/admin/categories/<uuid:category_id>/merge")
def merge_category(caller: Caller, category_id: UUID) -> AnyResponse:
    """Put all of it into another."""

    def merge() -> AnyResponse:
        into_id: UUID = MergeIn().load(form())["into_id"]
        actions.merge_category(caller.person, category_id, into_id)
        return go(f"/admin/categories/{into_id}")

    return submitted(merge, lambda faults: _category_page(category_id, "merge", form(), faults))


@door.post("/admin/categories/<uuid:category_id>/attributes")
def ask_for_one_more(caller: Caller, category_id: UUID) -> AnyResponse:
    """It asks for one more attribute; one of the same name is replaced."""

    def add() -> None:
        given = AttributeForm().load(form())
        known = [one for one in _asked(category_id) if one.name != given.name]
        actions.ask_for(caller.person, category_id, [*known, given])

    return _done(category_id, "attribute", add)


@door.post("/admin/categories/<uuid:category_id>/attributes/removal")
def ask_for_one_less(caller: Caller, category_id: UUID) -> AnyResponse:
    """It does not ask for this attribute any more."""
    name = form().get("name", "")
    kept = [one for one in _asked(category_id) if one.name != name]
    return _done(category_id, "attribute", lambda: actions.ask_for(caller.person, category_id, kept))


def _asked(category_id: UUID) -> list[AttributeWanted]:
    """What it asks for itself."""
    queries.category_or_missing(category_id, lock=True)
    return [
        AttributeWanted(one.name, one.kind, one.choices, one.unit, one.is_required, one.is_axis)
        for one in queries.attributes_of_path([category_id])
    ]


def _done(category_id: UUID, which: str, work: Callable[[], object]) -> AnyResponse:
    """Do it, or show the page again with what was typed into its form `which`."""
    faults = faults_of(work)
    if faults is None:
        return go(f"/admin/categories/{category_id}")
    return once_more(_category_page(category_id, which, form(), faults))


def _tree_page(filled: dict[str, str], faults: dict[str, Any]) -> str:
    return page("categories_tree.html", tree=queries.flat_tree(), filled=filled, faults=faults)


def _category_page(category_id: UUID, which: str, filled: dict[str, str], faults: dict[str, Any]) -> str:
    found = queries.category_or_missing(category_id)
    asked = queries.attributes_of(found)
    told = {"own": [one for one in asked if one.category_id == found.id], "which": which, "faults": faults}
    told |= {"above": [one for one in asked if one.category_id != found.id], "filled": filled}
    others = [one for one in queries.flat_tree() if not queries.is_below(one.category, found)]
    kinds = {"kinds": ATTRIBUTE_KINDS, "goods_kinds": GOODS_KINDS}
    return page("categories_category.html", category=found, others=others, **told, **kinds)
