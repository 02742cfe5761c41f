"""A buyer changes his review, or deletes it: by JSON and in a browser; what is counted of it follows at once."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.people.uploads.queries import is_open
from app.store.reviews import actions
from app.store.reviews.models import FollowUp, HelpfulVote, Reply, Review, ReviewEdit, ReviewPicture
from app.store.reviews.queries import score_of
from tests import make
from tests.client import Client
from tests.store.test_reviews_buyer import count, picture
from tests.store.test_reviews_more import Bought
from tests.story import Bought as BoughtInBrowser


def shown(client: Client, one: Bought) -> dict[str, object]:
    [found] = client.get(f"/products/{one.product.id}/reviews").json["items"]
    return dict(found)


def test_stars_words_and_pictures_are_changed_counted_and_marked(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    old, kept, new = one.upload(), one.upload(), one.upload()
    review = one.said(2, "有点小", uploads=[old, kept])
    assert shown(client, one)["edited_at"] is None
    one.client.post(f"/reviews/{review}/follow-up", {"text": "还在用", "uploads": [one.upload()]})
    done = one.client.patch(f"/reviews/{review}", {"rating": 4, "text": "换了大的，很好", "uploads": [kept, new]})
    assert (done.status_code, done.json["uploads"]) == (200, [kept, new])
    found = shown(client, one)
    assert (found["rating"], found["text"], found["edited_at"] is not None) == (4, "换了大的，很好", True)
    assert [is_open(UUID(upload)) for upload in (old, kept, new)] == [False, True, True]
    score = score_of(one.product.id)
    assert (score.count, score.average, score.stars, score.pictured) == (1, 4.0, (0, 0, 0, 1, 0), 1)
    [before] = db.session.scalars(select(ReviewEdit))
    assert (before.review_id, before.rating, before.text) == (review, 2, "有点小")
    one.client.patch(f"/reviews/{review}", {"uploads": []})
    assert (score_of(one.product.id).pictured, count(ReviewPicture)) == (1, 1), "that of the follow-up"
    db.session.remove()
    assert shown(client, one)["text"] == "换了大的，很好", "what is left out stays"


def test_what_changes_nothing_is_not_marked(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    review = one.said(5, "很好")
    done = one.client.patch(f"/reviews/{review}", {"rating": 5, "text": "很好", "uploads": []})
    assert (done.status_code, done.json["edited_at"], count(ReviewEdit)) == (200, None, 0)
    assert score_of(one.product.id).stars == (0, 0, 0, 0, 1)


def test_only_its_author_changes_it_and_only_for_thirty_days(app: Flask, client: Client) -> None:
    one, other = Bought(client, make.product()), Bought(client, make.product())
    review, path = one.said(), f"/reviews/{one.order_id}"
    for path in (f"/reviews/{review}", f"/reviews/{one.order_id}"):
        assert other.client.patch(path, {"text": "x"}).status_code == 404
        assert other.client.delete(path).status_code == 404
    assert client.as_("").patch(f"/reviews/{review}", {"text": "x"}).status_code == 401
    foreign = {"uploads": [other.upload()]}
    for changes in ({"rating": 6}, {"rating": None}, {"text": "x" * 2001}, foreign):
        assert one.client.patch(f"/reviews/{review}", changes).status_code == 422
    author = Caller(person_id=one.person.id)
    with clock.moved(days=31):
        with pytest.raises(Refused) as refused:
            in_transaction(lambda: actions.edit_review(author, review, text="太晚了"))
        assert refused.value.code == "too_late"
        in_transaction(lambda: actions.delete_review(author, review))
    assert count(Review) == 0


def test_a_deleted_review_takes_all_that_stands_below_it_along(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    upload = one.upload()
    review = one.said(1, "漏水", uploads=[upload])
    one.client.post(f"/reviews/{review}/follow-up", {"text": "还是漏"})
    in_transaction(lambda: actions.reply(make.as_staff(one.product.shop), review, "抱歉"))
    in_transaction(lambda: actions.find_helpful(make.person().id, review))
    assert one.client.delete(f"/reviews/{review}").status_code == 204
    assert [count(model) for model in (Review, FollowUp, Reply, HelpfulVote, ReviewPicture)] == [0, 0, 0, 0, 0]
    score = score_of(one.product.id)
    assert (score.count, score.average, score.stars, score.pictured) == (0, None, (0, 0, 0, 0, 0), 0)
    assert not is_open(UUID(upload))
    assert one.client.delete(f"/reviews/{review}").status_code == 404
    assert one.says(3).status_code == 201, "the line may be reviewed again"


def test_a_buyer_changes_and_deletes_his_review_in_a_browser(app: Flask) -> None:
    bought = BoughtInBrowser(app, make.person()).received()
    path = f"{bought.page}/reviews"
    browser = bought.browser.open(path).send("/reviews", rating="2", text="有点小", pictures=picture()).follow()
    review = db.session.scalars(select(Review.id)).one()
    form = next(one for one in browser.forms if one.action == f"/reviews/{review}")
    [box] = [name for name in form.fields if name.startswith("keep-")]
    assert (form.fields["text"].strip(), form.fields["rating"]) == ("有点小", "2")
    browser.send(f"/reviews/{review}", rating="9", text="换了一个")
    assert browser.status == 422 and "换了一个" in browser.text
    for _ in range(2):  # pressed twice
        sent = {**form.fields, "rating": "5", "text": "换了大的", "pictures": picture()}
        browser.post(form.action, **sent).follow()
    assert "换了大的" in browser.text and "修改于" in browser.text
    assert (count(ReviewPicture), count(ReviewEdit)) == (2, 1)
    again = next(one for one in browser.forms if one.action == f"/reviews/{review}").fields
    browser.post(form.action, **{name: one for name, one in again.items() if name != box}).follow()
    assert count(ReviewPicture) == 1
    browser.send(f"/reviews/{review}/deletion").follow()
    assert (count(Review), browser.status) == (0, 200)


def test_more_than_nine_pictures_are_refused_and_leave_none_behind(app: Flask) -> None:
    bought = BoughtInBrowser(app, make.person()).received()
    browser = bought.browser.open(f"{bought.page}/reviews")
    browser.send("/reviews", rating="5", pictures=[picture() for _ in range(2)]).follow()
    held = db.session.scalar(select(func.count()).select_from(ReviewPicture))
    review = db.session.scalars(select(Review.id)).one()
    browser.send(f"/reviews/{review}", pictures=[picture() for _ in range(8)])
    assert browser.status == 422 and "最多 9 张图片" in browser.text
    assert count(ReviewPicture) == held == 2
