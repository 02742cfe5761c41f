"""A document as the row of its table."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from search.documents import Document, PersonDocument, PostDocument, ProductDocument
from search.exploring import heat
from search.text import all_words, grams, pinyin, shown, starts

COLUMNS = (
    "id", "version", "words", "starts", "shown", "popularity", "in_stock", "published_at", "heat",
)  # fmt: skip

GRAM = "#"
SOUND = "~"
"""First letters that keep characters and pinyin apart from words in the one column that holds all of them."""

_LAST_POSITION = 16_383


def row(document: Document) -> dict[str, Any]:
    """The columns of `document`, by name."""
    match document:
        case PostDocument():
            own = _post(document)
        case ProductDocument():
            own = _product(document)
        case PersonDocument():
            own = _person(document)
    return {**dict.fromkeys(COLUMNS), "id": document.id, "version": document.version, **own}


def tombstone(id: UUID, version: int) -> dict[str, Any]:
    """The columns of what is left of a removed document; writing it sets removed_at, by the clock of the database."""
    return {**dict.fromkeys(COLUMNS), "id": id, "version": version}


def lexeme(word: str) -> str:
    """A word as PostgreSQL reads it in a tsvector or tsquery."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _post(post: PostDocument) -> dict[str, Any]:
    named = (post.title, *post.topics)
    words = _Vector()
    words.add("A", [post.title])
    words.add("B", (*post.topics, *post.goods))
    words.add("D", (post.author, post.body))
    words.add_sounds(named)
    return {
        "words": str(words),
        **_typed(named, post.reactions),
        "published_at": post.published_at,
        "heat": heat(post.reactions, post.published_at),
    }


def _product(product: ProductDocument) -> dict[str, Any]:
    words = _Vector()
    words.add("A", [product.title])
    words.add("B", (product.brand, product.category))
    words.add("C", (product.shop, *product.attributes))
    words.add("D", [product.description])
    words.add_sounds((product.title, product.brand, product.category))
    return {"words": str(words), **_typed((product.title,), product.sold), "in_stock": product.in_stock}


def _person(person: PersonDocument) -> dict[str, Any]:
    words = _Vector()
    words.add("A", (person.nickname, person.username))
    words.add("D", [person.bio])
    words.add_sounds((person.nickname,))
    return {"words": str(words), **_typed((person.nickname,), person.followers)}


def _typed(texts: tuple[str, ...], popularity: int) -> dict[str, Any]:
    keys = dict.fromkeys(key for text in texts for key in starts(text))
    return {"starts": " ".join(map(lexeme, keys)), "shown": [shown(text) for text in texts], "popularity": popularity}


class _Vector:
    """A tsvector being written: each lexeme once, at its first place and with its best weight."""

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}

    def add(self, weight: str, texts: Iterable[str]) -> None:
        """Adds the words of texts. Weights are added best first: A, B, C, D."""
        for text in texts:
            for word in all_words(text):
                self._marks.setdefault(word, f":{min(len(self._marks) + 1, _LAST_POSITION)}{weight}")

    def add_sounds(self, texts: Iterable[str]) -> None:
        """Adds the characters, pairs and pinyin of texts."""
        for text in texts:
            self._marks.update({GRAM + gram: "" for gram in grams(text)})
            self._marks.update({SOUND + sound: "" for sound in pinyin(text)})

    def __str__(self) -> str:
        return " ".join(lexeme(word) + mark for word, mark in self._marks.items())
