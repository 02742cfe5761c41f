"""Questions about addresses."""

from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.core.errors import bad_field, missing
from app.people.addresses.models import Address, province_of


def addresses_of(person_id: UUID) -> list[Address]:
    """A person's addresses, the default first, then the newest. One query."""
    mine = select(Address).where(Address.person_id == person_id)
    return list(db.session.scalars(mine.order_by(Address.is_default.desc(), Address.created_at.desc(), Address.id)))


def address_or_missing(person_id: UUID, address_id: UUID) -> Address:
    """A person's own address. Raises Refused 404 for another's."""
    found = db.session.scalar(select(Address).where(Address.id == address_id, Address.person_id == person_id))
    if found is None:
        raise missing("没有这个地址", "There is no such address.")
    return found


def place_to_send(person_id: UUID | None, address_id: UUID | None) -> dict[str, str]:
    """The address of this id, or the person's default without one, as an order keeps it.

    Raises Refused 422 (field "address_id") for another's or a guest's, or where there is no default; field "province"
    for an old one whose province nobody knows.
    """
    if person_id is not None:
        which = Address.id == address_id if address_id is not None else Address.is_default
        found = db.session.scalar(select(Address).where(Address.person_id == person_id, which))
        if found is not None and province_of(found.province) is None:
            zh, en = "这个地址的省份无法识别，请先修改", "The province of this address is not known: change it first."
            raise bad_field("province", zh, en)
        if found is not None:
            return found.place
    if address_id is None:
        raise bad_field("address", "请填写收货地址", "An address is needed to deliver these goods.")
    raise bad_field("address_id", "没有这个地址", "There is no such address.")
