"""What is done about suppliers: audits, and notices that one is due."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, literal, select
from sqlalchemy.dialects.postgresql import insert

from app.core import audit, clock
from app.core.caller import SHOP, Ref
from app.core.db import changed, db
from app.core.errors import bad_field, missing
from app.core.events import emit
from app.core.ids import new_id
from app.store.onboarding.actions import put_off
from app.store.onboarding.models import APPROVED, SUPPLIER, Application
from app.store.onboarding.queries import application_of
from app.store.suppliers.events import SupplierAuditDue, SupplierAudited
from app.store.suppliers.models import AUDITED, NOTICE, AuditNotice, SupplierAudit


def audit_supplier(staff_id: UUID, shop_id: UUID, score: int, note: str, until: datetime) -> None:
    """Write down an audit; the supplier's approval holds until then. One that failed is suspended on its application.

    Raises Refused 404, 409 for a supplier that is not approved now, 422 for a day that is over.
    """
    found = application_of(shop_id, SUPPLIER)
    if found is None:
        raise missing("没有这个供应商", "There is no such supplier.")
    if until <= clock.now():
        raise bad_field("until", "日期须在今天之后", "This must be a day to come.")
    put_off(found.id, until)
    told = {"shop_id": shop_id, "by_id": staff_id, "score": score, "note": note, "until": until, "at": clock.db_now()}
    db.session.add(SupplierAudit(id=new_id(), **told))
    db.session.flush()
    audit.record(staff_id, AUDITED, Ref(SHOP, shop_id), f"{score}: {note}")
    emit(SupplierAudited(shop_id))


def tell_of_audits(most: int = 100) -> int:
    """Tell suppliers, once for each date, that their approval ends within NOTICE; a sweep. Answers how many."""
    told = exists().where(AuditNotice.shop_id == Application.shop_id, AuditNotice.until == Application.until)
    soon = (Application.state == APPROVED, Application.until <= clock.db_now() + literal(NOTICE))
    due = select(Application.shop_id, Application.until).where(Application.about == SUPPLIER, *soon, ~told)
    rows = db.session.execute(due.order_by(Application.until).limit(most)).all()
    done = 0
    for shop_id, until in rows:
        row = insert(AuditNotice).values(shop_id=shop_id, until=until).on_conflict_do_nothing()
        if changed(row):
            emit(SupplierAuditDue(shop_id))
            done += 1
    return done
