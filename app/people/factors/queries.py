"""Questions about second factors."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.core.db import db
from app.people.factors.models import SecondFactor


def has_second_factor(person_id: UUID) -> bool:
    return bool(who_have_second_factors([person_id]))


def who_have_second_factors(ids: Collection[UUID]) -> set[UUID]:
    """Those of these people who have one. One query, none for nobody."""
    if not ids:
        return set()
    return set(db.session.scalars(select(SecondFactor.person_id).where(SecondFactor.person_id.in_(ids))))
