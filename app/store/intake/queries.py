"""Questions about goods that come in."""

import re
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, or_, select, text

from app.core.db import db
from app.store.catalogue.models import Product, ProductTakeDown


def products_by_number(shop_id: UUID, numbers: Collection[str]) -> dict[str, Product]:
    """Those of a shop's products that have these numbers of its own, locked in the order of their ids. Goods without a
    number go by their id, as in an export. Two queries."""
    ids = list(db.session.scalars(_BY_NUMBER, {"shop_id": shop_id, "numbers": list(numbers)}))
    own = [UUID(one) for one in numbers if _IS_ID.fullmatch(one)]
    unnumbered = and_(Product.id.in_(own), Product.shop_id == shop_id, Product.external_id.is_(None))
    mine = select(Product).where(or_(Product.id.in_(ids), unnumbered)).order_by(Product.id)
    locking = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {one.external_id or str(one.id): one for one in db.session.scalars(locking)}


_IS_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# One look into the index for each number: without statistics, as in a new database, the planner would rather read the
# whole shop.
_BY_NUMBER = text(
    "SELECT found.id FROM unnest(CAST(:numbers AS text[])) AS n (number) CROSS JOIN LATERAL ("
    " SELECT p.id FROM catalogue_products p WHERE p.shop_id = :shop_id AND p.external_id = n.number LIMIT 1) AS found"
)


def taken_down_among(product_ids: Collection[UUID]) -> set[UUID]:
    """Those of these products that are taken down. One query."""
    down = select(ProductTakeDown.product_id).where(ProductTakeDown.product_id.in_(product_ids))
    return set(db.session.scalars(down)) if product_ids else set()
