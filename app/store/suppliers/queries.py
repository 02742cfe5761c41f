"""Questions about suppliers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.core.errors import Refused, missing
from app.store.onboarding.models import APPROVED, SUPPLIER, SUSPENDED, Application
from app.store.onboarding.queries import application_of, is_approved
from app.store.shops.models import Shop
from app.store.suppliers.models import SupplierAudit

AUDITS = 20


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier as staff see it; `score`: of the last audit, None before the first."""

    application: Application
    name: str
    score: int | None


def require_supplier(shop_id: UUID) -> None:
    """Raises Refused 409 unless the shop is an approved supplier now."""
    if not is_approved(shop_id, SUPPLIER):
        zh, en = "只有通过审核的供应商可以供货", "Only an approved supplier may supply others."
        raise Refused(409, "not_a_supplier", zh, en)


def supplier_json(shop_id: UUID) -> dict[str, Any]:
    """How a shop stands as a supplier, and its last audits. Raises Refused 404 where it never applied. Two queries."""
    found = application_of(shop_id, SUPPLIER)
    if found is None:
        raise missing("还没有申请成为供应商", "It has not applied to supply.")
    audits = audits_of(shop_id)
    return {
        "id": shop_id,
        "kind": "supplier",
        "state": found.state,
        "until": found.until,
        "score": audits[0].score if audits else None,
        "audits": audits,
    }


def audits_of(shop_id: UUID) -> list[SupplierAudit]:
    """The last audits of a supplier, the latest first. One query."""
    mine = select(SupplierAudit).where(SupplierAudit.shop_id == shop_id)
    return list(db.session.scalars(mine.order_by(SupplierAudit.at.desc(), SupplierAudit.id.desc()).limit(AUDITS)))


def suppliers(limit: int, cursor: str | None) -> tuple[list[Supplier], str | None]:
    """A page of suppliers that were approved once, whose audit is due first at the top. Two queries."""
    place = paging.values_of("admin/suppliers", cursor)
    wanted = select(Application, Shop.name).join(Shop).where(Application.about == SUPPLIER)
    wanted = wanted.where(Application.state.in_([APPROVED, SUSPENDED]), Application.until.is_not(None))
    if place is not None:
        after = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(Application.until, Application.id) > after)
    rows = db.session.execute(wanted.order_by(Application.until, Application.id).limit(limit + 1)).all()
    scores = scores_of([one.shop_id for one, _ in rows[:limit]])
    found = [Supplier(one, name, scores.get(one.shop_id)) for one, name in rows[:limit]]
    last = found[-1].application if len(rows) > limit else None
    following = paging.cursor("admin/suppliers", [iso(last.until), str(last.id)]) if last and last.until else None
    return found, following


def scores_of(shop_ids: Collection[UUID]) -> dict[UUID, int]:
    """The score of the last audit of each of these suppliers that was audited. One query."""
    if not shop_ids:
        return {}
    latest = select(SupplierAudit.shop_id, SupplierAudit.score).where(SupplierAudit.shop_id.in_(shop_ids))
    each = latest.ext(distinct_on(SupplierAudit.shop_id))
    newest = each.order_by(SupplierAudit.shop_id, SupplierAudit.at.desc())
    return {row[0]: row[1] for row in db.session.execute(newest)}
