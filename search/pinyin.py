"""Chinese words as they sound, and Latin letters read as pinyin. Without tones; ü is written v."""

import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT

_LONGEST_SYLLABLE = 6


@lru_cache(maxsize=65_536)
def syllables_of(word: str) -> tuple[str, ...]:
    """How the word is spoken, one syllable a character: 连衣裙 -> lian, yi, qun. What is not Chinese stays as it is."""
    return tuple(lazy_pinyin(word))


@lru_cache(maxsize=4_096)
def syllables_in(letters: str) -> tuple[str, ...]:
    """The fewest syllables that spell `letters` (lower case, a to z): lianyiqun -> lian, yi, qun. None if none do."""
    best: list[tuple[str, ...] | None] = [(), *[None] * len(letters)]
    for end in range(1, len(letters) + 1):
        for begin in range(max(0, end - _LONGEST_SYLLABLE), end):
            before, syllable = best[begin], letters[begin:end]
            if before is None or syllable not in _SYLLABLES:
                continue
            known = best[end]
            if known is None or len(before) + 1 < len(known):
                best[end] = (*before, syllable)
    return best[-1] or ()


def _toneless(syllable: str) -> str:
    letters = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in letters if letter.isascii())


def _all_syllables() -> frozenset[str]:
    spoken = {_toneless(one) for readings in set(PINYIN_DICT.values()) for one in readings.split(",")}
    return frozenset(one for one in spoken if set(one) & set("aeiouv"))


_SYLLABLES = _all_syllables()
