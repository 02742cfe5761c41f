"""A machine whose clock is wrong (scenario 12)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.buying.checkout.actions import release_due
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.store.orders.actions import lapse_due
from app.store.payments.actions import receive_callback
from tests import make
from tests.make import order as orders
from tests.plays.buying import bought, total_of


@pytest.mark.parametrize("minutes", [10, -10])
def test_12_a_machine_whose_clock_is_wrong_ends_nothing_early_or_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """What expires is judged by the database, whose clock all machines share; signatures alone are judged by ours."""
    cup, right = make.product(price=10_000, stock=9), clock.now
    soon = clock.now() + timedelta(minutes=5)
    make.promotion("platform_reduction", {"tiers": [{"above": 0, "off": 1}]}, starts_at=soon)
    monkeypatch.setattr(clock, "now", lambda: right() + timedelta(minutes=minutes))
    made = make.checkout(product=cup)
    assert total_of(made) == 10_000, "a sale that begins in five minutes has not begun"
    assert in_transaction(release_due) == 0
    placed = bought(made)
    paid = in_transaction(lambda: orders.actions.pay_purchase(made.caller, placed.id, "sandbox"))
    assert in_transaction(lapse_due) == 0
    sent = orders.callback(paid)
    with pytest.raises(Refused) as refused:
        in_transaction(lambda: receive_callback("sandbox", sent.headers, sent.body))
    assert refused.value.code == "callback_too_old", "its provider is asked instead"
    monkeypatch.setattr(clock, "now", lambda: right() - timedelta(minutes=2 * minutes))
    with clock.moved(hours=25):
        assert (in_transaction(lapse_due), in_transaction(lapse_due)) == (1, 0)
    ids = [make.checkout(product=cup).id for _ in range(3)]
    by_time = "SELECT id FROM checkout_checkouts WHERE state = 'open' ORDER BY created_at, id"
    assert list(db.session.scalars(text(by_time))) == ids, "what was made later is later, whatever our clock says"
