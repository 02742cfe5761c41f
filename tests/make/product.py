"""make.product(shop=..., price=9900, stock=10): goods on sale; make.as_staff(shop): their shop's caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from app.core.caller import Caller
from app.core.db import in_transaction
from app.store.catalogue import actions
from app.store.catalogue.models import DRAFT, ON_SALE
from app.store.categories.models import VIRTUAL
from app.store.inventory.actions import set_stocks
from app.store.variants.models import SkuWanted
from app.store.variants.queries import skus_of
from tests.make.shop import MadeShop
from tests.make.shop import shop as make_shop

_numbers = count(1)


@dataclass(frozen=True)
class MadeProduct:
    """Goods; `sku_id` is the first of `sku_ids`."""

    id: UUID
    title: str
    shop: MadeShop
    sku_ids: tuple[UUID, ...]

    @property
    def sku_id(self) -> UUID:
        return self.sku_ids[0]


def product(
    shop: MadeShop | None = None,
    price: int = 9900,
    stock: int = 10,
    title: str = "",
    skus: Sequence[SkuWanted] = (),
    **named: object,
) -> MadeProduct:
    """New goods of `shop` (of a new one if none is named) in one variant, or in those of `skus`."""
    where = shop or make_shop()
    called = title or f"手工陶瓷杯 {next(_numbers)}"
    is_pooled = named.get("goods_kind") == VIRTUAL
    wanted = skus or [SkuWanted(price=price, stock=0 if is_pooled else stock)]

    def work() -> MadeProduct:
        state = {"state": DRAFT} if is_pooled else {}
        made = actions.list_product(as_staff(where), where.id, title=called, skus=wanted, **{**state, **named})
        found = MadeProduct(made.id, called, where, tuple(sku.id for sku in skus_of([made.id])[made.id]))
        if is_pooled and "state" not in named:  # as goods were of which more was said to be there than there is
            actions.move_product(made.id, ON_SALE, None, "")
            set_stocks(dict.fromkeys(found.sku_ids, stock))
        return found

    return in_transaction(work)


def as_staff(shop: MadeShop) -> Caller:
    """The owner of a shop as a caller."""
    return Caller(person_id=shop.owner.id)
