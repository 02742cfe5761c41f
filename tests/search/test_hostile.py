"""Strings that break programs, as questions and as titles, on every engine."""

import uuid_utils.compat as uuid_utils

from search.engine import Engine
from search.questions import FindPeople, FindPosts, FindProducts, SimilarProducts, Suggest
from search.text import words
from tests.search.conftest import settle
from tests.search.make import person, post, product

WORSE = ["\ud800", "a\ud83db", "\x00", "a\x00b", "'", "\\", "\\'", "' | 'x", "a:*", "&|!()<->", "\u202e倒", "ß" * 999]


def test_any_string_can_be_asked(engine: Engine, naughty_strings: list[str]) -> None:
    engine.put([product("连衣裙"), post("连衣裙"), person("连衣裙")])
    settle(engine)
    for text in [*naughty_strings, *WORSE, "很长" * 20_000, "a b " * 20_000]:
        for ask in (FindPosts, FindProducts, FindPeople):
            assert len(engine.find(ask(text, 5)).ids) <= 1
        engine.find(SimilarProducts(uuid_utils.uuid7(), text, 5))
        engine.suggest(Suggest(text, 5))


def test_any_string_can_be_a_title_and_is_found_by_itself(engine: Engine, naughty_strings: list[str]) -> None:
    texts = [*naughty_strings, *WORSE]
    goods = [product(text, brand=text, description=text, attributes=(text,)) for text in texts]
    engine.put(goods)
    engine.put([post(text, body=text, topics=(text,), author=text) for text in texts])
    engine.put([person(text, username=text, bio=text) for text in texts])
    settle(engine)
    assert engine.count("product") == engine.count("post") == engine.count("person") == len(texts)
    lost = [
        one.title for one in goods if words(one.title) and not engine.find(FindProducts(one.title, 5)).ids
    ]  # fmt: skip
    assert lost == []


def test_suggestions_of_any_title_are_readable_text(engine: Engine, naughty_strings: list[str]) -> None:
    engine.put([product(text) for text in [*naughty_strings, *WORSE]])
    settle(engine)
    for typed in ("a", "1", "s", "th", "社", "the quick"):
        for text in (one.text for one in engine.suggest(Suggest(typed, 20))):
            assert text.encode("utf-8").decode("utf-8") == text.strip()
            assert text.isprintable() or " " not in text
