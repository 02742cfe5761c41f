"""What is done to brands; by moderators, and it is in the audit log."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core import audit
from app.core.caller import Ref
from app.core.db import changed, db
from app.core.errors import bad_field
from app.core.ids import new_id
from app.store.brands.models import Brand, BrandName, key_of
from app.store.brands.queries import brand_or_missing

NAMED = audit.act("brand_named", "登记品牌", "registered a brand")


def add_brand(by: UUID | None, name: str, aliases: Sequence[str] = ()) -> Brand:
    """A brand under this name and these. Raises Refused 422 for a name that another brand has."""
    made = Brand(id=new_id(), name=name)
    db.session.add(made)
    db.session.flush()
    _name(made, [name, *aliases])
    audit.record(by, NAMED, Ref("brand", made.id), " / ".join([name, *aliases]))
    return made


def change_brand(
    by: UUID | None, brand_id: UUID, name: str | None = None, aliases: Sequence[str] | None = None
) -> Brand:
    """Another name to show, or other names that it goes by; what is None stays. Raises Refused 404, 422."""
    found = brand_or_missing(brand_id)
    known = db.session.scalars(select(BrandName.name).where(BrandName.brand_id == brand_id)).all()
    others = [one for one in known if one != found.name] if aliases is None else list(aliases)
    found.name = name or found.name
    db.session.execute(delete(BrandName).where(BrandName.brand_id == brand_id))
    _name(found, [found.name, *others])
    audit.record(by, NAMED, Ref("brand", brand_id), " / ".join([found.name, *others]))
    return found


def _name(brand: Brand, names: Sequence[str]) -> None:
    rows = {key_of(one): {"key": key_of(one), "brand_id": brand.id, "name": one} for one in reversed(names)}
    if "" in rows:
        raise bad_field("name", "名称须含文字或数字", "A name needs letters or digits.")
    if changed(insert(BrandName).values(list(rows.values())).on_conflict_do_nothing()) < len(rows):
        raise bad_field("name", "另一品牌已用此名称", "Another brand goes by this name.")
