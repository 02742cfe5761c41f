"""drain: what a writer of another database held up is heard too, whenever that writer ends."""

import psycopg
import pytest
from flask import Flask

from app.core import eventlog, worker
from app.core.db import in_transaction
from app.core.events import Hearing
from tests import make
from tests.services import Services, postgres_of


def test_a_fact_that_becomes_readable_between_telling_and_asking_is_still_told(
    app: Flask, services: Services, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transaction ids are the cluster's: an open writer anywhere makes later facts wait."""
    url = postgres_of(services).url(database_name).replace("postgresql+psycopg://", "postgresql://")
    heard: list[object] = []
    one = Hearing("tests.listener", frozenset({"PersonJoined"}), heard.extend, False, 200, lambda: True)
    monkeypatch.setattr(worker, "hearings", lambda: [one])
    with psycopg.connect(url) as writer:
        writer.execute("SELECT pg_current_xact_id()")
        make.person()
        assert in_transaction(eventlog.has_unreadable)
        told_before: list[int] = []
        really_hear = worker.hearing.hear

        def hear(listener: Hearing) -> int:
            told = really_hear(listener)
            told_before.append(told)
            writer.rollback()  # it ends right after the listeners were told
            return told

        monkeypatch.setattr(worker.hearing, "hear", hear)
        worker.drain(patience=5)
    assert told_before[0] == 0, "the first telling was too early"
    assert len(heard) == 1
