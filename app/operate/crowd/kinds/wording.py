"""How words are written down, and what is said of one thing: see goods_words."""

from typing import NamedTuple


class Words(NamedTuple):
    nouns: tuple[str, ...]
    english: str
    styles: tuple[str, ...]
    features: tuple[str, ...]
    facts: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    scenes: tuple[str, ...]


def each(words: str) -> tuple[str, ...]:
    """Words between spaces."""
    return tuple(words.split())


def thing(english: str, nouns: str, styles: str, features: str, facts: str, good: str, bad: str, scenes: str) -> Words:
    """Five nouns, twelve styles and eight features, between spaces as the sentences are."""
    return Words(each(nouns), english, each(styles), each(features), each(facts), each(good), each(bad), each(scenes))
