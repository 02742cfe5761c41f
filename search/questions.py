"""What can be asked, in words that belong to no engine. `limit` and `skip` count documents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FindPosts:
    """Posts about `words`. No words (nothing, or punctuation only) find nothing; so for all finders."""

    words: str
    limit: int
    skip: int = 0


@dataclass(frozen=True, slots=True)
class FindProducts:
    """Goods that `words` name or describe."""

    words: str
    limit: int
    skip: int = 0


@dataclass(frozen=True, slots=True)
class FindPeople:
    """People whose nickname, username or, with less weight, bio holds `words`."""

    words: str
    limit: int
    skip: int = 0


@dataclass(frozen=True, slots=True)
class ExploreFeed:
    """Posts published up to `as_of` for somebody of whom nothing is known.

    The same seed and as_of over the same index give the same order. How posts are ranked: search/exploring.py.
    """

    seed: int
    as_of: datetime
    limit: int


@dataclass(frozen=True, slots=True)
class SimilarProducts:
    """Goods in stock that `words` (the title, brand and category of a product) describe as well, never the product."""

    product_id: UUID
    words: str
    limit: int


@dataclass(frozen=True, slots=True)
class Suggest:
    """Whole texts for somebody who has typed `words` so far, in Chinese, in pinyin or its initials, or in English."""

    words: str
    limit: int


Question = FindPosts | FindProducts | FindPeople | ExploreFeed | SimilarProducts
