"""Reviews before moderators: reported, taken down, restored, and what everybody sees of that."""

from flask import Flask

from app.core import worker
from app.core.caller import Caller
from app.core.db import db, in_transaction
from app.operate.moderation import actions as moderation
from app.operate.moderation import queries as desk
from app.operate.moderation.kinds import KINDS
from app.operate.moderation.models import Report
from app.store.reviews.queries import score_of
from tests import make
from tests.client import Client
from tests.pages import with_second_factor
from tests.store.test_reviews_buyer import count
from tests.store.test_reviews_more import Bought, listed


def test_a_review_is_reported_taken_down_and_restored(app: Flask, client: Client) -> None:
    bought = Bought(client, make.product())
    review = bought.said(1, "骗子，加微信 xyz", uploads=[bought.upload()])
    other, moderator = client.as_(make.person().token), client.as_(make.person(roles=("moderator",)).token)
    told = {"reason": "广告", "note": "引流"}
    assert other.post(f"/reviews/{review}/reports", told).status_code == 201
    [waiting] = moderator.get("/desk/reports").json["items"]
    assert (waiting["subject"]["kind"], waiting["subject"]["id"]) == ("review", str(review))
    taken = moderator.post("/desk/takedowns", {"kind": "review", "id": str(review), "reason": "广告引流"})
    assert taken.status_code == 201, taken.text
    assert (listed(client, bought.product), moderator.get("/desk/reports").json["items"]) == ([], [])
    [own] = bought.client.get(f"/orders/{bought.order_id}/reviews").json["items"]
    assert own["takedown_reason"] == "广告引流"
    assert other.post(f"/reviews/{review}/reports", told).status_code == 404
    assert moderator.delete(f"/desk/takedowns/{taken.json['id']}").status_code == 204
    assert listed(client, bought.product) == ["骗子，加微信 xyz"]


def test_a_moderators_page_of_a_review_says_what_it_is_about(app: Flask, client: Client) -> None:
    bought = Bought(client, make.product(title="青瓷茶杯"))
    review = bought.said(1, "破的", uploads=[bought.upload()])
    bought.client.post(f"/reviews/{review}/follow-up", {"text": "修不好"})
    browser, _ = with_second_factor(app, make.person(roles=("moderator",)))
    shown = browser.open(f"/admin/queue/review/{review}")
    assert shown.status == 200
    assert all(words in shown.text for words in ("评价", "破的", "修不好", "青瓷茶杯"))


def test_what_a_moderator_took_down_stays_as_it_is(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    review, moderator = one.said(1, "骂人的话"), make.person(roles=("moderator",))
    in_transaction(lambda: moderation.take_down(Caller(person_id=moderator.id), "review", review, "辱骂"))
    for refused in (one.client.patch(f"/reviews/{review}", {"text": "x"}), one.client.delete(f"/reviews/{review}")):
        assert (refused.status_code, refused.json["code"]) == (409, "taken_down")
    assert score_of(one.product.id).count == 0


def test_a_moderator_sees_that_what_was_reported_was_changed(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    review = one.said(1, "骂人的话")
    client.as_(make.person().token).post(f"/reviews/{review}/reports", {"reason": "辱骂"})
    one.client.patch(f"/reviews/{review}", {"text": "质量一般"})
    db.session.remove()
    thing = KINDS["review"].shown([review])[review]
    assert thing.body == "质量一般" and thing.edited_at is not None


def test_reports_of_a_review_that_its_author_deleted_wait_for_nobody(app: Flask, client: Client) -> None:
    one = Bought(client, make.product())
    review = one.said(1, "漏水")
    client.as_(make.person().token).post(f"/reviews/{review}/reports", {"reason": "辱骂"})
    assert one.client.delete(f"/reviews/{review}").status_code == 204
    worker.drain()
    assert desk.reported_subjects(10, None) == [] and count(Report) == 1
