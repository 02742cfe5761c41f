"""The same words for both engines: what a text is called when it is stored and when it is asked for.

Any text is folded (NFKC, lower case, traditional to simplified characters) and cut into words. For Chinese there are
also single characters and pairs, which find what the cutting into words missed, and pinyin. Empty text and text of
punctuation alone have no words. Nothing here raises, whatever the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

import opencc
import rjieba

from search.pinyin import syllables_in, syllables_of

LONGEST_TEXT = 20_000
"""Characters that are read of one text; the rest is not searchable."""

LONGEST_WORD = 64
LONGEST_START = 40
LONGEST_SHOWN = 80

_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_HAN}]+)|([^\W_{_HAN}]+)")
_POSSESSIVE = re.compile("(?<=[a-z])['\u2019]s\\b")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_SIMPLIFIED = opencc.OpenCC("t2s")
_Cut = Callable[[str], list[str]]


@lru_cache(maxsize=256)
def fold(text: str) -> str:
    """The text in the one spelling that is compared: compatibility forms, case and traditional characters are gone.

    Folding twice changes nothing more. Text past LONGEST_TEXT characters is dropped.
    """
    text = _UNREADABLE.sub("", text[:LONGEST_TEXT])
    if text.isascii():
        return text.lower()
    # One step can make room for another (a letter that only its lower case composes); two or three settle everything.
    for _ in range(8):
        before = text
        text = _SIMPLIFIED.convert(unicodedata.normalize("NFKC", text.casefold()))
        if text == before:
            break
    return text[:LONGEST_TEXT]


def words(text: str) -> tuple[str, ...]:
    """The words of a question, each once, in order: "洗面奶 iPhone15" -> 洗面奶, iphone, 15."""
    return _once(_words(fold(text), rjieba.cut))


def all_words(text: str) -> tuple[str, ...]:
    """The words of a document in order, and the shorter words inside long ones: 洗面奶 -> 洗面, 洗面奶."""
    return tuple(_words(fold(text), rjieba.cut_for_search, whole_too=True))


def grams(text: str) -> tuple[str, ...]:
    """The Chinese characters and pairs of neighbours of a document, in order."""
    return tuple(gram for run in _chinese(text) for gram in (*run, *_pairs(run)))


def asked_grams(text: str) -> tuple[str, ...]:
    """What of `grams` a question asks for: pairs, and a single character only where it stands alone."""
    return _once(gram for run in _chinese(text) for gram in (_pairs(run) if len(run) > 1 else run))


def characters(text: str) -> tuple[str, ...]:
    """The Chinese characters of a question, for when its words and pairs find nothing."""
    return _once(character for run in _chinese(text) for character in run)


def pinyin(text: str) -> tuple[str, ...]:
    """How a document sounds: of each Chinese word and each two neighbours the pinyin and its initials, and of each two
    neighbouring characters the pinyin. 夏季连衣裙 -> xiaji, xj, lianyiqun, lyq, xiajilianyiqun, xjlyq, jilian, ..."""
    sounds: list[str] = []
    for run in _chinese(text):
        spoken = [syllables_of(word) for word in rjieba.cut(run)]
        for one in (*spoken, *(left + right for left, right in pairwise(spoken))):
            sounds.append("".join(one))
            if len(one) > 1:
                sounds.append("".join(syllable[0] for syllable in one))
        sounds += ("".join(pair) for pair in pairwise([syllable for one in spoken for syllable in one]))
    return _once(sounds)


def asked_pinyin(text: str) -> tuple[str, ...]:
    """What of `pinyin` a question may mean that is typed in Latin letters; nothing if it holds Chinese."""
    typed = fold(text)
    latin = [run for run in re.findall(r"\w+", typed) if run.isascii() and run.isalpha()]
    if not latin or any(character > "\x7f" and character.isalpha() for character in typed):
        return ()
    syllables = syllables_in("".join(latin)) if len("".join(latin)) <= LONGEST_WORD else ()
    pairs = ["".join(pair) for pair in pairwise(syllables)] if len(syllables) > 2 else []
    return _once([*latin, *(["".join(latin)] if syllables else []), *pairs])


def shown(text: str) -> str:
    """A text as a suggestion shows it: one line, at most LONGEST_SHOWN characters."""
    return " ".join(_UNREADABLE.sub("", text[:LONGEST_TEXT]).split())[:LONGEST_SHOWN].rstrip()


def start(text: str) -> str:
    """What has been typed so far, in the spelling of `starts`: without spaces and punctuation."""
    return "".join(_words(fold(text), rjieba.cut, stemmed=False))[:LONGEST_START]


def starts(text: str) -> tuple[str, ...]:
    """Whatever somebody may begin to type who means this text: its beginning and that of its next three words, as
    written, in pinyin and in initials."""
    runs = list(_words(fold(text), rjieba.cut, stemmed=False))
    keys: list[str] = []
    for begin in _beginnings(runs):
        rest = runs[begin : begin + LONGEST_START]
        spoken = [syllable for word in rest for syllable in syllables_of(word)]
        keys += ("".join(rest), "".join(spoken), "".join(syllable[0] for syllable in spoken))
    return _once(key[:LONGEST_START] for key in keys)


def asked_starts(text: str) -> tuple[str, ...]:
    """The beginnings of `starts` to look for: what was typed, and its pinyin if characters and letters are mixed."""
    typed = start(text)
    letters = [character.isascii() for character in typed]
    if all(letters) or not any(letters):
        return (typed,) if typed else ()
    return _once([typed, "".join(syllables_of(typed))[:LONGEST_START]])


def _words(folded: str, cut: _Cut, whole_too: bool = False, stemmed: bool = True) -> Iterator[str]:
    for chinese, other in _RUN.findall(_POSSESSIVE.sub("", folded)):
        if chinese:
            yield from cut(chinese)
            continue
        parts = _PARTS.findall(other)
        if whole_too and len(parts) > 1:
            yield other[:LONGEST_WORD]
        for part in parts:
            yield _singular(part)[:LONGEST_WORD] if stemmed else part


def _singular(word: str) -> str:
    """An English plural without its ending. What only looks like a plural loses it on both sides, which is harmless."""
    if len(word) < 4 or not word.endswith("s") or not word.isascii() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes")) else word[:-1]


def _chinese(text: str) -> Iterator[str]:
    return (chinese for chinese, _ in _RUN.findall(fold(text)) if chinese)


def _pairs(run: str) -> Iterator[str]:
    return (left + right for left, right in pairwise(run))


def _beginnings(runs: list[str]) -> list[int]:
    """The first word and the next three that are more than a single character."""
    return [0, *[number for number, word in enumerate(runs) if number and len(word) > 1][:3]] if runs else []


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
