"""A toy town: the real house with a few doors of a room that exists only here."""

import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask, g

from app import create_app
from app.core import counters
from app.core.auth import Who, finds_callers, hash_of, new_token
from app.core.caller import Caller
from app.core.db import db, dispose
from app.core.errors import Refused
from app.core.fields import In, Int, Out, PageQuery, QueryInt, Text, some
from app.core.http.answers import Ready
from app.core.http.door import Door
from app.core.ids import new_id
from tests.client import Client

ADA, BOB, MOD = new_id(), new_id(), new_id()
TOKENS: dict[bytes, Who] = {}


class NoteIn(In):
    text = Text(most=20, required=True)
    cups = Int(least=1, most=9, required=True)
    words = some(Text(most=5), most=3, load_default=list)


class NoteOut(Out):
    id = Text(most=40, required=True)
    text = Text(most=20, required=True)


class NoteQuery(PageQuery):
    depth = QueryInt(least=0, most=5, load_default=0)


ASKED: list[str] = []
"""What the door of joined steps was asked, each time."""
STEPS: list[str] = []
"""What second steps were asked to do."""


def toy_door() -> Door:
    """Doors that count their calls in core's counters, so that effects can be seen."""
    door = Door("toys")
    shelf = UUID(int=7)

    @door.post("/toys/notes", takes=NoteIn, gives=NoteOut)
    def write_note(caller: Caller, given: dict[str, object]) -> dict[str, object]:
        counters.add(shelf, "notes")
        time.sleep(0.05)
        if given["text"] == "refuse me":
            raise Refused(409, "no", "不行", "No.")
        return {"id": str(new_id()), "text": given["text"]}

    @door.post("/toys/secrets", takes=NoteIn, gives=NoteOut, key="required")
    def write_secret(caller: Caller, given: dict[str, object]) -> dict[str, object]:
        counters.add(shelf, "secrets")
        return {"id": str(new_id()), "text": given["text"]}

    @door.post("/toys/steps", takes=NoteIn, gives=NoteOut, then=_second_step)
    def write_twice(caller: Caller, given: dict[str, object]) -> dict[str, object]:
        counters.add(shelf, "first")
        return {"id": str(new_id()), "text": given["text"]}

    @door.post("/toys/joined", takes=NoteIn, gives=NoteOut, key="none", then=_second_step, joined=True)
    def write_at_once(caller: Caller, given: dict[str, object]) -> dict[str, object]:
        ASKED.append(str(given["text"]))
        if given["text"] == "refuse me":
            raise Refused(409, "no", "不行", "No.")
        counters.add(shelf, "first")
        return {"id": str(new_id()), "text": given["text"]}

    @door.get("/toys/notes", gives=NoteOut, asks=NoteQuery)
    def notes(caller: Caller, asked: dict[str, object]) -> dict[str, object]:
        counts = counters.of([shelf])[shelf]
        return {"id": str(caller.person_id), "text": str(counts.get("notes", 0))}

    @door.get("/toys/ready", who=None)
    def ready() -> Ready:
        g.looked = True
        return Ready(b'{"ready":true}')

    @door.get("/toys/desk", gives=NoteOut, who="moderator")
    def desk(caller: Caller) -> dict[str, object]:
        return {"id": "1", "text": "desk"}

    @door.put("/toys/deadlock/<uuid:one>/<uuid:two>", who="anyone")
    def lock_both(caller: Caller, one: UUID, two: UUID) -> None:
        _lock(one)
        _BARRIER.wait_once()
        _lock(two)

    _more_doors(door)
    return door


def _more_doors(door: Door) -> None:
    tries: list[int] = []

    @door.post("/toys/pops", takes=NoteIn, gives=NoteOut)
    def write_and_consume(caller: Caller, given: dict[str, object]) -> dict[str, object]:
        """Takes its body apart, and finds itself in a deadlock at the first try."""
        made = {"id": str(new_id()), "text": given.pop("text")}
        tries.append(1)
        if len(tries) == 1:
            db.session.execute(db.text("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"))
        return made


def _second_step(value: dict[str, object]) -> dict[str, object]:
    STEPS.append(str(value["text"]))
    if value["text"] == "fail later":
        raise Refused(422, "later", "后来不行", "Not in the second step.")
    if value["text"] == "wait too long":
        db.session.execute(db.text("DO $$ BEGIN RAISE EXCEPTION 'too long' USING ERRCODE = '55P03'; END $$"))
    if value["text"] == "stumble" and len(STEPS) == 1:
        raise ZeroDivisionError
    return value


class _Barrier:
    """Lets two callers meet the first time; afterwards nobody waits."""

    def __init__(self) -> None:
        self._gate = threading.Barrier(2)

    def wait_once(self) -> None:
        try:
            self._gate.wait(1)
        except threading.BrokenBarrierError:
            return


_BARRIER = _Barrier()


def _lock(one: UUID) -> None:
    db.session.execute(db.text("SELECT pg_advisory_xact_lock(:n)"), {"n": one.int % 1000})


@finds_callers
def _toy_caller(digest: bytes) -> Who | None:
    return TOKENS.get(digest)


@pytest.fixture(scope="session")
def toy_town(town: Flask) -> Flask:
    made = create_app()
    made.extensions["flask-smorest"]["apis"][""]["ext_obj"].register_blueprint(toy_door().blueprint)
    return made


@pytest.fixture
def toys(toy_town: Flask, app: Flask) -> Iterator[Client]:
    """A stranger at the toy doors."""
    with toy_town.app_context():
        yield Client(toy_town)
        db.session.remove()
        dispose()


def signed_in(client: Client, person: UUID, *roles: str) -> Client:
    token = new_token(person)
    TOKENS[hash_of(token)] = Who(person_id=person, scopes=frozenset(roles))
    return client.as_(token)
