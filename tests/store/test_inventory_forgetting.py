"""Holds that are long over are swept: none that is active, none that ended within the week."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import clock, worker
from app.core.caller import Ref
from app.core.db import db, in_transaction
from app.core.ids import new_id
from app.core.plain import rows
from app.store.inventory import actions, queries
from app.store.inventory.models import KEPT_DAYS

SWEEP = ["store.inventory.forget_ended_holds"]


@pytest.fixture
def sku(app: Flask) -> UUID:
    made = new_id()
    in_transaction(lambda: actions.set_stock(made, 100))
    return made


def held(sku: UUID, seconds: int = 600) -> Ref:
    subject = Ref("checkout", new_id())
    in_transaction(lambda: actions.hold(subject, [(sku, 1)], seconds))
    return subject


def edited(subject: Ref, sku: UUID) -> None:
    in_transaction(lambda: actions.hold(subject, [(sku, 2)], 600, [subject]))


def states(*subjects: Ref) -> list[list[str]]:
    found = [[one.state for one in queries.holds_of(subject)] for subject in subjects]
    db.session.rollback()
    return found


def swept(**after: float) -> int:
    with clock.moved(**after):
        return worker.sweep_once(SWEEP)


def test_ended_holds_go_a_week_after_their_end_and_active_ones_stay(sku: UUID) -> None:
    active, sold, back, changed = (held(sku) for _ in range(4))
    in_transaction(lambda: actions.commit_holds(sold))
    in_transaction(lambda: actions.release_holds(back))
    edited(changed, sku)
    assert swept(days=KEPT_DAYS, seconds=-30) == 0
    assert states(active, sold, back, changed) == [["active"], ["committed"], ["released"], ["released", "active"]]
    assert swept(days=KEPT_DAYS, seconds=5) == 3
    assert states(active, sold, back, changed) == [["active"], [], [], ["active"]]
    assert swept(days=1000) == 0
    assert queries.units_held([sku]) == {sku: 3}
    assert in_transaction(lambda: actions.release_holds(active, changed)) == 2
    assert queries.available([sku]) == {sku: 99}


def test_the_week_begins_with_the_end_not_with_the_deadline(sku: UUID) -> None:
    late, early = held(sku, seconds=1), held(sku, seconds=30 * 86400)
    in_transaction(lambda: actions.release_holds(early))
    with clock.moved(days=20):  # nothing swept checkouts for so long
        in_transaction(lambda: actions.release_holds(late))
    assert swept(days=20) == 1
    assert states(late, early) == [["released"], []]
    assert swept(days=20 + KEPT_DAYS, seconds=5) == 1


def test_a_hold_that_ended_before_its_end_was_noted_goes_by_its_deadline(sku: UUID) -> None:
    old = held(sku, seconds=86400)
    in_transaction(lambda: db.session.execute(text("UPDATE inventory_holds SET state = 'committed'")))
    assert swept(days=KEPT_DAYS) == 0
    assert swept(days=KEPT_DAYS + 1, seconds=5) == 1
    assert states(old) == [[]]


def test_the_movements_of_a_forgotten_hold_stay_and_add_up(sku: UUID) -> None:
    sold = held(sku)
    in_transaction(lambda: actions.commit_holds(sold))
    swept(days=KEPT_DAYS + 1)
    moved = db.session.scalar(text("SELECT sum(delta) FROM inventory_movements WHERE sku_id = :sku"), {"sku": sku})
    assert moved == queries.available([sku])[sku] == 99


@pytest.mark.parametrize("ways", ["on", "off"])
def test_a_batch_is_small_and_passes_by_what_is_locked(app: Flask, sku: UUID, ways: str) -> None:
    """However it is planned: in a nested loop a subquery with a limit is asked again for each row, and what
    it found first is gone then."""

    def forget() -> int:
        for way in ("hashjoin", "hashagg", "sort", "material"):
            db.session.execute(text(f"SET LOCAL enable_{way} = {ways}"))
        return actions.forget_ended(2)

    ended = [held(sku) for _ in range(5)]
    in_transaction(lambda: actions.release_holds(*ended))
    in_transaction(lambda: db.session.execute(text("CLUSTER inventory_holds USING pk_inventory_holds")))
    with clock.moved(days=KEPT_DAYS + 1), db.engine.connect() as other:
        mine = {"id": ended[0].id}
        other.execute(text("SELECT 1 FROM inventory_holds WHERE subject_id = :id FOR UPDATE"), mine)
        assert [in_transaction(forget) for _ in range(3)] == [2, 2, 0]
        other.rollback()
        assert in_transaction(forget) == 1


def test_the_old_ones_are_found_by_the_primary_key(app: Flask, sku: UUID) -> None:
    """4000 holds of which 3 are old: the sweep reads those, and of the others nothing."""
    made = (
        "INSERT INTO inventory_holds (id, sku_id, quantity, subject_kind, subject_id, state, expires_at, ended_at)"
        " SELECT uuidv7(make_interval(days => CASE WHEN n <= 3 THEN -9 ELSE 0 END)), :sku, 1, 'checkout',"
        "  gen_random_uuid(), 'released', now(), now() + make_interval(days => CASE WHEN n <= 3 THEN -9 ELSE 0 END)"
        " FROM generate_series(1, 4000) n"
    )
    in_transaction(lambda: db.session.execute(text(made), {"sku": sku}))
    db.session.execute(text("ANALYZE inventory_holds"))
    given = {"most": 500, "ago": -timedelta(days=KEPT_DAYS)}
    plan = "\n".join(row[0] for row in rows(f"EXPLAIN ANALYZE {actions._FORGET.sql}", given))
    db.session.rollback()
    assert "using pk_inventory_holds" in plan and "Rows Removed by Filter" not in plan, plan
    assert worker.sweep_once(SWEEP) == 3
