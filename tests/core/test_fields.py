"""Text fields: what counts as text, and what of it is kept."""

import pytest
from marshmallow import ValidationError

from app.core.fields import In, Text


class Named(In):
    name = Text(most=40, required=True)
    note = Text(most=40, least=0, load_default="")


UNSEEN = {
    "white space": " \t\n\u3000\xa0\u2003\u2028",
    "a space of no width": "\u200b",
    "a word joiner": "\u2060",
    "a byte order mark": "\ufeff",
    "a soft hyphen": "\u00ad",
    "a Hangul filler": "\u3164",
    "a Hangul filler of half width": "\uffa0",
    "Hangul fillers for consonant and vowel": "\u115f\u1160",
    "Braille without dots": "\u2800",
    "joiners and marks of direction": "\u200c\u200d\u200e\u200f\u202e\u2066\u2069\u061c",
    "variation selectors": "\ufe0f\ufe0e\U000e0100",
    "a grapheme joiner": "\u034f",
    "Khmer vowels that are not shown": "\u17b4\u17b5",
    "a Mongolian separator": "\u180e",
    "tags without a flag": "\U000e0067\U000e0062\U000e007f",
    "a note without a head": "\U0001d159",
    "controls": "\x01\x1b\x7f\x85",
    "some of each": "\u200b \u3164\u2800\ufeff\u00ad",
}
SEEN = {
    "Chinese": "山野茶铺",
    "a dot": ".",
    "an emoji": "🍵",
    "a family joined by ZWJ": "👨\u200d👩\u200d👧",
    "a heart with its selector": "❤\ufe0f",
    "a flag made of tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a keycap": "1\ufe0f\u20e3",
    "Sinhala with a ZWJ inside": "ශ්\u200dරී",
    "Persian with a ZWNJ inside": "می\u200cخواهم",
    "a word with a soft hyphen": "co\u00adoperate",
    "spaces around a letter": "\u200b a \u3164",
    "Braille with dots": "⠃⠗\u2800⠇",
    "a vowel sign by itself": "\u0e31",
    "a letter of private use": "\uf8ff",
    "an emoji that this Python does not know": "\U0001fae9",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_a_text_of_which_nothing_is_seen_is_blank(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Named().load({"name": text})
    assert refused.value.messages == {"name": ["Must not be blank."]}


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN)
def test_a_text_of_which_something_is_seen_is_kept_as_it_is(text: str) -> None:
    assert Named().load({"name": text}) == {"name": text, "note": ""}


@pytest.mark.parametrize("text", ["", "\u200b", "\u3164 "])
def test_a_text_that_may_be_empty_may_be_blank(text: str) -> None:
    assert Named().load({"name": "a", "note": text})["note"] == text
