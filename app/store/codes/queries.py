"""Questions about virtual goods."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, tuple_

from app.core import paging
from app.core.caller import Ref
from app.core.clock import iso
from app.core.db import db
from app.core.errors import missing
from app.core.sealing import opened
from app.core.signing import signed_path
from app.store.catalogue.models import Product
from app.store.categories.models import VIRTUAL
from app.store.codes.models import DOWNLOAD_SECONDS, PURPOSE, CodeGrant, GoodsCode, GoodsFile
from app.store.orders.models import OrderLine
from app.store.variants.models import Sku
from app.store.variants.queries import tells_pools


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the owner of a paid line has got: codes in the order in which they were taken, or where his file is, by an
    address that opens it for a quarter of an hour. `lacking` codes are still owed."""

    id: UUID
    product_id: UUID
    title: str
    sku_name: str
    codes: list[str]
    lacking: int
    file_name: str | None
    file_url: str | None
    at: datetime


def delivered_to(
    owners: Sequence[Ref], limit: int, cursor: str | None, order_id: UUID | None = None
) -> tuple[list[Delivered], str | None]:
    """A page of what these have got (of one order: with it), the latest first, and the next cursor. Two queries."""
    scope = "codes:" + ",".join(str(one.id) for one in owners) + (f":{order_id}" if order_id else "")
    place = paging.values_of(scope, cursor)
    mine = [tuple_(CodeGrant.owner_kind, CodeGrant.owner_id).in_([tuple(one) for one in owners])]
    if order_id is not None:
        mine.append(CodeGrant.line_id.in_(select(OrderLine.id).where(OrderLine.order_id == order_id)))
    wanted = (
        select(CodeGrant, Product.id, Product.title, Sku.name, GoodsFile.name)
        .join(Sku, Sku.id == CodeGrant.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .outerjoin(GoodsFile, GoodsFile.sku_id == CodeGrant.sku_id)
        .where(*mine)
        .order_by(CodeGrant.at.desc(), CodeGrant.line_id.desc())
        .limit(limit + 1)
    )
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(CodeGrant.at, CodeGrant.line_id) < before)
    rows = list(db.session.execute(wanted))
    codes = codes_of([row[0].line_id for row in rows[:limit]])
    found = []
    for grant, product_id, title, sku_name, file_name in rows[:limit]:
        is_file = file_name is not None and grant.closed_at is None and not grant.lacking and not codes[grant.line_id]
        url = signed_path(f"/downloads/{grant.line_id}", DOWNLOAD_SECONDS) if is_file else None
        told = (codes[grant.line_id], grant.lacking, file_name if is_file else None, url, grant.at)
        found.append(Delivered(grant.line_id, product_id, title, sku_name, *told))
    last = found[-1] if len(rows) > limit else None
    return found, paging.cursor(scope, [iso(last.at), str(last.id)]) if last else None


def codes_of(line_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The codes of these lines, readable, each in the order in which they were taken. One query."""
    found: dict[UUID, list[str]] = {one: [] for one in line_ids}
    if found:
        mine = select(GoodsCode).where(GoodsCode.line_id.in_(found)).order_by(GoodsCode.taken_at, GoodsCode.id)
        for one in db.session.scalars(mine):
            assert one.line_id is not None
            found[one.line_id].append(opened(PURPOSE, one.sealed))
    return found


def file_to_download(line_id: UUID) -> GoodsFile:
    """The file of a paid line. Raises Refused 404 where it has none, or none any more."""
    mine = (CodeGrant.line_id == line_id, CodeGrant.closed_at.is_(None))
    found = db.session.scalar(select(GoodsFile).join(CodeGrant, CodeGrant.sku_id == GoodsFile.sku_id).where(*mine))
    if found is None:
        raise missing("文件不存在", "There is no such file.")
    return found


def pool_of(sku_id: UUID) -> tuple[int, int, int]:
    """(codes that are free, codes that were taken, codes that paid lines still lack) of a variant. Two queries."""
    counts = select(func.count().filter(GoodsCode.line_id.is_(None)), func.count(GoodsCode.line_id))
    free, taken = db.session.execute(counts.where(GoodsCode.sku_id == sku_id)).one()
    lacking = db.session.scalar(select(func.sum(CodeGrant.lacking)).where(CodeGrant.sku_id == sku_id)) or 0
    return free, taken, int(lacking)


@tells_pools
def pools_of_codes(sku_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Those of these variants whose buyers get codes, as they are of virtual goods without a file; whether any code was
    ever put into the pool. One query."""
    has_codes = exists().where(GoodsCode.sku_id == Sku.id)
    wanted = select(Sku.id, has_codes).join(Product, Product.id == Sku.product_id)
    no_file = ~exists().where(GoodsFile.sku_id == Sku.id)
    rows = db.session.execute(wanted.where(Sku.id.in_(sku_ids), Product.goods_kind == VIRTUAL, no_file))
    return {row[0]: row[1] for row in rows}


def known_files(ids: Collection[UUID]) -> set[UUID]:
    """Those of these files that a variant sells. One query."""
    return set(db.session.scalars(select(GoodsFile.file_id).where(GoodsFile.file_id.in_(ids))))


def file_of_sku(sku_id: UUID) -> GoodsFile | None:
    """The file that buyers of a variant download now."""
    return db.session.get(GoodsFile, sku_id)
