"""Cursors, guests, settings, texts: small rules of the core."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.core import config, errors, guests, paging, texts
from app.core.fields import Choice, Fraction, In, Int, Moment, Money, QueryInt, Text, some

ROOT = Path(__file__).parent.parent.parent
json_values = st.lists(st.one_of(st.integers(-(2**53), 2**53), st.text(max_size=20), st.none()), max_size=4)


@given(json_values)
def test_a_cursor_carries_its_values(values: list[object]) -> None:
    assert paging.values_of("posts", paging.cursor("posts", values)) == values


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_an_altered_cursor_is_refused(place: int, letter: str) -> None:
    good = paging.cursor("posts", ["2026-01-01", 7])
    at = place % len(good)
    altered = good[:at] + letter + good[at + 1 :]
    if altered != good:
        with pytest.raises(errors.Refused) as refused:
            paging.values_of("posts", altered)
        assert refused.value.status == 400


def test_a_cursor_of_one_list_is_no_cursor_of_another() -> None:
    with pytest.raises(errors.Refused):
        paging.values_of("people", paging.cursor("posts", [1]))
    assert paging.values_of("people", None) is None


def test_a_guest_is_who_has_the_token_and_nobody_can_make_one_up() -> None:
    token = guests.new_guest_token()
    assert guests.guest_of(token) == guests.guest_of(token)
    assert guests.guest_of(guests.new_guest_token()) != guests.guest_of(token)
    assert guests.guest_of(token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    assert guests.guest_of("g.made-up.0123456789abcdef0123456789abcdef") is None
    assert guests.guest_of("") is None


class _Sheet(In):
    name = Text(most=3)
    note = Text(most=3, least=0)
    count = Int(least=1, most=3)
    price = Money()
    place = Fraction()
    page = QueryInt()
    word = Choice("a", "b")
    at = Moment()
    list = some(Text(most=3), most=2)


@given(st.dictionaries(st.sampled_from(list(_Sheet().fields)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner), max_leaves=5,
)))  # fmt: skip
def test_a_field_takes_a_value_or_refuses_it_and_never_fails_otherwise(values: dict[str, object]) -> None:
    try:
        loaded = _Sheet().load(values)
    except ValidationError:
        return
    assert set(loaded) <= set(values)


@pytest.mark.parametrize("at", ["2026-01-01T00:00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "now"])
def test_a_moment_needs_a_zone_and_a_sane_year(at: str) -> None:
    with pytest.raises(ValidationError):
        _Sheet().load({"at": at})


def test_texts_are_kept_as_they_are_but_for_nfc() -> None:
    assert _Sheet().load({"name": "e\u0301 "})["name"] == "\u00e9 "


def test_field_errors_are_told_in_chinese_and_in_english() -> None:
    found = {"price": ["Must be greater than or equal to 0 and less than or equal to 9."], "a": {"0": ["Required?"]}}
    assert texts.in_language(found, "en") == found
    assert texts.in_language(found, "zh") == {"price": ["须在 0 到 9 之间"], "a": {"0": ["Required?"]}}


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"APP_ENV": "production", "SECRET_KEY": "x" * 32, "SANDBOX_PAYMENTS": "1"}, "SANDBOX_PAYMENTS"),
        ({"APP_ENV": "production", "SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"UNPAID_SECONDS": "soon"}, "UNPAID_SECONDS"),
        ({"UNPAID_SECONDS": "-1"}, "UNPAID_SECONDS"),
    ],
)
def test_an_unsafe_or_unreadable_setting_is_refused_by_name(environment: dict[str, str], word: str) -> None:
    try:
        with pytest.raises(config.BadSettings, match=word):
            config.load(environment)
    finally:
        config.load()


def test_every_pinned_library_has_its_reason_written_down() -> None:
    reasons = (ROOT / "docs/decisions.md").read_text().lower()
    for name in re.findall(r"^([A-Za-z][\w-]+)", (ROOT / "requirements.txt").read_text(), re.M):
        assert name.lower().split("[")[0] in reasons, f"docs/decisions.md does not say why {name}"
