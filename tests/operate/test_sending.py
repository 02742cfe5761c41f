"""What leaves the house: by which channel, when, how often; and what never does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.core import clock, hearing, worker
from app.core.clock import CHINA
from app.core.db import db, in_transaction
from app.operate.reach.channels.base import AGAIN, REFUSED, Answer, Message
from app.operate.reach.channels.push_apns import Apns
from app.operate.sending import actions
from app.operate.sending.models import NoticeDelivery, SandboxMessage, next_digest
from app.people.social import actions as social
from tests import make
from tests.client import Client
from tests.make.person import Made
from tests.make.post import MadePost
from tests.operate.inbox import follow, like, say, unlike
from tests.store.racing import together

SWEEP = ["operate.sending.send_due"]


@pytest.fixture(autouse=True)
def noon(app: Flask) -> Iterator[None]:
    """It is noon in China, so that no test meets a midnight or the hour of the digest."""
    here = clock.now().astimezone(CHINA)
    at = here.replace(hour=12, minute=0)
    with clock.moved(seconds=(at - here).total_seconds()):
        yield


@pytest.fixture
def author(client: Client) -> Made:
    """Somebody with a post and an iPhone."""
    made = make.person("作者")
    phone(client, made)
    return made


@pytest.fixture
def post(author: Made) -> MadePost:
    return make.post(author)


def phone(client: Client, of: Made, platform: str = "ios", token: str = "") -> str:
    device = str(uuid4())
    body = {"platform": platform, "token": token or f"token {device}"}
    assert client.as_(of.token).put(f"/me/devices/{device}", body).status_code == 204
    return device


def settings(client: Client, of: Made, **changes: Any) -> None:
    changed = client.as_(of.token).put("/me/notification-settings", changes)
    assert changed.status_code == 200, changed.text


def sent(of: Made, channel: str = "push_apns") -> list[dict[str, Any]]:
    """What was sent to somebody, once all is heard and all that is due is done."""
    worker.drain()
    worker.sweep_once(SWEEP)
    worker.sweep_once(SWEEP)
    db.session.rollback()
    mine = (SandboxMessage.person_id == of.id, SandboxMessage.channel == channel)
    return [one.body for one in db.session.scalars(select(SandboxMessage).where(*mine).order_by(SandboxMessage.id))]


def said(of: Made) -> list[str]:
    return [one["payload"]["aps"]["alert"]["body"] for one in sent(of)]


def states(of: Made) -> list[tuple[str, str]]:
    db.session.rollback()
    wanted = select(NoticeDelivery.state, NoticeDelivery.why).where(NoticeDelivery.person_id == of.id)
    return [(row.state, row.why) for row in db.session.execute(wanted.order_by(NoticeDelivery.id))]


def test_a_notice_is_pushed_once_to_each_phone(client: Client, author: Made, post: MadePost) -> None:
    phone(client, author, "android", "another")
    for name in ("甲", "乙"):
        like(make.person(name), post)
    [push] = sent(author)
    assert push["payload"]["aps"]["alert"]["body"] == "乙、甲赞了你的笔记"
    assert push["payload"]["aps"]["badge"] == 1 and push["payload"]["id"] == str(post.id)
    [other] = sent(author, "push_fcm")
    assert other["message"]["token"] == "another"
    like(make.person("丙"), post)
    assert len(sent(author)) == 1, "a line that grows is not pushed again"


def test_likes_and_unlikes_push_nothing_twice(app: Flask, author: Made, post: MadePost) -> None:
    fan = make.person("甲")
    for _ in range(3):
        like(fan, post)
        assert said(author) == ["甲赞了你的笔记"]
        unlike(fan, post)
        worker.drain()
    assert len(sent(author)) == 1


def test_what_was_taken_back_before_it_went_does_not_go(author: Made, post: MadePost) -> None:
    fan = make.person("甲")
    like(fan, post)
    worker.drain()
    unlike(fan, post)
    assert sent(author) == [] and states(author) == []
    like(fan, post)
    assert said(author) == ["甲赞了你的笔记"]


def test_what_was_read_switched_off_or_is_of_muted_people_does_not_go(
    client: Client, author: Made, post: MadePost
) -> None:
    fan, muted = make.person("甲"), make.person("乙")
    like(fan, post)
    worker.drain()
    client.as_(author.token).put("/notifications/read", {})
    say(fan, post)
    worker.drain()
    settings(client, author, kinds={"comment": {"push": False}})
    follow(muted, author)
    worker.drain()
    in_transaction(lambda: social.mute(author.id, muted.id))
    assert sent(author) == []
    assert sorted(states(author)) == [("dropped", "nothing to say"), ("dropped", "off"), ("dropped", "read")]
    settings(client, author, kinds={"like": {"inbox": False}})
    second = make.post(author)
    like(fan, second)
    assert sent(author) == []
    assert client.as_(author.token).get("/notifications?tab=reactions").json["items"][1:] == []


def test_quiet_hours_put_it_off_until_they_end(client: Client, author: Made, post: MadePost) -> None:
    settings(client, author, quiet={"begins": "11:30", "ends": "12:30"})
    like(make.person("甲"), post)
    assert sent(author) == [] and states(author) == [("due", "quiet")]
    with clock.moved(minutes=29):
        assert sent(author) == []
    with clock.moved(minutes=31):
        assert said(author) == ["甲赞了你的笔记"]


def test_quiet_hours_may_lie_over_midnight(client: Client, author: Made, post: MadePost) -> None:
    settings(client, author, quiet={"begins": "22:00", "ends": "08:00"})
    with clock.moved(hours=11):
        like(make.person("甲"), post)
        worker.drain()
        assert sent(author) == []
        at = in_transaction(lambda: db.session.scalars(select(NoticeDelivery.next_try_at)).one())
        assert f"{at.astimezone(CHINA):%H:%M}" == "08:00"
    with clock.moved(hours=20, minutes=1):
        assert said(author) == ["甲赞了你的笔记"]


def test_over_the_cap_of_a_day_the_rest_comes_in_one_digest(client: Client, author: Made) -> None:
    settings(client, author, daily_pushes=2, digest="daily")
    fan = make.person("甲")
    posts = [make.post(author) for _ in range(5)]
    for one in posts:
        like(fan, one)
    assert len(sent(author)) == 2
    client.as_(author.token).put("/notifications/read", {"ids": [_last_held()]})
    with clock.moved(hours=8, minutes=1):
        pushes = sent(author)
    assert [one["payload"]["aps"]["alert"]["title"] for one in pushes[2:]] == ["你有 2 条新消息"]
    assert pushes[2]["payload"]["aps"]["alert"]["body"] == "甲赞了你的笔记\n甲赞了你的笔记"
    assert {state for state, _ in states(author)} == {"sent"}
    with clock.moved(hours=24):
        like(fan, make.post(author))
        assert len(sent(author)) == 4


def _last_held() -> str:
    held = select(NoticeDelivery.notice_id).where(NoticeDelivery.state == "held").order_by(NoticeDelivery.id.desc())
    return str(db.session.scalars(held.limit(1)).one())


def test_without_a_digest_the_rest_stays_in_the_inbox(client: Client, author: Made) -> None:
    settings(client, author, daily_pushes=1)
    fan = make.person("甲")
    for one in [make.post(author) for _ in range(3)]:
        like(fan, one)
    assert len(sent(author)) == 1
    assert sorted(states(author)) == [("dropped", "cap"), ("dropped", "cap"), ("sent", "")]


def test_the_cap_holds_when_many_workers_send_at_once(app: Flask, client: Client, author: Made) -> None:
    settings(client, author, daily_pushes=3)
    fan = make.person("甲")
    for one in [make.post(author) for _ in range(12)]:
        like(fan, one)
    worker.drain()

    def sweep() -> None:
        for _ in range(6):
            _, taken = in_transaction(lambda: actions.take_due(2))
            for one in taken:
                actions.send(one)

    together(app, *[sweep] * 4)
    assert len(sent(author)) == 3


def test_what_gets_no_answer_is_tried_again_and_a_no_is_not(
    app: Flask, author: Made, post: MadePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [Answer(AGAIN, "503"), Answer(AGAIN, "503"), Answer(REFUSED, "BadTopic")]
    tried: list[Message] = []

    def send(_self: Apns, message: Message) -> Answer:
        tried.append(message)
        return answers[min(len(tried), len(answers)) - 1]

    monkeypatch.setattr(Apns, "send", send)
    like(make.person("甲"), post)
    assert sent(author) == [] and states(author) == [("due", "503")] and len(tried) == 1
    for seconds, tries in ((14, 1), (16, 2), (40, 2), (50, 3), (5000, 3)):
        with clock.moved(seconds=seconds):
            sent(author)
        assert len(tried) == tries, seconds
    assert states(author) == [("failed", "BadTopic")]
    assert len({one.number for one in tried}) == 1


def test_a_channel_that_breaks_holds_up_nobody_and_is_given_up(
    app: Flask, client: Client, author: Made, post: MadePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_self: Apns, message: Message) -> Answer:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Apns, "send", breaks)
    other = make.person()
    phone(client, other, "android")
    fan = make.person("甲")
    for one in (post, make.post(other)):
        like(fan, one)
    assert len(sent(other, "push_fcm")) == 1
    for minute in range(1, 10):
        with clock.moved(seconds=61 * minute):
            sent(author)
    assert states(author) == [("failed", "no answer")]


def test_a_phone_that_is_gone_is_forgotten(
    client: Client, author: Made, post: MadePost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Apns, "send", lambda _self, message: Answer(REFUSED, "410", gone=message.addresses))
    like(make.person("甲"), post)
    sent(author)
    assert client.as_(author.token).get("/me/notification-settings").json["devices"] == 0


def test_who_dies_after_sending_sends_it_again_under_the_same_number(author: Made, post: MadePost) -> None:
    like(make.person("甲"), post)
    worker.drain()
    _, [taken] = in_transaction(lambda: actions.take_due(10))
    assert sent(author) == [], "held by who took it"
    with clock.moved(seconds=61):
        [push] = sent(author)
    assert push["headers"]["apns-collapse-id"] == taken.id.hex
    in_transaction(lambda: actions.record(taken, Answer(AGAIN, "late")))
    assert states(author) == [("sent", "")], "who comes late changes nothing"


def test_hearing_everything_again_sends_nothing(app: Flask, author: Made, post: MadePost) -> None:
    like(make.person("甲"), post)
    assert len(sent(author)) == 1
    for name in ("notifications.note_happenings", "sending.enqueue_notices", "sending.enqueue_codes"):
        hearing.rewind(name, None)
    assert len(sent(author)) == 1


def test_what_is_old_news_is_not_pushed(author: Made, post: MadePost) -> None:
    like(make.person("甲"), post)
    with clock.moved(days=3):
        assert sent(author) == [] and states(author) == []


def test_a_token_is_of_who_signed_in_there_last(client: Client, author: Made, post: MadePost) -> None:
    other = make.person()
    device = phone(client, author, token="one phone")
    phone(client, other, token="one phone")
    like(make.person("甲"), post)
    assert {one["path"] for one in sent(author)} == {f"/3/device/{_token(author)}"}
    assert client.as_(author.token).delete(f"/me/devices/{device}").status_code == 204
    assert client.as_(author.token).put(f"/me/devices/{device}", {"platform": "palm", "token": "x"}).status_code == 422


def _token(of: Made) -> str:
    wanted = text("SELECT token FROM reach_devices WHERE person_id = :id")
    return str(db.session.scalars(wanted, {"id": of.id}).one())


def test_a_person_has_so_many_phones_and_no_more(client: Client, author: Made) -> None:
    for _ in range(22):
        phone(client, author)
    assert client.as_(author.token).get("/me/notification-settings").json["devices"] == 20


def test_digests_go_out_at_eight_in_the_evening() -> None:
    evening = next_digest(datetime(2026, 5, 1, 20, 0, tzinfo=CHINA))
    assert evening == datetime(2026, 5, 2, 20, 0, tzinfo=CHINA)
    assert next_digest(datetime(2026, 5, 1, 19, 59, tzinfo=CHINA)) == datetime(2026, 5, 1, 20, 0, tzinfo=CHINA)


def test_messages_of_long_ago_are_forgotten(author: Made, post: MadePost) -> None:
    like(make.person("甲"), post)
    assert len(sent(author)) == 1
    ago = clock.now() - timedelta(days=91)
    in_transaction(lambda: db.session.execute(update(NoticeDelivery).values(made_at=ago)))
    in_transaction(lambda: db.session.execute(update(SandboxMessage).values(at=ago)))
    worker.sweep_once(["operate.sending.forget_sent"])
    assert sent(author) == [] and states(author) == []
