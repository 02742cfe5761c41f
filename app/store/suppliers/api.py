"""The door of a shop as a supplier."""

from typing import Any
from uuid import UUID

from app.core.caller import Caller
from app.core.http.door import PERSON, Door
from app.store.shops.models import SEE
from app.store.shops.queries import require_right
from app.store.suppliers import queries
from app.store.suppliers.schemas import SupplierOut

door = Door("suppliers", for_keys=True)


@door.get("/shops/<uuid:shop_id>/supplier", gives=SupplierOut, who=PERSON)
def show_supplier(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """How the shop stands as a supplier, and what its audits said."""
    require_right(shop_id, caller.person, SEE)
    return queries.supplier_json(shop_id)
