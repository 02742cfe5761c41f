"""统一社会信用代码: known numbers of companies are right, and every slip of one character is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.errors import Refused
from app.store.invoices.models import check_invoice, is_credit_code

KNOWN = ("9144030071526726XG", "91330100799655058B", "914403001922038216", "91110000802100433B")
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", KNOWN)
def test_numbers_of_known_companies_are_right(code: str) -> None:
    assert is_credit_code(code)


@pytest.mark.parametrize(
    "code", ["", "9144030071526726X", "9144030071526726XGG", "9144030071526726xg", "I" * 18, "0" * 17 + "汉"]
)
def test_what_has_not_its_form_is_wrong(code: str) -> None:
    assert not is_credit_code(code)


@given(some.sampled_from(KNOWN), some.integers(0, 17), some.sampled_from(SIGNS))
def test_one_wrong_character_is_always_found(code: str, place: int, sign: str) -> None:
    changed = code[:place] + sign + code[place + 1 :]
    assert is_credit_code(changed) is (changed == code)


@given(some.sampled_from(KNOWN), some.integers(0, 16))
def test_two_neighbours_that_change_places_are_always_found(code: str, place: int) -> None:
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_credit_code(changed) is (changed == code)


def test_a_company_needs_its_number_and_a_person_has_none() -> None:
    wanted = {"kind": "company", "title": " 某公司 ", "tax_number": "9144 0300 7152 6726 xg", "email": "a@b.cn"}
    assert check_invoice(wanted)["tax_number"] == KNOWN[0]
    assert check_invoice(wanted)["title"] == "某公司"
    assert check_invoice({**wanted, "kind": "personal", "tax_number": ""})["tax_number"] is None
    for bad in ({**wanted, "tax_number": ""}, {**wanted, "kind": "personal"}):
        with pytest.raises(Refused) as refused:
            check_invoice(bad)
        assert list(refused.value.errors) == ["tax_number"]
