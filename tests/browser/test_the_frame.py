"""The frame of all pages on a phone, and boxes that are seen before they are ticked."""

import pytest

from tests.browser.conftest import Open
from tests.journeys.people import Somebody
from tests.live import LiveTown

CONTRAST = r"""(box) => {
    const light = (colour) => {
        const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((one) => {
            const part = one / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const edge = light(getComputedStyle(box).borderTopColor);
    const ground = light(getComputedStyle(document.body).backgroundColor);
    return (Math.max(edge, ground) + 0.05) / (Math.min(edge, ground) + 0.05);
}"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_signed_in_person_has_one_line_of_a_phone_above_the_page(town: LiveTown, opened: Open, language: str) -> None:
    person, window = Somebody(town), opened(phone=True, language=language)
    page = window.open("/sign-in?next=/me/orders")
    page.locator("#username").fill(person.username)
    page.locator("#password").fill(person.password)
    page.locator("main button").click()
    page.wait_for_url("**/me/orders")
    boxes = [page.locator(one).bounding_box() for one in (".brand", "header form[action='/sign-out'] button")]
    brand, sign_out = (one["y"] + one["height"] / 2 for one in boxes if one)
    assert abs(brand - sign_out) < 8
    window.look("header")


def test_a_box_that_is_not_ticked_is_seen(town: LiveTown, opened: Open) -> None:
    person, window = Somebody(town), opened(phone=True)
    page = window.open("/sign-in?next=/me/addresses/new")
    page.locator("#username").fill(person.username)
    page.locator("#password").fill(person.password)
    page.locator("main button").click()
    page.wait_for_url("**/me/addresses/new")
    assert page.locator("#is_default").evaluate(CONTRAST) >= 3
