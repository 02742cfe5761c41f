"""What the worker notes of its sweeps: seldom while there is nothing to do, at once when something fails."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.core import sweeplog, worker
from app.core.db import db
from app.core.sweeplog import SweepRow

NAME = "core.test_sweeplog.water_plants"


class Plants:
    """A sweep that does what it is told."""

    def __init__(self) -> None:
        self.next: list[int | Exception] = []

    def water(self) -> int:
        found = self.next.pop(0) if self.next else 0
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def plants(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plants]:
    made = Plants()
    monkeypatch.setattr(worker, "_sweeps", {NAME: worker.Sweep(NAME, 0.0, made.water)})
    yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the worker's own clock on."""
    seconds = [1000.0]

    def move(by: float) -> None:
        seconds[0] += by

    monkeypatch.setattr(worker.time, "monotonic", lambda: seconds[0])
    return move


def run(app: Flask, plants: Plants, *results: int | Exception) -> SweepRow | None:
    """Let the worker sweep once for each of these; answers the row afterwards."""
    plants.next = list(results)
    for _ in results:
        worker.sweep_these(worker.sweeps())
    db.session.rollback()
    found = list(sweeplog.noted_sweeps())
    return found[0] if found else None


def test_an_idle_sweep_is_noted_once_in_ten_seconds(
    app: Flask, plants: Plants, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    note = sweeplog.note
    monkeypatch.setattr(sweeplog, "note", lambda name, *more: (noted.append(name), note(name, *more)))
    for _ in range(40):
        run(app, plants, 0)
        clock(0.5)
    assert len(noted) == 2


def test_what_a_busy_sweep_did_is_added_up_and_noted_once_a_second(
    app: Flask, plants: Plants, clock: Callable[[float], None]
) -> None:
    first = run(app, plants, 5)
    assert first is not None and (first.did, first.error, first.is_failing) == (5, "", False)
    same = run(app, plants, 7, 7)
    assert same is not None and same.did == 5
    clock(1.0)
    later = run(app, plants, 1)
    assert later is not None and later.did == 20


def test_a_failure_is_noted_at_once_and_stays_to_be_read_when_all_is_well_again(
    app: Flask, plants: Plants, clock: Callable[[float], None]
) -> None:
    run(app, plants, 0)
    failed = run(app, plants, ValueError("no water\nDETAIL: of Mr. Secret"))
    assert failed is not None and failed.is_failing
    assert failed.error == "ValueError: no water"
    clock(10.0)
    well = run(app, plants, 0)
    assert well is not None and not well.is_failing
    assert (well.error, well.failed_at) == (failed.error, failed.failed_at)


def test_a_note_that_cannot_be_written_stops_no_sweep(
    app: Flask, plants: Plants, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sweeplog, "note", lambda *_: 1 / 0)
        assert run(app, plants, 3, 4) is None
    found = run(app, plants, 1)
    assert found is not None and found.did == 8
