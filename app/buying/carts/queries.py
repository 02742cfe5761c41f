"""Questions about carts: what is in one, what of it changed since, what the ticked goods cost."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.buying.baskets.models import BasketLine, LineWanted
from app.buying.baskets.queries import goods_lines, is_hidden, priced, shown_line
from app.core.caller import Ref
from app.core.clock import iso
from app.core.errors import Refused
from app.core.plain import array_of, prepared

OK, FEW, SOLD_OUT, OFF, GONE = "ok", "few", "sold_out", "off", "gone"
STATES = (OK, FEW, SOLD_OUT, OFF, GONE)
"""How the goods of a line stand: fewer left than wanted, none left, not on sale, not to be seen any more."""


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line as its row keeps it; `price_added` in 分."""

    id: UUID
    product_id: UUID
    sku_id: UUID
    quantity: int
    link_code: str | None
    price_added: int
    is_ticked: bool
    added_at: datetime

    @property
    def want(self) -> LineWanted:
        return LineWanted(self.sku_id, self.quantity, self.link_code, self.id)


def lines_in(buyer: Ref, line_ids: Collection[UUID] | None = None) -> list[KeptLine]:
    """The lines of a buyer's cart, newest first; of these ids alone, if some are given. One query."""
    ids = None if line_ids is None else array_of(line_ids)
    return [KeptLine(*row) for row in _LINES.rows(buyer=buyer.id, ids=ids)]


_LINES = prepared(
    "SELECT id, product_id, sku_id, quantity, link_code, price_added, is_ticked, added_at FROM carts_lines"
    " WHERE buyer_id = :buyer AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))"
    " ORDER BY added_at DESC, id DESC"
)


def wants_in(buyer: Ref, line_ids: Sequence[UUID]) -> list[LineWanted]:
    """What these lines of a cart are of, in the order given. Raises Refused 422 for one that is not there."""
    found = {line.id: line.want for line in lines_in(buyer, line_ids)}
    gone = [str(one) for one in line_ids if one not in found]
    if gone:
        zh, en = "购物车里没有这些商品了", "These lines are not in your cart any more."
        raise Refused(422, "invalid", zh, en, errors={"cart_lines": gone})
    return [found[one] for one in line_ids]


def lines_count(buyer: Ref) -> int:
    """How many lines a cart has."""
    found = _COUNT.row(buyer=buyer.id)
    return found.lines if found else 0


_COUNT = prepared("SELECT lines FROM carts_carts WHERE buyer_id = :buyer")


def whole_cart(buyer: Ref) -> dict[str, Any]:
    """A cart as JSON: its lines, newest first; its shops with their lines; what the ticked ones that can be bought cost
    with the offers that need no code, before freight. A constant number of queries."""
    kept = lines_in(buyer)
    found = {line.id: line for line in goods_lines([(line.id, line.want) for line in kept])}
    items = [_shown(line, found.get(line.id)) for line in kept]
    shops = {line.shop_id: line.sku.shop_name for line in kept_order(kept, found)}
    buyable = [found[one["id"]] for one in items if one["is_ticked"] and one["state"] == OK]
    basket = priced(buyer, buyable, [], None)
    return {
        "items": items,
        "next": None,
        "shops": [
            {"id": shop, "kind": "shop", "name": name, "line_ids": _of_shop(items, shop)}
            for shop, name in shops.items()
        ],
        "ticked": {
            "lines": len(buyable),
            "units": sum(line.quantity for line in buyable),
            "amount": sum(line.amount for line in buyable),
            "total": basket.total,
        },
    }


def kept_order(kept: Sequence[KeptLine], found: dict[UUID, BasketLine]) -> list[BasketLine]:
    """Those of `found` in the order of the cart."""
    return [found[line.id] for line in kept if line.id in found]


def _of_shop(items: Sequence[dict[str, Any]], shop_id: UUID) -> list[UUID]:
    return [one["id"] for one in items if one["shop"] and one["shop"]["id"] == shop_id]


def _shown(kept: KeptLine, line: BasketLine | None) -> dict[str, Any]:
    """A line as JSON. What is gone shows no more than that: nobody may see those goods."""
    own = {
        "id": kept.id,
        "kind": "cart_line",
        "quantity": kept.quantity,
        "is_ticked": kept.is_ticked,
        "link": kept.link_code,
        "price_added": kept.price_added,
        "added_at": iso(kept.added_at),
    }
    if line is None or is_hidden(line.sku):
        nothing = {"product": None, "shop": None, "sku": None, "price": None, "price_change": None}
        return {**own, **nothing, "state": GONE, "left": 0}
    shown, left = shown_line(line), line.sku.available or 0
    moved = None if line.price == kept.price_added else {"from": kept.price_added, "to": line.price}
    goods = {name: shown[name] for name in ("product", "shop", "sku", "price")}
    return {**own, **goods, "price_change": moved, "state": _state(line, left), "left": left}


def _state(line: BasketLine, left: int) -> str:
    if not line.sku.is_on_sale:
        return OFF
    if left < line.quantity:
        return FEW if left else SOLD_OUT
    return OK
