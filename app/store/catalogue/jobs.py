"""What the catalogue hears: a shop has another name, which the ready JSON of all its goods says.

MOST goods in a transaction, and a fact of our own for the rest; each that said another name is told of as changed, so
that whoever keeps goods (the search engines) looks again. Heard twice it changes nothing more.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.core.db import db
from app.core.events import emit_all, on
from app.store.catalogue.events import ProductChanged, ShopNamedInPart
from app.store.catalogue.models import Product
from app.store.shops.events import ShopRenamed
from app.store.shops.queries import shop_or_missing

MOST = 200
_FIRST = UUID(int=0)


@on(ShopRenamed, ShopNamedInPart)
def show_new_names(facts: Sequence[ShopRenamed | ShopNamedInPart]) -> None:
    wanted = {(one.shop_id, one.after if isinstance(one, ShopNamedInPart) else _FIRST) for one in facts}
    room = MOST
    for shop_id, after in sorted(wanted):
        done = _named(shop_id, after, room) if room else []
        if len(done) == room:
            emit_all([ShopNamedInPart(shop_id, done[-1] if done else after)])
        room -= len(done)


def _named(shop_id: UUID, after: UUID, most: int) -> list[UUID]:
    """The next goods of the shop say its name of now; answers their ids. Who changes one of them meanwhile holds its
    row, and who lists one holds the shop's (shops.queries.named_shop)."""
    name, stamp = shop_or_missing(shop_id).name, db.session.scalars(select(func.clock_timestamp())).one()
    some = select(Product).where(Product.shop_id == shop_id, Product.id > after).order_by(Product.id).limit(most)
    locking = some.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = db.session.scalars(locking).all()
    renamed = [one for one in found if one.name_shop(name)]
    for one in renamed:
        one.changed_at = stamp
    db.session.flush()
    emit_all([ProductChanged(one.id) for one in renamed])
    return [one.id for one in found]
