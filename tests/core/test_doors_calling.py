"""Doors that call the outside between two transactions."""

import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from app import create_app
from app.core import counters, outside
from app.core.caller import Caller
from app.core.db import db, dispose, in_session, in_transaction
from app.core.http.door import Door
from app.core.ids import new_id
from app.core.outside import Calls, Wanted, each
from tests.client import Client
from tests.core.conftest import ADA, NoteIn, NoteOut, signed_in
from tests.store.racing import together

NOTE = {"text": "tea", "cups": 2}


class Far:
    """A system far away. Rows are counters: "wanted" when written, "done" once its answer is recorded."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.answers = True
        self.asked: list[UUID] = []
        self.leases = threading.Lock()
        self.connected = False

    def ask(self, row_id: UUID) -> str | None:
        if not self.leases.acquire(blocking=False):
            return None
        try:
            self.asked.append(row_id)
            self.connected = self.connected or in_session()
            time.sleep(self.seconds)
            if not self.answers:
                raise ConnectionError("nobody there")
            return "answer"
        finally:
            self.leases.release()

    def record(self, row_id: UUID, answer: str | None) -> object:
        if answer is None and not counters.of([row_id])[row_id].get("done"):
            return Wanted(row_id, {"id": str(row_id), "text": "waits"})
        counters.add(row_id, "done")
        return {"id": str(row_id), "text": "done"}


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def toys(town: Flask, app: Flask, far: Far) -> Iterator[Client]:
    made = create_app()
    door = Door("far_toys")

    @door.post("/toys/calls", takes=NoteIn, gives=NoteOut, calls=Calls(far.ask, far.record))
    def call_far(caller: Caller, given: dict[str, object]) -> object:
        row_id = new_id()
        counters.add(row_id, "wanted")
        shown = {"id": str(row_id), "text": "waits"}
        return {**shown, "text": "here"} if given["cups"] == 1 else Wanted(row_id, shown)

    made.extensions["flask-smorest"]["apis"][""]["ext_obj"].register_blueprint(door.blueprint)
    with made.app_context():
        yield Client(made)
        db.session.remove()
        dispose()


def _counts(answer: dict[str, str]) -> dict[str, int]:
    return in_transaction(lambda: counters.of([UUID(answer["id"])])[UUID(answer["id"])])


def test_a_call_is_made_after_the_row_is_there_and_its_answer_recorded(toys: Client, far: Far) -> None:
    answer = signed_in(toys, ADA).post("/toys/calls", NOTE, key="k")
    assert (answer.status_code, answer.json["text"]) == (201, "done")
    assert _counts(answer.json) == {"wanted": 1, "done": 1}
    assert not far.connected, "it holds no connection"
    again = signed_in(toys, ADA).post("/toys/calls", NOTE, key="k")
    assert (again.status_code, again.json, len(far.asked)) == (201, answer.json, 1)


def test_what_wants_no_call_is_answered_at_once(toys: Client, far: Far) -> None:
    answer = signed_in(toys, ADA).post("/toys/calls", {**NOTE, "cups": 1})
    assert (answer.status_code, answer.json["text"], far.asked) == (201, "here", [])


def test_past_the_limit_the_row_is_shown_as_it_stands_and_the_same_key_asks_on(
    toys: Client, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "LIMIT_SECONDS", 0.2)
    far.seconds = 0.6
    ada, began = signed_in(toys, ADA), time.monotonic()
    late = ada.post("/toys/calls", NOTE, key="k")
    assert time.monotonic() - began < 0.55
    assert (late.status_code, late.json["text"]) == (202, "waits")
    held = ada.post("/toys/calls", NOTE, key="k")
    assert (held.status_code, held.json) == (202, late.json), "it is being asked already"
    time.sleep(0.6)
    far.seconds = 0
    done = ada.post("/toys/calls", NOTE, key="k")
    assert (done.status_code, done.json) == (201, {"id": late.json["id"], "text": "done"})
    assert _counts(done.json) == {"wanted": 1, "done": 1}
    assert ada.post("/toys/calls", {**NOTE, "cups": 3}, key="k").status_code == 422


def test_a_call_that_breaks_leaves_the_row_and_its_key(toys: Client, far: Far) -> None:
    far.answers = False
    ada = signed_in(toys, ADA)
    assert ada.post("/toys/calls", NOTE, key="k").status_code == 500
    far.answers = True
    answer = ada.post("/toys/calls", NOTE, key="k")
    assert (answer.status_code, answer.json["id"]) == (201, str(far.asked[0]))
    assert far.asked == [far.asked[0]] * 2, "the row that was there"


def test_twenty_at_once_with_one_key_write_one_row(toys: Client, far: Far) -> None:
    far.seconds = 0.05
    ada = signed_in(toys, ADA)
    found = together(toys.app, *[lambda: ada.post("/toys/calls", NOTE, key="k")] * 20)
    assert {one.status_code for one in found} <= {201, 202, 409, 503}
    assert len({one.json["id"] for one in found if one.status_code in {201, 202}}) == 1


def test_the_document_says_that_a_door_may_answer_later(toys: Client) -> None:
    document = toys.get("//openapi.json").json
    assert {"201", "202"} <= set(document["paths"]["/api/v1/toys/calls"]["post"]["responses"])


def test_several_calls_at_once_all_end_before_a_failure_is_told(toys: Client) -> None:
    ended: list[int] = []

    def call(number: int) -> None:
        time.sleep(0.02 * number)
        ended.append(number)
        if number == 1:
            raise ValueError("one")

    with pytest.raises(ValueError, match="one"):
        each(call, [1, 2, 3])
    assert ended == [1, 2, 3]
