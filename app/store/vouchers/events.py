"""What happens to vouchers."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class VoucherRedeemed(Fact):
    """A unit of a line was had."""

    voucher_id: UUID
    line_id: UUID


@dataclass(frozen=True, slots=True)
class RedemptionUndone(Fact):
    """It was not, after all."""

    voucher_id: UUID
    line_id: UUID


@dataclass(frozen=True, slots=True)
class VoucherExpired(Fact):
    """A unit of a line was not had in time: it is to be refunded."""

    voucher_id: UUID
    line_id: UUID
