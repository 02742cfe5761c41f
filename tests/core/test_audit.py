"""The audit log: written with the act, never changed, read by who acted and by what it was done to."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import audit
from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.ids import new_id

TEASED = audit.act("teased", "逗了", "teased")
ADA, BOB = new_id(), new_id()


def told(**which: Any) -> list[tuple[object, str, str]]:
    db.session.rollback()
    return [(one.who_id, one.subject_id, one.why) for one in audit.acts(50, **which)]


def test_the_latest_act_comes_first_and_each_is_found_by_who_and_by_whom(app: Flask) -> None:
    cat, dog = Ref("cat", new_id()), Ref("dog", new_id())
    in_transaction(lambda: audit.record(ADA, TEASED, cat, "it was bored"))
    in_transaction(lambda: audit.record_all(BOB, TEASED, [cat, dog]))
    in_transaction(lambda: audit.record(None, TEASED, ("listener", "posts.hear")))
    assert told() == [(None, "posts.hear", ""), (BOB, str(dog.id), ""), (BOB, str(cat.id), ""), *told(who_id=ADA)]
    assert told(who_id=ADA) == [(ADA, str(cat.id), "it was bored")]
    assert [one[0] for one in told(subject_id=str(cat.id))] == [BOB, ADA]
    assert told(before=audit.acts(1)[0].id) == told()[1:]


def test_an_act_that_is_rolled_back_was_never_done(app: Flask) -> None:
    def work() -> None:
        audit.record(ADA, TEASED, Ref("cat", new_id()))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_transaction(work)
    assert told() == []


@pytest.mark.parametrize(
    "change", ["UPDATE core_audit SET why = 'he asked for it'", "DELETE FROM core_audit", "TRUNCATE core_audit"]
)
def test_nobody_rewrites_the_log(app: Flask, change: str) -> None:
    in_transaction(lambda: audit.record(ADA, TEASED, Ref("cat", new_id()), "for fun"))
    with pytest.raises(DBAPIError, match="only ever added to"):
        in_transaction(lambda: db.session.execute(text(change)))
    assert [one[2] for one in told()] == ["for fun"]


def test_an_act_that_no_room_knows_any_more_is_called_by_its_code() -> None:
    assert audit.act_named("teased") == TEASED
    assert audit.act_named("tickled").en == "tickled"
