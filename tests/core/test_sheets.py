"""Sheets: nothing in them runs, amounts add up, and what people's programs save can be read."""

import pytest

from app.core import sheets


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@a", "\tx", "\r=1"])
def test_a_formula_is_a_text_and_comes_back_as_it_was(text: str) -> None:
    assert sheets.guarded(text) == f"'{text}"
    assert sheets.unguarded(sheets.guarded(text)) == text


def test_a_plain_text_stays_as_it_is() -> None:
    for text in ("", "杯子", "'quoted", "a=b", "12-3"):
        assert sheets.unguarded(sheets.guarded(text)) == text == sheets.guarded(text)


def test_amounts_are_numbers_also_below_zero_and_texts_are_quoted() -> None:
    row = ["=x", 'a "b", c', 3, sheets.money(-500), sheets.money(5), None]
    assert sheets.lines([row]) == '\'=x,"a ""b"", c",3,-5.00,0.05,\r\n'


def test_files_are_read_as_programs_save_them() -> None:
    assert sheets.read("\ufeff订单".encode()) == sheets.read("订单".encode("gb18030")) == "订单"
    assert sheets.read(b"\xff") is None
