"""Tagging goods in a post."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, select, update

from app.buying.links.actions import LinkWanted, make_links
from app.community.tags.models import Tag, TagWanted
from app.community.tags.queries import is_one_of, is_outdated, title_shown
from app.core.db import db
from app.core.errors import Refused, bad_field
from app.core.ids import new_id
from app.core.plain import insertion
from app.store.catalogue.models import Product
from app.store.catalogue.queries import product_briefs, sellable_skus

_PLACE = ("id", "post_id", "position", "product_id", "sku_id", "title", "image", "x", "y", "link_id", "link_code")
_TAG, _OLD_TAG = insertion(Tag, *_PLACE), insertion(Tag, *_PLACE, "posted_at")
Old = Row[UUID, UUID, UUID | None, UUID, str]
Kept = Mapping[tuple[UUID, UUID | None], Iterator[Old]]


def put_tags(post_id: UUID, promoter_id: UUID, wanted: Sequence[TagWanted], pictures: int) -> list[Tag]:
    """The tags of a new post with `pictures` pictures; each makes a link for the promoter.

    Raises Refused 422 for goods that people may not see, a variant of other goods, a picture that is not there.
    """
    return _put(post_id, promoter_id, wanted, pictures, {}, None)


def replace_tags(
    post_id: UUID, promoter_id: UUID, wanted: Sequence[TagWanted], pictures: int, posted_at: datetime
) -> list[Tag]:
    """The tags of a post from now on. One of the same product and variant stays, with its link. Raises as put_tags."""
    before: dict[tuple[UUID, UUID | None], list[Old]] = defaultdict(list)
    columns = (Tag.id, Tag.product_id, Tag.sku_id, Tag.link_id, Tag.link_code)
    for row in db.session.execute(select(*columns).where(Tag.post_id == post_id).order_by(Tag.position)):
        before[row.product_id, row.sku_id].append(row)
    db.session.execute(delete(Tag).where(Tag.post_id == post_id))
    kept = {goods: iter(rows) for goods, rows in before.items()}
    return _put(post_id, promoter_id, wanted, pictures, kept, posted_at)


def check_places(post_id: UUID, pictures: int) -> None:
    """Raises Refused 422 if a tag of the post names a picture beyond `pictures`."""
    if db.session.scalar(select(Tag.id).where(Tag.post_id == post_id, Tag.image >= pictures).limit(1)):
        raise _no_such_picture()


def retitle_tags(product_ids: Collection[UUID], most: int) -> list[UUID]:
    """Bring the titles on at most `most` tags of these products up to date; answers the post of each tag changed."""
    stale = select(Tag.id).join(Product, Product.id == Tag.product_id)
    some = stale.where(is_one_of(Tag.product_id, product_ids), is_outdated()).limit(most)
    return _retitle(Tag.id.in_(some))


def retitle_tags_of(post_ids: Collection[UUID]) -> None:
    """Bring the titles on all tags of these posts up to date."""
    _retitle(is_one_of(Tag.post_id, post_ids))


def _retitle(which: ColumnElement[bool]) -> list[UUID]:
    renew = update(Tag).where(which, Tag.product_id == Product.id, is_outdated())
    renewed = renew.values(title=title_shown()).returning(Tag.post_id)
    return list(db.session.scalars(renewed.execution_options(synchronize_session=False)))


def _put(
    post_id: UUID,
    promoter_id: UUID,
    wanted: Sequence[TagWanted],
    pictures: int,
    kept: Kept,
    posted_at: datetime | None,
) -> list[Tag]:
    if not wanted:
        return []
    old = [next(kept.get((one.product_id, one.sku_id), iter(())), None) for one in wanted]
    titles = _checked(wanted, {one.product_id for one, row in zip(wanted, old, strict=True) if row is None}, pictures)
    ids = [row.id if row else new_id() for row in old]
    new = [
        LinkWanted(one.product_id, one.sku_id, post_id, id_, promoter_id)
        for one, row, id_ in zip(wanted, old, ids, strict=True)
        if row is None
    ]
    made = iter(make_links(new) if new else [])
    rows = []
    for position, (one, row, id_) in enumerate(zip(wanted, old, ids, strict=True)):
        link = (row.link_id, row.link_code) if row else ((fresh := next(made)).id, fresh.code)
        place = {"image": one.image, "x": one.x, "y": one.y, "link_id": link[0], "link_code": link[1]}
        goods = {"product_id": one.product_id, "sku_id": one.sku_id, "title": titles[one.product_id]}
        rows.append({"id": id_, "post_id": post_id, "position": position, **goods, **place})
    when = {} if posted_at is None else {"posted_at": posted_at}
    for values in rows:
        (_OLD_TAG if when else _TAG).changed(**values, **when)
    return [Tag(**values) for values in rows]


def _checked(wanted: Sequence[TagWanted], new: Collection[UUID], pictures: int) -> dict[UUID, str | None]:
    """The titles that tags of these products show. Raises Refused 422, for goods that people may not see only if they
    are `new` in the post: otherwise whoever tagged them before could change nothing else."""
    goods = product_briefs({one.product_id for one in wanted})
    if not all(one in goods and goods[one].is_visible for one in new):
        raise bad_field("tags", "有商品不存在或不可见", "A product does not exist or is not public.")
    skus = sellable_skus({one.sku_id for one in wanted if one.sku_id})
    for one in wanted:
        if one.sku_id and (one.sku_id not in skus or skus[one.sku_id].product_id != one.product_id):
            raise bad_field("tags", "规格不属于该商品", "A variant does not belong to its product.")
        if one.image is not None and one.image >= pictures:
            raise _no_such_picture()
    return {id_: brief.title if brief.is_visible else None for id_, brief in goods.items()}


def _no_such_picture() -> Refused:
    return bad_field("tags", "标记所在的图片不存在", "A tag is on a picture that is not there.")
