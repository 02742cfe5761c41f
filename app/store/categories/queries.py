"""Questions about categories. The tree is small (thousands at most), and read whole where it is shown."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.core import paging
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused, bad_field, missing, said
from app.store.categories.models import CHOICE, DEEPEST, NUMBER, Category, CategoryAttribute


@dataclass(slots=True)
class Branch:
    """A category with what lies below it, in its order."""

    category: Category
    below: list["Branch"] = field(default_factory=list)

    @property
    def indented(self) -> str:
        """Its name, as far to the right as it is deep, for a list to choose from."""
        return "\u3000" * (self.category.depth - 1) + self.category.name


def category_list(limit: int, cursor: str | None) -> tuple[list[Category], str | None]:
    """A page of categories in their order, roots first, and the cursor of the next page. One query."""
    place = paging.values_of("categories", cursor)
    order = (Category.position, Category.name, Category.id)
    wanted = select(Category).where(Category.merged_into.is_(None)).order_by(*order).limit(limit + 1)
    if place is not None:
        wanted = wanted.where(tuple_(*order) > (*place[:2], UUID(place[2])))
    found = list(db.session.scalars(wanted))
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], paging.cursor("categories", [last.position, last.name, str(last.id)])


def category_tree() -> list[Branch]:
    """All categories as a tree, siblings in their order. One query."""
    order = (Category.position, Category.name, Category.id)
    found = list(db.session.scalars(select(Category).where(Category.merged_into.is_(None)).order_by(*order)))
    branches = {one.id: Branch(one) for one in found}
    roots: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.category.parent_id) if branch.category.parent_id else None
        (parent.below if parent else roots).append(branch)
    return roots


def flat_tree() -> list[Branch]:
    """The same as a list, each before what lies below it. One query."""
    return list(_flat(category_tree()))


def _flat(branches: Iterable[Branch]) -> Iterable[Branch]:
    for one in branches:
        yield one
        yield from _flat(one.below)


def category_or_missing(category_id: UUID, lock: bool = False) -> Category:
    """The category. Raises Refused 404."""
    wanted = select(Category).where(Category.id == category_id)
    found = db.session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise missing("没有这个分类", "There is no such category.")
    return found


def category_or_refused(category_id: UUID | None, name: str = "category_id") -> Category | None:
    """The category, None for no id; of a merged one that into which it was. Raises Refused 422 on the field `name`."""
    found = db.session.get(Category, category_id) if category_id is not None else None
    if found is not None and found.merged_into is not None:
        return db.session.get(Category, found.merged_into)
    if category_id is not None and found is None:
        raise bad_field(name, "没有这个分类", "No such category.")
    return found


def categories_by_id(ids: Collection[UUID]) -> dict[UUID, Category]:
    """These categories by id. One query, none for no ids."""
    if not ids:
        return {}
    return {one.id: one for one in db.session.scalars(select(Category).where(Category.id.in_(ids)))}


def in_subtree(category_id: UUID) -> ColumnElement[bool]:
    """SQL: this Category is that one, lies below it, or was merged into it; of a merged one, of where it went."""
    own = aliased(Category)
    target = select(func.coalesce(own.merged_into, own.id)).where(own.id == category_id).scalar_subquery()
    root = aliased(Category)
    path = select(root.path).where(root.id == target).scalar_subquery()
    return or_(Category.id == target, Category.merged_into == target, and_(path != "", Category.path.startswith(path)))


def attributes_of(category: Category | None) -> list[CategoryAttribute]:
    """What a category asks of its goods: its own and those of all above it, which come first. One query."""
    if category is None:
        return []
    return attributes_of_path(category.ancestor_ids)


def attributes_of_path(ids: Sequence[UUID]) -> list[CategoryAttribute]:
    """The attributes of these categories, in the order of `ids`. One query."""
    found = db.session.scalars(select(CategoryAttribute).where(CategoryAttribute.category_id.in_(ids)))
    places = {one: place for place, one in enumerate(ids)}
    return sorted(found, key=lambda one: (places[one.category_id], one.position, one.name))


def categories_named(names: Collection[str]) -> dict[str, Category]:
    """Categories by name ("连衣裙") or by path of names ("女装/连衣裙"). Of several with one name the one nearest to
    the root, then the first in order. Absent ones are left out. One query."""
    if not names:
        return {}
    wanted = {name: path_in(name) for name in names}
    last = {parts[-1] for parts in wanted.values()}
    above = {part for parts in wanted.values() for part in parts[:-1]}
    asked = select(Category).where(Category.name.in_(last | above), Category.merged_into.is_(None))
    asked = asked.order_by(Category.position, Category.id)
    found = sorted(db.session.scalars(asked), key=lambda one: one.depth)
    by_id = {one.id: one for one in found}
    chosen = {name: _first(found, by_id, parts) for name, parts in wanted.items()}
    return {name: one for name, one in chosen.items() if one is not None}


def path_in(name: str) -> list[str]:
    """The names of a path ("女装/连衣裙"), from the root down; one with too many levels is a name as it stands."""
    parts = [part.strip() for part in name.split("/")]
    return parts if all(parts) and len(parts) <= DEEPEST else [name]


def _first(found: Sequence[Category], by_id: dict[UUID, Category], parts: Sequence[str]) -> Category | None:
    return next((one for one in found if one.name == parts[-1] and _lies_in(one, by_id, parts[:-1])), None)


def _lies_in(one: Category, by_id: dict[UUID, Category], names: Sequence[str]) -> bool:
    """Whether the nearest categories above it have these names."""
    for name in reversed(names):
        parent = by_id.get(one.parent_id) if one.parent_id else None
        if parent is None or parent.name != name:
            return False
        one = parent
    return True


def is_below(one: Category, other: Category) -> bool:
    """Whether `one` is `other` or lies below it."""
    return one.whole_path.startswith(other.whole_path)


_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


def faults_of(asked: Iterable[CategoryAttribute], given: Mapping[str, str], must: bool) -> dict[str, tuple[str, str]]:
    """What is wrong with these attributes by what is asked, by name, in Chinese and English. `must`: what is required
    may not lack. Attributes that nobody asks for are the shop's own business."""
    faults = {}
    for one in asked:
        value = given.get(one.name, "").strip()
        if not value:
            if must and one.is_required:
                faults[one.name] = ("必填", "is required")
        elif one.kind == NUMBER and not _NUMBER.fullmatch(value):
            faults[one.name] = ("须为数字", "must be a number")
        elif one.kind == CHOICE and value not in one.choices:
            faults[one.name] = (f"须为其中之一：{'、'.join(one.choices)}", f"must be one of {', '.join(one.choices)}")
    return faults


def require_fitting(
    category: Category | None,
    goods_kind: str,
    attributes: Mapping[str, str],
    variants: Sequence[Mapping[str, str]],
    must: bool,
) -> None:
    """Raises Refused 422 unless these attributes of a product and of its variants are what its category asks for, no
    two variants have the same, and the category takes such goods. `must`: what is required may not lack. One query.
    """
    if category is not None and category.goods_kind not in (None, goods_kind):
        zh, en = "这个分类不能发布此类商品", "This category does not take goods of this kind."
        raise bad_field("goods_kind", zh, en)
    told = [tuple(sorted(one.items())) for one in variants if one]
    if len(set(told)) < len(told):
        raise bad_field("attributes", "两个规格的属性不能相同", "Two variants have the same attributes.")
    asked = attributes_of(category)
    faults = faults_of([one for one in asked if not one.is_axis], attributes, must)
    for variant in variants:
        faults |= faults_of([one for one in asked if one.is_axis], variant, must)
    if faults:
        texts = {"attributes": [said(f"{name}：{zh}", f"{name}: {en}") for name, (zh, en) in faults.items()]}
        raise Refused(422, "invalid", "商品属性有误", "The attributes do not fit the category.", errors=texts)


def needs_review(category: Category | None) -> bool:
    """Whether a moderator looks at goods of this category before they are on sale."""
    return settings.goods_review or (category is not None and category.needs_review)
