"""What shelves hear: all goods of a shop may be bought again, or no more, or are found in the mall, or no more.

Each of them is told of as changed, so that whoever keeps goods (the search engines) looks again: MOST in a transaction,
and a fact of our own for the rest.
"""

from collections.abc import Sequence
from uuid import UUID

from app.core.events import emit_all, on
from app.store.catalogue.events import ProductChanged
from app.store.shelves.events import ShelfToldInPart
from app.store.shelves.queries import goods_after
from app.store.shops.events import ShopClosed, ShopMoved, ShopReopened

MOST = 500
_FIRST = UUID(int=0)


@on(ShopClosed, ShopReopened, ShopMoved, ShelfToldInPart)
def tell_of_whole_shelves(facts: Sequence[ShopClosed | ShopReopened | ShopMoved | ShelfToldInPart]) -> None:
    wanted = {(one.shop_id, one.after if isinstance(one, ShelfToldInPart) else _FIRST) for one in facts}
    told: list[ProductChanged | ShelfToldInPart] = []
    for shop_id, after in sorted(wanted):
        room = MOST - len(told)
        found = goods_after(shop_id, after, room) if room > 0 else []
        told += [ProductChanged(one) for one in found]
        if len(found) == max(room, 0):
            told.append(ShelfToldInPart(shop_id, found[-1] if found else after))
    emit_all(told)
