"""What buyers gave in stars: one star is 0, five are 1."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Float, func, select

from app.core.db import db
from app.store.catalogue.models import Product
from app.store.reviews.models import Review
from app.store.scores.kinds.base import Measure, Part, window_began


def measure(shop_ids: Collection[UUID]) -> dict[UUID, Measure]:
    mine = (Product.shop_id.in_(shop_ids), Review.at >= window_began())
    stars = func.avg(Review.rating).cast(Float)
    wanted = select(Product.shop_id, stars, func.count()).join(Product, Product.id == Review.product_id)
    rows = db.session.execute(wanted.where(*mine).group_by(Product.shop_id))
    return {row[0]: Measure((row[1] - 1) / 4, row[2]) for row in rows}


part = Part("reviews", "买家评价", "Reviews", 20, measure)
