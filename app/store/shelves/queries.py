"""Questions about what is on sale where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from app.core import paging
from app.core.clock import iso
from app.core.db import db
from app.store.catalogue.models import Product
from app.store.catalogue.queries import on_sale_state, product_cards


def cards_of_shop(shop_id: UUID, limit: int, cursor: str | None) -> tuple[list[bytes], str | None]:
    """A page of cards of what a shop has on sale, newest first, and the next cursor. Two queries."""
    return _card_page(f"shop:{shop_id}", Product.shop_id == shop_id, limit, cursor)


def cards_of_category(category_id: UUID, limit: int, cursor: str | None) -> tuple[list[bytes], str | None]:
    """A page of cards of what is on sale of a category, newest first, and the next cursor. Two queries."""
    return _card_page(f"category:{category_id}", Product.category_id == category_id, limit, cursor)


def _card_page(
    scope: str, which: ColumnElement[bool], limit: int, cursor: str | None
) -> tuple[list[bytes], str | None]:
    place = paging.values_of(scope, cursor)
    wanted = select(Product.id, Product.created_at).where(which, on_sale_state())
    if place is not None:
        before = (datetime.fromisoformat(place[0]), UUID(place[1]))
        wanted = wanted.where(tuple_(Product.created_at, Product.id) < before)
    newest_first = wanted.order_by(Product.created_at.desc(), Product.id.desc()).limit(limit + 1)
    rows = db.session.execute(newest_first).all()
    ids = [row.id for row in rows[:limit]]
    cards = product_cards(ids)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = paging.cursor(scope, [iso(last.created_at), str(last.id)]) if last else None
    return [cards[one] for one in ids if one in cards], next_cursor
