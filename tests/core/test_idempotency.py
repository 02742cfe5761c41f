"""A keyed request that looked for its answer a moment too early."""

import threading

import pytest
from flask import Flask

from app.core.db import in_transaction
from app.core.errors import Refused
from app.core.idempotency import Key, keep, kept_answer

KEY = Key("person:1", "POST", "/toys/notes", "k", b"{}")


def test_what_was_done_a_moment_before_is_not_done_again(app: Flask) -> None:
    def elsewhere() -> None:
        with app.app_context():
            in_transaction(lambda: keep(KEY, 201, b"first"))

    def late() -> None:
        assert kept_answer(KEY) is None
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
        keep(KEY, 201, b"second")

    with pytest.raises(Refused) as refused:
        in_transaction(late)
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (409, "in_progress", 1)
    assert in_transaction(lambda: kept_answer(KEY)) == (201, b"first")


def test_an_answer_that_said_it_goes_on_is_written_over(app: Flask) -> None:
    in_transaction(lambda: keep(KEY, 202, b"waits"))
    in_transaction(lambda: keep(KEY, 201, b"done", over=True))
    assert in_transaction(lambda: kept_answer(KEY)) == (201, b"done")
