"""make.checkout(buyer=..., product=...): an open checkout with an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.buying.baskets.models import LineWanted
from app.buying.checkout import actions
from app.buying.checkout.models import Changes, Opener, opener
from app.core.caller import Caller, Ref
from app.core.db import in_transaction
from app.store.inventory.models import HeldFor
from tests.make.person import Made
from tests.make.person import person as make_person
from tests.make.product import MadeProduct
from tests.make.product import product as make_product

ADDRESS = {
    "name": "林小满",
    "phone": "+86 138-0000-0000",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "street": "文三路 1 号",
}


@dataclass(frozen=True)
class MadeCheckout:
    """An open checkout; `caller` is its buyer."""

    id: UUID
    total: int
    buyer: Made
    caller: Caller


def opening(buyer: Ref) -> Opener:
    """A buyer without a device."""
    return Opener(buyer, HeldFor(buyer.id))


def checkout(
    buyer: Made | None = None,
    product: MadeProduct | None = None,
    quantity: int = 1,
    link: str | None = None,
    lines: Sequence[LineWanted] = (),
    address: dict[str, str] | None = ADDRESS,
) -> MadeCheckout:
    """A checkout of `lines`, or of so many of `product`; with address=None it has none yet."""
    who = buyer or make_person()
    caller = Caller(person_id=who.id)
    wants = lines or [LineWanted((product or make_product()).sku_id, quantity, link)]

    def work() -> MadeCheckout:
        made, basket = actions.open_checkout(opener(caller), wants)
        if address is not None:
            actions.change_checkout(caller, made.id, Changes(address=address))
        return MadeCheckout(made.id, basket.total, who, caller)

    return in_transaction(work)
