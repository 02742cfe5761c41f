"""The words of a question, bounded, so that no question costs more than a long sentence does."""

from dataclasses import dataclass

from search.text import asked_grams, asked_pinyin, characters, words

MOST_WORDS = 32
CHARACTERS_SHARED = 0.4
"""If words and pairs find nothing, documents that share this part of the single characters are the answer."""

DEEPEST = 9_000
"""Documents past this place in the order are not answered. Elasticsearch itself ends at 10,000."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's words, its Chinese pairs and single characters, and what it may mean as pinyin."""

    words: tuple[str, ...]
    grams: tuple[str, ...]
    characters: tuple[str, ...]
    pinyin: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words)


def asked(text: str) -> Asked:
    """The bounded words of `text`; false if there are none, and then the question finds nothing."""
    parts = (words(text), asked_grams(text), characters(text), asked_pinyin(text))
    return Asked(*(part[:MOST_WORDS] for part in parts))


def page(limit: int, skip: int) -> tuple[int, int]:
    """Limit and skip, held between 0 and DEEPEST."""
    skip = min(max(0, skip), DEEPEST)
    return min(max(0, limit), DEEPEST - skip), skip
