"""A document as the fields of its index (post.json, product.json, person.json)."""

import math
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from search.documents import Document, PersonDocument, PostDocument, ProductDocument
from search.exploring import heat, millis
from search.text import all_words, grams, pinyin, shown, starts

SEPARATOR = "\t"
"""Stands in a suggestion between what is typed and what is shown."""


def fields(document: Document) -> dict[str, Any]:
    """What is indexed of `document`."""
    match document:
        case PostDocument():
            own = _post_fields(document)
        case ProductDocument():
            own = _product_fields(document)
        case PersonDocument():
            own = _person_fields(document)
    return {"id": str(document.id), "spread": spread(document.id), **own}


def spread(id: UUID) -> int:
    """A number that stays a document's own. It orders equal scores, so that pages neither repeat nor skip."""
    return id.int & 0x7FFFFFFF


def _post_fields(post: PostDocument) -> dict[str, Any]:
    return {
        **_named("title", post.title, (post.title, *post.topics)),
        "topics": _line(post.topics),
        "goods": _line(post.goods),
        "author": _line([post.author]),
        "body": _line([post.body]),
        "author_id": str(post.author_id),
        "kind": post.kind,
        "published_at": millis(post.published_at),
        "reactions": post.reactions,
        "heat": heat(post.reactions, post.published_at),
        **_completions("starts", (post.title,), post.reactions),
        **_completions("topic_starts", post.topics, post.reactions),
    }


def _product_fields(product: ProductDocument) -> dict[str, Any]:
    return {
        **_named("title", product.title, (product.brand, product.category, product.title)),
        "brand": _line([product.brand]),
        "category": _line([product.category]),
        "attributes": _line(product.attributes),
        "shop": _line([product.shop]),
        "description": _line([product.description]),
        "shop_id": str(product.shop_id),
        "price": product.price,
        "in_stock": product.in_stock,
        "sold": product.sold,
        "published_at": millis(product.published_at),
        **_completions("starts", (product.title,), product.sold),
    }


def _person_fields(person: PersonDocument) -> dict[str, Any]:
    return {
        **_named("nickname", person.nickname, (person.nickname,)),
        "username": _line([person.username]),
        "bio": _line([person.bio]),
        "followers": person.followers,
        **_completions("starts", (person.nickname,), person.followers),
    }


def _named(field: str, name: str, sounding: tuple[str, ...]) -> dict[str, str]:
    """What a document is called, as words, and it and its like as characters, pairs and pinyin."""
    return {
        field: " ".join(all_words(name)),
        "grams": " ".join(gram for text in sounding for gram in grams(text)),
        "pinyin": " ".join(dict.fromkeys(sound for text in sounding for sound in pinyin(text))),
    }


def _line(texts: Iterable[str]) -> str:
    return " ".join(word for text in texts for word in all_words(text))


def _completions(field: str, texts: tuple[str, ...], popularity: int) -> dict[str, Any]:
    typed = [f"{key}{SEPARATOR}{shown(text)}" for text in texts for key in starts(text)]
    if not typed:
        return {}
    return {field: {"input": list(dict.fromkeys(typed)), "weight": round(100 * math.log1p(max(0, popularity)))}}
