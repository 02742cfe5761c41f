"""Cutting pictures: who may wait for the decoder, and for how long."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from app.core.errors import Refused
from app.people.pictures import actions
from app.people.pictures.actions import MOST_AT_ONCE, cut_picture
from tests import make


def _refused(body: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        cut_picture(BytesIO(body))
    return caught.value


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_process_keeps_a_thread_free_of_pictures() -> None:
    body = make.picture_file()
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        with actions._decoder:
            waiting = [pool.submit(cut_picture, BytesIO(body)) for _ in range(MOST_AT_ONCE)]
            _until(lambda: actions._inside._value == 0)
            began = time.monotonic()
            refused = _refused(body)
            assert time.monotonic() - began < 0.5, "who finds the room full is told at once"
            assert (refused.status, refused.retry_after) == (503, 2)
        assert {one.result().width for one in waiting} == {60}
    assert cut_picture(BytesIO(body)).height == 80


def test_who_waits_too_long_for_the_decoder_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PATIENCE_SECONDS", 0.05)
    with ThreadPoolExecutor(1) as pool, actions._decoder:
        refused = pool.submit(_refused, make.picture_file()).result()
    assert (refused.status, refused.retry_after) == (503, 2)
    assert cut_picture(BytesIO(make.picture_file())).width == 60


def test_a_decoder_that_refused_is_free_for_the_next() -> None:
    for _ in range(MOST_AT_ONCE + 1):
        assert _refused(b"not a picture").status == 422
    assert cut_picture(BytesIO(make.picture_file())).height == 80


def test_never_are_two_pictures_decoded_at_once_and_all_who_may_wait_are_served() -> None:
    started, body = threading.Barrier(MOST_AT_ONCE), make.picture_file(3000, 2000)

    def cut(_: int) -> int:
        started.wait(10)
        return cut_picture(BytesIO(body)).width

    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        assert list(pool.map(cut, range(MOST_AT_ONCE))) == [2048] * MOST_AT_ONCE
