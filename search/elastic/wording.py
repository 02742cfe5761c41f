"""How words are matched: any of them finds, all of them find better."""

import math
from typing import Any

from search.asking import CHARACTERS_SHARED, Asked

Query = dict[str, Any]


def wording(asked: Asked, fields: list[str], least: float = 0.0) -> Query:
    """Documents with the words of a question in `fields` ("title^3"), or with its pairs or its pinyin in their name.

    `least` is the share of the words that must match. One is enough of one, or if `least` is 0; else it takes two.
    """
    ways = [_words(asked.words, fields, least)]
    if asked.grams:
        ways.append(_match("grams", asked.grams, 0.6, least))
    if asked.pinyin:
        ways.append(_match("pinyin", asked.pinyin, 0.6, 0.0))
    return {
        "bool": {
            "must": [{"dis_max": {"queries": ways, "tie_breaker": 0.3}}],
            "should": [_all_words(asked.words, fields)],
        }
    }


def loosely(asked: Asked) -> Query:
    """Documents that share single characters with a question, for when `wording` finds none."""
    least = math.ceil(CHARACTERS_SHARED * len(asked.characters))
    return {"match": {"grams": {"query": " ".join(asked.characters), "minimum_should_match": least}}}


def _match(field: str, terms: tuple[str, ...], boost: float, least: float) -> Query:
    return {"match": {field: {"query": " ".join(terms), "boost": boost, **_at_least(least, len(terms))}}}


def _words(words: tuple[str, ...], fields: list[str], least: float) -> Query:
    """Word by word the best field counts, so that the words of a question may stand in different fields."""
    return {
        "multi_match": {
            "query": " ".join(words), "type": "cross_fields", "fields": fields, "tie_breaker": 0.2,
            **_at_least(least, len(words)),
        }
    }  # fmt: skip


def _all_words(words: tuple[str, ...], fields: list[str]) -> Query:
    return {"multi_match": {"query": " ".join(words), "type": "cross_fields", "fields": fields, "operator": "and"}}


def _at_least(share: float, terms: int) -> Query:
    return {"minimum_should_match": min(terms, max(2, math.ceil(share * terms)))} if share else {}
