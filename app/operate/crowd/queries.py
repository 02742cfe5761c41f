"""What the crowd finds in the town, and the moment up to which it has been busy there."""

from datetime import timedelta

from sqlalchemy import select

from app.core.db import db
from app.operate.crowd.kinds.base import KINDS, Founders, Size, Town
from app.operate.demo.queries import citizens, planned_goods, planned_posts, planted, planted_at
from app.store.categories.models import Category
from app.store.shops.models import Shop

STAR, MODERATOR = "kol", "moderator"


def size_of(scale: int) -> Size:
    """What is missing for a town of this scale."""
    return Size.of_scale(scale, len(citizens()), len(planned_goods()), len(planned_posts()))


def town_since(step: str, size: Size) -> Town:
    """The town whose crowd came with this step; all that it does was done before the last full hour but one."""
    hour = planted_at(step).replace(minute=0, second=0, microsecond=0)
    return Town(size, hour - timedelta(hours=1), _founders())


def _founders() -> Founders:
    ids = planted()
    people = sorted(citizens(), key=lambda one: one.key != STAR)
    shops = {f"shop:{kind.shop}": ids[f"shop:{kind.shop}"] for kind in KINDS}
    # Copies that no session holds: they are read when the transaction is long over.
    rows = db.session.execute(select(Shop.id, Shop.name, Shop.owner_id).where(Shop.id.in_(shops.values())))
    copies = {row.id: Shop(id=row.id, name=row.name, owner_id=row.owner_id) for row in rows}
    categories = db.session.execute(select(Category.id, Category.name))
    return Founders(
        people=[ids[f"person:{one.key}"] for one in people],
        writers=frozenset(place for place, one in enumerate(people) if one.writes),
        moderator=ids[f"person:{MODERATOR}"],
        shops={kind.name: copies[shops[f"shop:{kind.shop}"]] for kind in KINDS},
        categories={row.name: Category(id=row.id, name=row.name) for row in categories},
    )
