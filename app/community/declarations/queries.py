"""Questions about declared interest: what the system knows that an author must declare."""

from collections.abc import Callable, Collection
from uuid import UUID

from sqlalchemy import select

from app.community.declarations.models import NONE, OWN_GOODS
from app.core.db import db
from app.core.errors import Refused, said
from app.store.catalogue.models import Product
from app.store.shops.models import Staff

Knowing = Callable[[UUID, Collection[UUID]], str | None]
"""(person, products) -> what he gets for speaking of one of them, as far as this room knows; None: nothing."""

_knowing: list[Knowing] = []


def knows_interests(find: Knowing) -> Knowing:
    """Register who knows that a person gets something for speaking of goods (commissions, gifts, paid cooperation)."""
    _knowing.append(find)
    return find


def known_interest(person_id: UUID, product_ids: Collection[UUID]) -> str | None:
    """What this person gets for speaking of these goods, as far as the system knows. One query for each that knows
    some, none for no goods."""
    found = (find(person_id, product_ids) for find in _knowing) if product_ids else ()
    return next((one for one in found if one is not None), None)


def declared_in_truth(declared: str, person_id: UUID, product_ids: Collection[UUID]) -> str:
    """What a post about these goods declares. That its author sells them is declared for him, since it needs no word of
    his.

    Raises Refused 422 "declaration_required" where he declares nothing and gets something; `errors` says what.
    """
    known = known_interest(person_id, product_ids) if declared == NONE else None
    if known in {None, OWN_GOODS}:
        return known or declared
    zh, en = "你与所标商品有利益关系，请先声明", "You have an interest in goods that you tag: declare it."
    errors = {"declared": [said(f"请声明：{known}", f"Declare it: {known}.")]}
    raise Refused(422, "declaration_required", zh, en, errors=errors)


@knows_interests
def _sells(person_id: UUID, product_ids: Collection[UUID]) -> str | None:
    """Whoever works for the shop, a personal shop that resells too, sells them."""
    sold = select(Product.id).join(Staff, Staff.shop_id == Product.shop_id)
    mine = sold.where(Product.id.in_(product_ids), Staff.person_id == person_id).limit(1)
    return OWN_GOODS if db.session.scalar(mine) is not None else None
