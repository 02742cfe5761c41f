"""What is done to addresses."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from app.core.db import db
from app.core.errors import Refused
from app.core.idempotency import one_at_a_time
from app.core.ids import new_id
from app.people.addresses.models import MOST_ADDRESSES, PLACE, Address
from app.people.addresses.queries import address_or_missing, addresses_of


def add_address(
    person_id: UUID, place: Mapping[str, str], is_default: bool = False, address_id: UUID | None = None
) -> Address:
    """A new address of a person, his default if it is his first. `address_id` came with a form: sent again it answers
    the address that it made. Raises Refused 409 "too_many"."""
    one_at_a_time(person_id)  # else two at once would both be the first, or the twenty-first
    known = addresses_of(person_id)
    same = next((one for one in known if one.id == address_id), None)
    if same is not None:
        return same
    if len(known) >= MOST_ADDRESSES:
        raise Refused(409, "too_many", "地址太多，请先删掉一个", f"At most {MOST_ADDRESSES} addresses: delete one.")
    if is_default:
        _no_default(person_id)
    parts = {name: place.get(name, "") for name in PLACE}
    made = Address(id=address_id or new_id(), person_id=person_id, is_default=is_default or not known, **parts)
    db.session.add(made)
    db.session.flush()
    return made


def change_address(person_id: UUID, address_id: UUID, changes: Mapping[str, Any]) -> Address:
    """Change parts of an address, or make it the default. What was ordered to it before is not changed."""
    one_at_a_time(person_id)
    found = address_or_missing(person_id, address_id)
    if changes.get("is_default"):
        _no_default(person_id)
        found.is_default = True
    for name in PLACE:
        if changes.get(name) is not None:
            setattr(found, name, changes[name])
    db.session.flush()
    return found


def delete_address(person_id: UUID, address_id: UUID) -> None:
    """Delete an address; of the others the newest is the default then, if this one was."""
    one_at_a_time(person_id)
    found = address_or_missing(person_id, address_id)
    was_default = found.is_default
    db.session.execute(delete(Address).where(Address.id == found.id))
    if was_default:
        mine = select(Address.id).where(Address.person_id == person_id)
        newest = db.session.scalar(mine.order_by(Address.created_at.desc(), Address.id.desc()).limit(1))
        db.session.execute(update(Address).where(Address.id == newest).values(is_default=True))


def _no_default(person_id: UUID) -> None:
    db.session.execute(
        update(Address).where(Address.person_id == person_id, Address.is_default).values(is_default=False)
    )
    db.session.expire_all()
