"""What is searchable. Each document carries the database time of its facts as its version: an older one never wins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PostDocument:
    """A post, with the titles of the goods tagged in it. `version` is in microseconds of database time."""

    KIND: ClassVar[str] = "post"

    id: UUID
    version: int
    title: str
    body: str
    topics: tuple[str, ...]
    goods: tuple[str, ...]
    author: str
    author_id: UUID
    kind: str
    published_at: datetime
    likes: int
    collects: int
    comments: int

    @property
    def reactions(self) -> int:
        """One number for how much people care: to keep or to answer a post says more than to like it."""
        return max(0, self.likes + 2 * self.collects + 2 * self.comments)


@dataclass(frozen=True, slots=True)
class ProductDocument:
    """Goods of a shop. `price` is the lowest of its variants in 分, None if it has none yet; `sold` counts pieces."""

    KIND: ClassVar[str] = "product"

    id: UUID
    version: int
    title: str
    description: str
    brand: str
    category: str
    shop: str
    shop_id: UUID
    attributes: tuple[str, ...]
    price: int | None
    in_stock: bool
    sold: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PersonDocument:
    """A person who can be found by name."""

    KIND: ClassVar[str] = "person"

    id: UUID
    version: int
    nickname: str
    username: str
    bio: str
    followers: int


Document = PostDocument | ProductDocument | PersonDocument
KINDS = (PostDocument.KIND, ProductDocument.KIND, PersonDocument.KIND)


def by_kind(documents: Iterable[Document]) -> dict[str, list[Document]]:
    """Documents sorted into their kinds, those of a kind in the order they came."""
    sorted_out: dict[str, list[Document]] = {}
    for document in documents:
        sorted_out.setdefault(document.KIND, []).append(document)
    return sorted_out
