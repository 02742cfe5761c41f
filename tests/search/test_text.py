"""The words that every engine shares."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import text
from search.pinyin import syllables_in

ANYTHING = st.text() | st.text(st.characters())
CHINESE = st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=40)
EVERY = (
    text.fold, text.words, text.all_words, text.grams, text.asked_grams, text.pinyin, text.asked_pinyin, text.start,
    text.starts, text.asked_starts, text.shown,
)  # fmt: skip


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
@given(anything=ANYTHING | CHINESE)
def test_no_text_raises_and_what_is_made_of_it_can_be_written_as_utf8(
    make: Callable[[str], str | tuple[str, ...]], anything: str
) -> None:
    made = make(anything)
    for part in [made] if isinstance(made, str) else made:
        part.encode("utf-8")
        assert "\x00" not in part


@given(anything=ANYTHING | CHINESE)
def test_folding_twice_changes_nothing_more(anything: str) -> None:
    assert text.fold(text.fold(anything)) == text.fold(anything)


@given(anything=ANYTHING | CHINESE)
def test_no_word_is_empty_or_long_or_has_a_space_in_it(anything: str) -> None:
    for word in (*text.words(anything), *text.all_words(anything), *text.grams(anything), *text.pinyin(anything)):
        assert word.split() == [word]
        assert len(word) <= text.LONGEST_WORD * 2


@given(anything=ANYTHING | CHINESE)
def test_a_document_holds_every_gram_that_a_question_of_the_same_text_asks_for(anything: str) -> None:
    assert set(text.asked_grams(anything)) <= set(text.grams(anything))


@given(anything=ANYTHING)
def test_a_text_that_is_typed_out_begins_like_itself(anything: str) -> None:
    typed = text.start(anything)
    assert not typed or any(key.startswith(typed) for key in text.starts(anything))


@pytest.mark.parametrize(
    ("written", "folded"),
    [("ＡＢＣ１２３", "abc123"), ("連衣裙", "连衣裙"), ("頭髮", "头发"), ("STRASSE", "strasse"), ("straße", "strasse"),
     ("㎏", "kg"), ("ﬁne", "fine"), ("①", "1"), ("Ａ\ud800Ｂ", "ab")],
)  # fmt: skip
def test_spellings_that_mean_the_same_become_one(written: str, folded: str) -> None:
    assert text.fold(written) == folded


@pytest.mark.parametrize(
    ("question", "words"),
    [("洗面奶 iPhone15", ("洗面奶", "iphone", "15")), ("Women's Dresses", ("women", "dress")),
     ("batteries boxes glasses bus", ("battery", "box", "glass", "bus")), ("，。", ()), ("", ()), ("🙂", ()),
     ("面膜 面膜", ("面膜",)), ("50ml", ("50", "ml")), ("C++ & C#", ("c",))],
)  # fmt: skip
def test_a_question_is_cut_into_words(question: str, words: tuple[str, ...]) -> None:
    assert text.words(question) == words


def test_a_document_keeps_the_short_words_in_the_long_ones() -> None:
    assert {"洗面", "洗面奶", "iphone15", "iphone", "15"} <= set(text.all_words("洗面奶 iPhone15"))


@pytest.mark.parametrize(
    ("letters", "syllables"),
    [("lianyiqun", ("lian", "yi", "qun")), ("xian", ("xian",)), ("nvzhuang", ("nv", "zhuang")), ("iphone", ())],
)
def test_letters_are_read_as_pinyin_where_they_are(letters: str, syllables: tuple[str, ...]) -> None:
    assert syllables_in(letters) == syllables


def test_pinyin_of_a_title_answers_what_people_type() -> None:
    sounds = set(text.pinyin("夏季连衣裙"))
    for typed in ("lianyiqun", "lian yi qun", "lyq", "xiaji", "xjlyq", "LIANYI"):
        assert set(text.asked_pinyin(typed)) & sounds, typed


def test_a_thousand_titles_are_made_ready_in_a_blink(real_titles: list[str]) -> None:
    began = time.perf_counter()
    for title in real_titles[:1_000]:
        for make in (text.all_words, text.grams, text.pinyin, text.starts):
            make(title)
    assert time.perf_counter() - began < 2.0
