"""What happens to parcels. ParcelDelivered is a fact from outside: who hears it never refuses."""

from dataclasses import dataclass
from uuid import UUID

from app.core.events import Fact


@dataclass(frozen=True, slots=True)
class PackageShipped(Fact):
    """Goods of an order are on their way, or were handed over at a counter."""

    package_id: UUID
    order_id: UUID


@dataclass(frozen=True, slots=True)
class ParcelDelivered(Fact):
    """Its carrier says that a parcel has arrived; once a parcel."""

    package_id: UUID
    order_id: UUID
