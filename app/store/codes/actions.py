"""What is done to virtual goods: the pool is filled, paid lines get their units.

Each code is taken by one statement that locks it and passes by what others have locked, so no two lines get the same.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.caller import PERSON, Caller, Ref
from app.core.db import changed, db
from app.core.errors import bad_field
from app.core.events import emit
from app.core.kept_files import KeptFile, sweep_files
from app.core.plain import prepared
from app.core.sealing import digest_of, sealed
from app.store.catalogue.models import Product
from app.store.catalogue.queries import shop_of_sku
from app.store.categories.models import VIRTUAL
from app.store.codes.events import CodesDelivered
from app.store.codes.models import FOLDER, PURPOSE, CodeGrant, GoodsCode, GoodsFile
from app.store.codes.queries import known_files
from app.store.inventory.actions import change_stock
from app.store.inventory.models import RECEIVED
from app.store.shops.models import GOODS
from app.store.variants.models import Sku


def add_codes(caller: Caller, sku_id: UUID, codes: Sequence[str]) -> tuple[int, int]:
    """Put codes into the pool of a variant of virtual goods; answers how many are new, and how many were known.

    Lines that lack some get theirs first, the rest is stock, unless buyers download a file: then the shop says it.
    Raises Refused 404, 403, 422 for other goods.
    """
    _require_virtual(caller, sku_id)
    _ALONE.rows(name=f"codes:{sku_id}")
    texts = {digest_of(PURPOSE, one): one for one in codes}
    rows = [
        {"sku_id": sku_id, "sealed": sealed(PURPOSE, text), "digest": digest, "by_id": caller.person}
        for digest, text in texts.items()
    ]
    new = changed(insert(GoodsCode).values(rows).on_conflict_do_nothing())
    owed = _give_what_lacks(sku_id)
    if new > owed and db.session.get(GoodsFile, sku_id) is None:
        change_stock(sku_id, new - owed, RECEIVED, Ref(PERSON, caller.person))
    return new, len(codes) - new


def set_file(caller: Caller, sku_id: UUID, stored: KeptFile) -> None:
    """From now on buyers of this variant download that file. Raises Refused 404, 403, 409 for other goods."""
    _require_virtual(caller, sku_id)
    named = {"file_id": stored.id, "name": stored.name, "size": stored.size, "by_id": caller.person}
    row = insert(GoodsFile).values(sku_id=sku_id, **named)
    db.session.execute(row.on_conflict_do_update(index_elements=["sku_id"], set_=named))


def deliver(line_id: UUID, sku_id: UUID, units: int, owner: Ref) -> int:
    """A line of virtual goods is paid: its owner gets `units` codes, or the file. Answers how many codes it lacks: the
    next that are put into the pool are its. Told twice it is done once; never refuses, since the money is there."""
    _BESIDE.rows(name=f"codes:{sku_id}")
    row = insert(CodeGrant).values(line_id=line_id, sku_id=sku_id, units=units, lacking=units)
    row = row.values(owner_kind=owner.kind, owner_id=owner.id).on_conflict_do_nothing()
    if not changed(row):
        return db.session.scalar(select(CodeGrant.lacking).where(CodeGrant.line_id == line_id)) or 0
    if db.session.get(GoodsFile, sku_id) is not None:
        return _given(line_id, units, 0)
    return _given(line_id, units, units - _take(line_id, sku_id, units))


def close_grant(line_id: UUID) -> bool:
    """The money of a line went back: its file opens no more, and codes that it lacks are not owed any more."""
    shut = update(CodeGrant).where(CodeGrant.line_id == line_id, CodeGrant.closed_at.is_(None))
    return changed(shut.values(closed_at=clock.db_now(), lacking=0)) > 0


def owe_at_most(line_id: UUID, units: int) -> None:
    """The money of codes that a line lacks went back: so many units at most are still owed."""
    _OWE_LESS.changed(line=line_id, units=units)


def _give_what_lacks(sku_id: UUID) -> int:
    """The free codes of a pool go to the lines that lack some, the oldest first; answers how many went."""
    lacking = select(CodeGrant).where(CodeGrant.sku_id == sku_id, CodeGrant.lacking > 0)
    given = 0
    for grant in db.session.scalars(lacking.order_by(CodeGrant.at, CodeGrant.line_id).with_for_update()).all():
        taken = _take(grant.line_id, sku_id, grant.lacking)
        _given(grant.line_id, grant.lacking, grant.lacking - taken)
        given += taken
        if not taken:
            break
    return given


def _take(line_id: UUID, sku_id: UUID, units: int) -> int:
    """So many free codes are this line's from now on; answers how many there were."""
    return len(_TAKE.rows(line=line_id, sku=sku_id, units=units, ahead=clock.ahead()))


def _given(line_id: UUID, before: int, lacking: int) -> int:
    if lacking != before:
        changed(update(CodeGrant).where(CodeGrant.line_id == line_id).values(lacking=lacking))
    if not lacking or lacking != before:
        emit(CodesDelivered(line_id))
    return lacking


def _require_virtual(caller: Caller, sku_id: UUID) -> None:
    shop_of_sku(sku_id, caller.person, GOODS)
    kind = select(Product.goods_kind).join(Sku, Sku.product_id == Product.id).where(Sku.id == sku_id)
    if db.session.scalar(kind) != VIRTUAL:
        raise bad_field("sku_id", "只有虚拟商品可以这样", "Only virtual goods have that.")


_OWE_LESS = prepared(
    "UPDATE codes_grants SET units = units - (lacking - :units), lacking = :units"
    " WHERE line_id = :line AND lacking > :units AND closed_at IS NULL"
)
# Who fills a pool sees all lines that lack some, and no line is delivered meanwhile; lines are, beside each other.
_ALONE = prepared("SELECT pg_advisory_xact_lock(hashtextextended(:name, 17))")
_BESIDE = prepared("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 17))")
_TAKE = prepared(
    "WITH free AS (SELECT id FROM codes_codes WHERE sku_id = :sku AND line_id IS NULL ORDER BY id LIMIT :units"
    "  FOR UPDATE SKIP LOCKED)"
    " UPDATE codes_codes c SET line_id = :line, taken_at = now() + :ahead FROM free WHERE c.id = free.id RETURNING c.id"
)


def sweep_goods_files() -> int:
    """Delete files that no variant sells any more; answers how many. A sweep."""
    return sweep_files(FOLDER, known_files)
