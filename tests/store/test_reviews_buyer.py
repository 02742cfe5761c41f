"""Reviews in a browser: of what has arrived, with pictures, and what is said later."""

import io
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.core.db import db, in_transaction
from app.store.reviews import actions
from app.store.reviews.models import FollowUp, Review, ReviewPicture
from tests import make
from tests.pages import Browser
from tests.story import Bought


def picture() -> Any:
    return (io.BytesIO(make.picture_file()), "cup.png")


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_what_has_arrived_is_reviewed_with_pictures_answered_and_followed_up(app: Flask) -> None:
    bought = Bought(app, make.person())
    browser = bought.browser.open(f"{bought.page}/reviews")
    assert "收到商品后就可以评价" in browser.text
    bought.received()
    browser.open(f"{bought.page}/reviews").send("/reviews", rating="4", text="釉色很美", pictures=picture()).follow()
    for words in ("釉色很美", "★★★★☆", "图 1"):
        assert words in browser.text
    review = db.session.scalars(select(Review)).one()
    in_transaction(lambda: actions.reply(make.as_staff(bought.goods.shop), review.id, "谢谢喜欢"))
    browser.open(f"{bought.page}/reviews").send("/follow-up", text="用了一个月没掉色", pictures=picture()).follow()
    for words in ("谢谢喜欢", "用了一个月没掉色"):
        assert words in browser.text
    assert "/follow-up" not in browser.text
    assert (count(ReviewPicture), "已评价" in browser.open(bought.page).text) == (2, True)


def test_forms_sent_twice_say_it_once(app: Flask) -> None:
    bought = Bought(app, make.person()).received()
    browser = bought.browser.open(f"{bought.page}/reviews")
    form = next(one for one in browser.forms if one.action.endswith("/reviews"))
    assert [browser.post(form.action, **form.fields).status for _ in range(2)] == [303, 303]
    browser.open(f"{bought.page}/reviews")
    form = next(one for one in browser.forms if one.action.endswith("/follow-up"))
    sent = {**form.fields, "text": "还是很好"}
    assert [browser.post(form.action, **sent).status for _ in range(2)] == [303, 303]
    assert (count(Review), count(FollowUp)) == (1, 1)


def test_faults_are_shown_beside_what_was_typed(app: Flask) -> None:
    bought = Bought(app, make.person()).received()
    browser = bought.browser.open(f"{bought.page}/reviews").send("/reviews", rating="6", text="六星")
    assert (browser.status, "六星" in browser.text) == (422, True)
    broken = (io.BytesIO(b"no picture"), "x.png")
    browser.open(f"{bought.page}/reviews").send("/reviews", text="图坏了", pictures=broken)
    assert (browser.status, "x.png" in browser.text, "图坏了" in browser.text) == (422, True, True)
    assert count(Review) == 0
    browser.open(f"{bought.page}/reviews").send("/reviews").follow().send("/follow-up", text=" ")
    assert (browser.status, "不能为空白" in browser.text) == (422, True)


def test_a_guest_is_asked_to_sign_in(app: Flask) -> None:
    bought = Bought(app).received()
    assert "/reviews" not in bought.browser.open(bought.page).text
    bought.browser.open(f"{bought.page}/reviews")
    assert bought.browser.answer.headers["Location"].startswith("/sign-in?next=")
    assert Browser(app).open(f"{bought.page}/reviews").status == 303
