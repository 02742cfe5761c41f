"""Counts are exact while they are being folded."""

import threading
from uuid import UUID

from flask import Flask

from app.core import counters
from app.core.db import db, in_transaction
from app.core.ids import new_id


def likes(subject: UUID) -> int:
    return in_transaction(lambda: counters.of([subject])[subject].get("likes", 0))


def test_a_count_is_right_before_and_after_folding(app: Flask) -> None:
    post = new_id()
    in_transaction(lambda: counters.add_many([(post, "likes", 1)] * 5 + [(post, "likes", -2)]))
    assert likes(post) == 3
    assert in_transaction(counters.fold) == 1
    assert likes(post) == 3
    in_transaction(lambda: counters.add(post, "likes"))
    assert likes(post) == 4
    in_transaction(counters.fold)
    assert in_transaction(lambda: db.session.query(counters.CountStep).count()) == 0
    assert likes(post) == 4


def test_readers_never_see_a_wrong_count_while_two_workers_fold(app: Flask) -> None:
    post = new_id()
    over = threading.Event()
    seen: list[int] = []
    in_transaction(lambda: counters.add_many([(post, "likes", 1)] * 500))

    def read() -> None:
        with app.app_context():
            while not over.is_set():
                seen.append(likes(post))

    def fold() -> None:
        with app.app_context():
            while in_transaction(lambda: counters.fold(most=20)):
                pass

    reader = threading.Thread(target=read)
    folders = [threading.Thread(target=fold) for _ in range(2)]
    for thread in [reader, *folders]:
        thread.start()
    for thread in folders:
        thread.join()
    over.set()
    reader.join()
    assert set(seen) == {500}


def test_counts_of_nothing_are_empty(app: Flask) -> None:
    assert counters.of([]) == {}
    assert counters.of([new_id()]) == {}
