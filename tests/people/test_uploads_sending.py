"""Sending pictures while the decoder is slow: nothing in the database waits for it, and a key counts once."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app.core.db import db
from app.people.pictures import actions as pictures
from app.people.uploads.models import Upload
from tests import make
from tests.client import Client

_OPEN = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
)
Sender = Callable[..., "Future[TestResponse]"]


@pytest.fixture
def sending(app: Flask) -> Iterator[Sender]:
    """Sends pictures in threads of their own."""
    with ThreadPoolExecutor(8) as pool:
        yield lambda me, body, key=None: pool.submit(me.post, "/uploads", key=key, **make.upload_form(body))


def _wait_until_inside(count: int) -> None:
    """Until so many pictures have come as far as the decoder."""
    end = time.monotonic() + 10
    while pictures.MOST_AT_ONCE - pictures._inside._value != count:
        assert time.monotonic() < end
        time.sleep(0.005)


def _held_connections() -> int:
    db.session.remove()
    return sum(engine.pool.checkedout() for engine in db.engines.values())


@pytest.mark.parametrize("key", [None, "k"])
def test_while_a_picture_is_decoded_no_transaction_is_open_and_no_connection_held(
    client: Client, sending: Sender, key: str | None
) -> None:
    me = client.as_(make.person().token)
    with pictures._decoder:
        sent = sending(me, make.picture_file(), key)
        _wait_until_inside(1)
        assert db.session.scalar(_OPEN) == 0
        assert _held_connections() == 0
    assert sent.result().status_code == 201


def test_a_key_that_was_answered_is_answered_again_without_decoding(client: Client, sending: Sender) -> None:
    me = client.as_(make.person().token)
    first = sending(me, make.picture_file(), "k").result()
    with pictures._decoder:
        again = sending(me, make.picture_file(), "k").result(timeout=3)
        other = sending(me, make.picture_file(61), "k").result(timeout=3)
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json["code"]) == (422, "key_reused")


def test_two_at_once_with_one_key_make_one_upload(client: Client, sending: Sender) -> None:
    me = client.as_(make.person().token)
    with pictures._decoder:
        first = sending(me, make.picture_file(), "k")
        _wait_until_inside(1)
        second = sending(me, make.picture_file(), "k")
        _wait_until_inside(2)
    answers = [first.result(), second.result()]
    assert {one.status_code for one in answers} <= {201, 409}, "409: the first is being written at this moment"
    made = db.session.scalars(select(Upload.id)).all()
    assert len(made) == 1
    assert {one.json["id"] for one in answers if one.status_code == 201} == {str(made[0])}


def test_a_picture_that_is_refused_may_be_sent_again_under_its_key(client: Client, sending: Sender) -> None:
    me = client.as_(make.person().token)
    assert sending(me, b"not a picture", "k").result().status_code == 422
    assert sending(me, make.picture_file(), "k").result().status_code == 201
