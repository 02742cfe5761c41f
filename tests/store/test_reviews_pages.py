"""A shop reads what buyers say of its goods, and replies."""

import re
from uuid import UUID

import pytest
from flask import Flask

from app.core.db import in_transaction
from app.store.reviews.queries import shown_review
from app.store.shops.models import AFTER_SALES, PACKER, READER
from tests.merchant import Merchant
from tests.pages import Browser
from tests.statements import statements

REVIEW = re.compile(r'data-review="([^"]+)"')


def listed(browser: Browser) -> list[UUID]:
    return [UUID(one) for one in REVIEW.findall(browser.text)]


def reply_to(review_id: UUID) -> str | None:
    found = in_transaction(lambda: shown_review(review_id))["reply"]
    return found["text"] if found else None


def test_reviews_are_narrowed_by_stars_pictures_and_whether_they_are_answered(app: Flask) -> None:
    desk, other = Merchant(app), Merchant(app)
    good, bad = desk.reviewed(5, pictured=True), desk.reviewed(1, "杯子漏水")
    other.reviewed()
    browser = desk.at("/reviews", READER)
    assert listed(browser) == [bad, good] and "杯子漏水" in browser.text
    path = f"{desk.base}/reviews"
    assert listed(browser.open(f"{path}?stars=1")) == listed(browser.open(f"{path}?pictures=false")) == [bad]
    served = desk.at(f"{path}?stars=5", AFTER_SALES)
    served.send("/reply?stars=5", text="谢谢").follow()
    assert listed(served) == [good] and "谢谢" in served.text
    assert listed(browser.open(f"{path}?replied=false")) == [bad]
    assert browser.open(f"{path}?stars=7").status == 422


def test_a_reply_is_written_changed_and_taken_back(app: Flask) -> None:
    desk = Merchant(app)
    review_id = desk.reviewed(2)
    browser = desk.at("/reviews", AFTER_SALES)
    assert browser.send("/reply", text=" ").status == 422
    assert f'id="text-{review_id}-fault"' in browser.text and reply_to(review_id) is None
    assert browser.open(f"{desk.base}/reviews").send("/reply", text="x" * 501).status == 422
    for words in ("抱歉\r\n已补发", "已为您补发"):
        browser.open(f"{desk.base}/reviews").send("/reply", text=words).follow()
        assert reply_to(review_id) == words.replace("\r\n", "\n")
    browser.send("/reply/removal").follow()
    assert (browser.status, reply_to(review_id)) == (200, None)


@pytest.mark.parametrize("role", [PACKER, READER])
def test_who_does_not_serve_buyers_reads_only(app: Flask, role: str) -> None:
    desk = Merchant(app)
    review_id = desk.reviewed()
    browser = desk.at("/reviews", role)
    assert not any(one.action.endswith("/reply") for one in browser.forms)
    token = browser.forms[-1].fields["form_token"]
    for path in (f"{desk.base}/reviews/{review_id}/reply", f"{desk.base}/reviews/{review_id}/reply/removal"):
        assert browser.post(path, form_token=token, text="谢谢").status == 403
    other = Merchant(app)
    stranger = other.at("/reviews")
    assert stranger.open(f"{desk.base}/reviews").status == 404
    for path in (f"{desk.base}/reviews/{review_id}/reply", f"{other.base}/reviews/{review_id}/reply"):
        assert stranger.post(path, form_token=stranger.forms[-1].fields["form_token"], text="谢谢").status == 404
    assert reply_to(review_id) is None


def test_the_page_of_reviews_costs_the_same_for_many(app: Flask) -> None:
    desk = Merchant(app)
    desk.reviewed(pictured=True)
    browser, counts = desk.at("/reviews"), []
    for _ in range(2):
        with statements() as seen:
            assert browser.open(f"{desk.base}/reviews").status == 200
        counts.append(len(seen))
        for _ in range(4):
            desk.reviewed(4, pictured=True)
    assert counts[0] == counts[1] < 25
