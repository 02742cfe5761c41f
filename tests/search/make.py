"""Small documents, of which a test says only what it is about."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils.compat as uuid_utils

from search.documents import PersonDocument, PostDocument, ProductDocument

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def post(title: str = "", *, age: timedelta = timedelta(), **known: Any) -> PostDocument:
    """A post published `age` before noon, by somebody, to which nobody has reacted."""
    told: dict[str, Any] = {
        "id": uuid_utils.uuid7(),
        "version": version(),
        "title": title,
        "body": "",
        "topics": (),
        "goods": (),
        "author": "",
        "author_id": uuid_utils.uuid7(),
        "kind": "note",
        "published_at": NOON - age,
        "likes": 0,
        "collects": 0,
        "comments": 0,
    }
    return PostDocument(**told | known)


def product(title: str = "", **known: Any) -> ProductDocument:
    """Goods in stock at 99.00."""
    told: dict[str, Any] = {
        "id": uuid_utils.uuid7(),
        "version": version(),
        "title": title,
        "description": "",
        "brand": "",
        "category": "",
        "shop": "",
        "shop_id": uuid_utils.uuid7(),
        "attributes": (),
        "price": 9900,
        "in_stock": True,
        "sold": 0,
        "published_at": NOON,
    }
    return ProductDocument(**told | known)


def person(nickname: str = "", **known: Any) -> PersonDocument:
    """Somebody whom nobody follows."""
    told: dict[str, Any] = {
        "id": uuid_utils.uuid7(),
        "version": version(),
        "nickname": nickname,
        "username": "",
        "bio": "",
        "followers": 0,
    }
    return PersonDocument(**told | known)


def version() -> int:
    """Now, in microseconds."""
    return time.time_ns() // 1000
