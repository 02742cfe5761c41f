"""What is done to the tree of categories. Who does it is in the audit log, in the same transaction.

Goods follow by and by (room curation): a category may have a hundred thousand.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.core import audit
from app.core.caller import Ref
from app.core.db import changed, db
from app.core.errors import Refused, bad_field
from app.core.ids import new_id
from app.store.categories.models import (
    DEEPEST,
    FIRST_ID,
    MOST_ATTRIBUTES,
    STEP,
    AttributeWanted,
    Category,
    CategoryAttribute,
    step_of,
)
from app.store.categories.queries import categories_named, category_or_missing, category_or_refused, is_below, path_in

ADDED = audit.act("category_added", "新增分类", "added a category")
CHANGED = audit.act("category_changed", "修改分类", "changed a category")
MOVED = audit.act("category_moved", "移动分类", "moved a category")
MERGED = audit.act("category_merged", "合并分类", "merged a category")
ASKED = audit.act("category_attributes", "修改分类属性", "changed what a category asks for")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('categories'))")
_INHERITED = ("return_days", "goods_kind", "needs_review")
"""What a new category has from the one above it, and what those below it follow as long as they have the same."""


def add_category(by: UUID | None, name: str, parent_id: UUID | None = None, position: int | None = None) -> Category:
    """A new category below another, or a root; behind its siblings unless `position` says where.

    Raises Refused 422 for a parent that is not there or lies too deep, or a name that is taken there.
    """
    _alone()
    parent = category_or_refused(parent_id, "parent_id")
    made = Category(id=new_id(), name=name, parent_id=parent.id if parent else None, position=position or 0)
    made.path = (parent.whole_path if parent else "") + step_of(made.id)
    _require_depth(len(made.path))
    if parent is not None:
        for one in _INHERITED:
            setattr(made, one, getattr(parent, one))
    if position is None:
        last = select(func.max(Category.position)).where(Category.parent_id.is_not_distinct_from(made.parent_id))
        made.position = (db.session.scalar(last) or 0) + 1
    db.session.add(made)
    db.session.flush()
    _record(by, ADDED, made, name)
    return made


def change_category(by: UUID | None, category_id: UUID, wanted: Mapping[str, Any]) -> Category:
    """Change what is named: `name`, `position`, `return_days`, `goods_kind`, `needs_review`, and `parent_id` (None: a
    root). What lies below has the same return days, kind and review as before, and follows.

    Raises Refused 404, 422 for a place below itself, too deep, or where the name is taken.
    """
    _alone()
    found = category_or_missing(category_id)
    if "name" in wanted and wanted["name"] != found.name:
        _record(by, CHANGED, found, f"{found.name} → {wanted['name']}")
        found.name, found.follow_from = wanted["name"], FIRST_ID
    if "parent_id" in wanted and wanted["parent_id"] != found.parent_id:
        _move(by, found, wanted["parent_id"])
    for one in [name for name in _INHERITED if name in wanted and wanted[name] != getattr(found, name)]:
        _hand_down(found, one, wanted[one])
        _record(by, CHANGED, found, f"{found.name}: {one} = {wanted[one]}")
    found.position = wanted.get("position", found.position)
    db.session.flush()
    return found


def merge_category(by: UUID | None, category_id: UUID, into_id: UUID) -> Category:
    """Put all of a category into another: what lies below it at once, its goods by and by. Its id stands for the other
    from now on.

    Raises Refused 404, 409 for one that is merged already, 422 for itself, what lies below it, or too deep a place.
    """
    _alone()
    found, into = category_or_missing(category_id), category_or_refused(into_id, "into_id")
    if found.merged_into is not None:
        raise Refused(409, "merged_already", "这个分类已被合并", "This category has been merged.")
    if into is None or is_below(into, found):
        raise bad_field("into_id", "不能并入自己或自己的下级", "It cannot go into itself, or into what lies below it.")
    below = db.session.scalars(select(Category).where(Category.parent_id == found.id)).all()
    for child in below:
        _place(child, into)
    earlier = update(Category).where(Category.merged_into == found.id).values(merged_into=into.id, follow_from=FIRST_ID)
    changed(earlier)
    found.merged_into, found.follow_from = into.id, FIRST_ID
    db.session.flush()
    _record(by, MERGED, found, f"{found.name} → {into.name}")
    return into


def ask_for(by: UUID | None, category_id: UUID, wanted: Sequence[AttributeWanted]) -> None:
    """A category asks exactly for these attributes of its goods, beside what those above it ask for.

    Raises Refused 404, 422 for a choice without choices.
    """
    found = category_or_missing(category_id, lock=True)
    if len(wanted) > MOST_ATTRIBUTES:
        raise bad_field("attributes", f"最多 {MOST_ATTRIBUTES} 个属性", f"At most {MOST_ATTRIBUTES}.")
    if any(one.kind == "choice" and not one.choices for one in wanted):
        raise bad_field("attributes", "单选属性须有可选值", "A choice needs something to choose from.")
    db.session.execute(delete(CategoryAttribute).where(CategoryAttribute.category_id == category_id))
    for place, one in enumerate(wanted):
        told = {**one._asdict(), "choices": list(one.choices)}
        db.session.add(CategoryAttribute(category_id=category_id, position=place, **told))
    db.session.flush()
    _record(by, ASKED, found, f"{found.name}: {', '.join(one.name for one in wanted)}")


def note_followed(category_id: UUID, up_to: UUID | None) -> None:
    """The goods of a category have followed it up to this id; None: all of them."""
    changed(update(Category).where(Category.id == category_id).values(follow_from=up_to))


def add_named(names: Collection[str]) -> None:
    """Add categories that an operator's file names and nobody knows: roots behind all others; of paths what lacks."""
    _add_roots([one for one in names if len(path_in(one)) == 1])
    for path in sorted(path_in(one) for one in names if len(path_in(one)) > 1):
        above: Category | None = None
        for depth in range(1, len(path) + 1):
            place = "/".join(path[:depth])
            known = categories_named([place]).get(place)
            above = known or add_category(None, path[depth - 1], above.id if above else None)


def _add_roots(names: Collection[str]) -> None:
    """In one statement."""
    last = select(func.coalesce(func.max(Category.position), 0) + 1).scalar_subquery()
    ids = {name: new_id() for name in sorted(names)}
    rows = [{"id": id_, "name": name, "path": step_of(id_), "position": last} for name, id_ in ids.items()]
    if rows:
        db.session.execute(insert(Category).values(rows).on_conflict_do_nothing())


def _alone() -> None:
    """Changes of the tree come one after the other: two at once could tie a knot."""
    db.session.execute(_ONE_AT_A_TIME)


def _move(by: UUID | None, found: Category, parent_id: UUID | None) -> None:
    parent = category_or_refused(parent_id, "parent_id")
    if parent is not None and is_below(parent, found):
        raise bad_field("parent_id", "不能移到自己的下级", "It cannot go below itself.")
    _place(found, parent)
    _record(by, MOVED, found, f"{found.name} → {parent.name if parent else '/'}")


def _place(found: Category, parent: Category | None) -> None:
    """With all that lies below it."""
    old, new = found.whole_path, (parent.whole_path if parent else "") + step_of(found.id)
    deepest = select(func.max(func.length(Category.path))).where(Category.path.startswith(old, autoescape=True))
    _require_depth((db.session.scalar(deepest) or len(old)) - len(old) + len(new))
    moved = update(Category).where(Category.path.startswith(old, autoescape=True))
    changed(moved.values(path=new + func.substr(Category.path, len(old) + 1)))
    found.path, found.parent_id = new, parent.id if parent else None
    db.session.flush()


def _hand_down(found: Category, name: str, value: Any) -> None:
    before, column = getattr(found, name), getattr(Category, name)
    below = Category.path.startswith(found.whole_path, autoescape=True)
    changed(update(Category).where(below, column.is_not_distinct_from(before)).values({name: value}))
    setattr(found, name, value)


def _require_depth(length: int) -> None:
    if length > DEEPEST * STEP:
        raise bad_field("parent_id", f"分类最多 {DEEPEST} 级", f"The tree is at most {DEEPEST} levels deep.")


def _record(by: UUID | None, what: audit.Act, found: Category, why: str) -> None:
    audit.record(by, what, Ref("category", found.id), why)
