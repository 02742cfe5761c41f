"""Settings, and addresses that are shown to be one's own; e-mail by a real SMTP server."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from app.core import clock, worker
from app.core.config import BadSettings, load
from app.core.config import settings as installed
from app.core.db import db
from app.operate.sending.models import NoticeDelivery, SandboxMessage
from tests import make
from tests.client import Client
from tests.make.person import Made
from tests.operate.inbox import like

SWEEP = ["operate.sending.send_due"]


class Box:
    """A mailbox: keeps what comes, or says no with `answer`."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.letters.append(message_from_bytes(envelope.content, policy=default))
        return self.answer


@pytest.fixture
def box(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    made = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(made, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setattr(installed, "smtp_url", f"smtp://127.0.0.1:{port}")
    monkeypatch.setattr(installed, "smtp_from", "小镇 <no-reply@town.example>")
    yield made
    server.stop()


def send() -> None:
    worker.drain()
    worker.sweep_once(SWEEP)
    worker.sweep_once(SWEEP)
    db.session.rollback()


def texts(of: Made) -> list[str]:
    send()
    wanted = select(SandboxMessage.body).where(SandboxMessage.person_id == of.id, SandboxMessage.channel == "sms")
    return [one["text"] for one in db.session.scalars(wanted.order_by(SandboxMessage.id))]


def digits(words: str) -> str:
    return "".join(one for one in words.partition("十分钟")[0] if one.isdigit())[-6:]


def test_settings_are_the_usual_ones_until_one_says_otherwise(client: Client) -> None:
    me = client.as_(make.person().token)
    usual = me.get("/me/notification-settings").json
    assert (usual["quiet"], usual["digest"], usual["daily_pushes"], usual["language"]) == (None, "off", 30, "zh")
    liked = next(one for one in usual["kinds"] if one["kind"] == "like")
    assert liked["called"] == "赞" and (liked["inbox"], liked["push"], liked["sms"], liked["email"]) == (
        True,
        True,
        False,
        False,
    )
    body = {
        "kinds": {"like": {"push": False, "email": True}},
        "quiet": {"begins": "22:00", "ends": "07:30"},
        "digest": "daily",
        "daily_pushes": 5,
    }
    for _ in range(2):
        changed = me.put("/me/notification-settings", body).json
    assert changed["quiet"] == {"begins": "22:00", "ends": "07:30"} and changed["daily_pushes"] == 5
    liked = next(one for one in changed["kinds"] if one["kind"] == "like")
    assert (liked["push"], liked["email"]) == (False, True)
    back = me.put("/me/notification-settings", {"kinds": {"like": {"push": True, "email": False}}, "quiet": None}).json
    assert back["quiet"] is None and back["kinds"] == usual["kinds"] and back["digest"] == "daily"


@pytest.mark.parametrize(
    "body",
    [
        {"quiet": {"begins": "24:00", "ends": "07:00"}},
        {"quiet": {"begins": "07:00", "ends": "07:00"}},
        {"quiet": {"begins": "07:00"}},
        {"digest": "hourly"},
        {"daily_pushes": -1},
        {"daily_pushes": 1001},
        {"language": "fr"},
        {"kinds": {"nothing": {"push": True}}},
        {"kinds": {"like": {"push": "yes"}}},
        {"kinds": []},
    ],
)
def test_what_cannot_be_set_is_refused(client: Client, body: dict[str, Any]) -> None:
    assert client.as_(make.person().token).put("/me/notification-settings", body).status_code == 422


def test_a_number_gets_nothing_but_the_code_until_it_is_given_back(client: Client) -> None:
    author = make.person()
    me = client.as_(author.token)
    me.put("/me/notification-settings", {"kinds": {"like": {"sms": True}}})
    assert me.put("/me/contacts/sms", {"address": "13800138000"}).status_code == 204
    [words] = texts(author)
    post = make.post(author)
    like(make.person("甲"), post)
    assert len(texts(author)) == 1
    contact = {"medium": "sms", "address": "13800138000", "is_confirmed": False}
    assert me.get("/me/notification-settings").json["contacts"] == [contact]
    assert me.post("/me/contacts/sms/confirmation", {"code": digits(words)}).status_code == 204
    assert me.post("/me/contacts/sms/confirmation", {"code": digits(words)}).status_code == 422
    like(make.person("乙"), make.post(author))
    assert texts(author)[1:] == ["【小镇】乙赞了你的笔记"]
    assert me.delete("/me/contacts/sms").status_code == 204
    like(make.person("丙"), make.post(author))
    assert len(texts(author)) == 2


def test_a_code_is_tried_five_times_and_good_for_ten_minutes(client: Client) -> None:
    author = make.person()
    me = client.as_(author.token)
    me.put("/me/contacts/sms", {"address": "13800138000"})
    [words] = texts(author)
    code = digits(words)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert me.post("/me/contacts/sms/confirmation", {"code": wrong}).status_code == 422
    assert me.post("/me/contacts/sms/confirmation", {"code": code}).status_code == 422
    assert me.put("/me/contacts/sms", {"address": "13800138000"}).status_code == 429
    with clock.moved(seconds=61):
        me.put("/me/contacts/sms", {"address": "13800138000"})
        code = digits(texts(author)[-1])
    with clock.moved(seconds=61 + 601):
        assert me.post("/me/contacts/sms/confirmation", {"code": code}).status_code == 422
    with clock.moved(seconds=61):
        assert me.post("/me/contacts/sms/confirmation", {"code": code}).status_code == 204


def test_nobody_has_many_codes_sent_in_a_day(client: Client) -> None:
    here = clock.now().astimezone(clock.CHINA)
    morning = (here.replace(hour=9, minute=0) - here).total_seconds() + 86_400
    answers = []
    with clock.moved(seconds=morning):
        me = client.as_(make.person().token)
    for minute in range(7):
        with clock.moved(seconds=morning + minute * 120):
            answers.append(me.put("/me/contacts/email", {"address": "ning@example.com"}).status_code)
            me.delete("/me/contacts/email")
    assert answers == [204] * 5 + [429] * 2


@pytest.mark.parametrize("address", ["", "ning", "ning@", "a@b.c\r\nBcc: x@y.zz", "<a@b.cc>", "a@b.cc, c@d.ee"])
def test_no_address_but_a_plain_one_is_taken(client: Client, address: str) -> None:
    me = client.as_(make.person().token)
    assert me.put("/me/contacts/email", {"address": address}).status_code == 422
    assert me.put("/me/contacts/sms", {"address": address}).status_code == 422


def test_letters_go_by_smtp(client: Client, box: Box) -> None:
    author = make.person()
    me = client.as_(author.token)
    me.put("/me/notification-settings", {"kinds": {"like": {"email": True}}, "language": "en"})
    me.put("/me/contacts/email", {"address": "ning@example.com"})
    send()
    [letter] = box.letters
    assert letter["To"] == "ning@example.com" and letter["From"] == "小镇 <no-reply@town.example>"
    code = letter.get_content().split("code is ")[1][:6]
    assert me.post("/me/contacts/email/confirmation", {"code": code}).status_code == 204
    box.answer = "451 later"
    like(make.person("Ann"), make.post(author))
    send()
    assert len(box.letters) == 1
    box.answer = "250 OK"
    with clock.moved(seconds=16):
        send()
    assert box.letters[1].get_content().strip() == "Ann liked your post"
    assert box.letters[1]["Message-ID"].endswith("@town.example>")


def test_an_address_that_is_refused_is_not_tried_again(client: Client, box: Box) -> None:
    author = make.person()
    box.answer = "550 no such user"
    client.as_(author.token).put("/me/contacts/email", {"address": "nobody@example.com"})
    send()
    assert db.session.scalars(select(NoticeDelivery.state)).all() == ["failed"]


def test_a_server_that_is_away_is_asked_again(client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "smtp_url", "smtp://127.0.0.1:9")
    client.as_(make.person().token).put("/me/contacts/email", {"address": "ning@example.com"})
    send()
    one = db.session.scalars(select(NoticeDelivery)).one()
    assert (one.state, one.why, one.tries) == ("due", "ConnectionRefusedError", 1)


def test_a_password_goes_over_tls_only(client: Client, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "smtp_url", installed.smtp_url.replace("smtp://", "smtp://me:secret@"))
    client.as_(make.person().token).put("/me/contacts/email", {"address": "ning@example.com"})
    send()
    assert box.letters == []
    assert db.session.scalars(select(NoticeDelivery.why)).one() == "SMTPNotSupportedError"


def test_an_installation_without_channels_takes_no_addresses(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "sandbox_messages", False)
    me = client.as_(make.person().token)
    assert me.get("/me/notification-settings").json["media"] == ["inbox"]
    assert me.put("/me/contacts/email", {"address": "ning@example.com"}).status_code == 422
    with pytest.raises(BadSettings, match="SMTP_URL"):
        load({"SMTP_URL": "mail.example.com"})
