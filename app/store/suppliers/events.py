"""What happens to suppliers."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class SupplierAudited(Fact):
    shop_id: UUID


@dataclass(frozen=True, slots=True)
class SupplierAuditDue(Fact):
    """The supplier is suspended in NOTICE_DAYS unless somebody audits it."""

    shop_id: UUID
