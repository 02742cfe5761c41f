"""Whatever is done to a store, by one or by several at once, and in whatever order: everything adds up.

hypothesis plays a market (tests/store/market.py) on real PostgreSQL; after each step all rules of a sound store hold
(tests/sound.py): stock is conserved, the books sum to zero and follow from the rows, nobody pays twice or gets back
more than he paid, totals are their parts, offers keep their limits, axes follow from what was sent, claimed, refunded.
"""

from functools import partial

import hypothesis
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.core.db import db, dispose
from tests.fresh import FreshDatabase
from tests.memory import forget
from tests.store.market import ACTS, AT_ONCE, SERVING, Market
from tests.store.racing import together

WHICH, HOW = st.integers(0, 11), st.integers(0, 59)
SHORT = {"max_examples": 12, "stateful_step_count": 40, "phases": [Phase.generate]}
LONG = {"max_examples": 400, "stateful_step_count": 60}
ALL = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}


class Playing(RuleBasedStateMachine):
    """One market, on a database of its own. Nothing that is drawn depends on what came of it: threads are free."""

    def __init__(self, app: Flask, fresh: FreshDatabase) -> None:
        super().__init__()
        db.session.remove()
        dispose()
        fresh.renew()
        forget()
        self.app = app
        self.market = Market(app)

    @initialize(which=WHICH, how=HOW)
    def begins(self, which: int, how: int) -> None:
        self.market.does("buy_and_pay", which, how)

    @rule(which=WHICH, how=HOW)
    def sells(self, which: int, how: int) -> None:
        self.market.does("buy_and_pay", which, how)

    @rule(act=st.sampled_from(ACTS), which=WHICH, how=HOW)
    def one(self, act: str, which: int, how: int) -> None:
        self.market.does(act, which, how)

    @rule(act=st.sampled_from(SERVING), which=WHICH, how=HOW)
    def serves(self, act: str, which: int, how: int) -> None:
        self.market.does(act, which, how)

    @rule(which=WHICH, acts=st.lists(st.tuples(st.sampled_from(AT_ONCE), HOW), min_size=2, max_size=3))
    def at_once(self, which: int, acts: list[tuple[str, int]]) -> None:
        """Several, to the same thing."""
        together(self.app, *(partial(self.market.does, act, which, how) for act, how in acts))

    @rule(which=WHICH, acts=st.lists(st.tuples(st.sampled_from(SERVING), HOW), min_size=2, max_size=3))
    def both_sides(self, which: int, acts: list[tuple[str, int]]) -> None:
        """Several, about one order that goes on."""
        self.at_once(which, acts)

    @rule(hows=st.lists(HOW, min_size=2, max_size=3), which=WHICH)
    def rush(self, which: int, hows: list[int]) -> None:
        """All buyers want the same goods."""
        together(
            self.app,
            *(partial(self.market.does, "buy_and_pay", which + 15 * place, how) for place, how in enumerate(hows)),
        )

    @rule(act=st.sampled_from(AT_ONCE), which=WHICH, how=HOW)
    def twice(self, act: str, which: int, how: int) -> None:
        """The very same, sent twice."""
        together(self.app, *(partial(self.market.does, act, which, how) for _ in range(2)))

    @invariant()
    def everything_adds_up(self) -> None:
        assert self.market.wrong() == {}


@pytest.mark.timeout(7200)
def test_everything_adds_up_whatever_is_done_and_by_how_many_at_once(
    app: Flask, fresh: FreshDatabase, pytestconfig: pytest.Config
) -> None:
    played = hypothesis.settings(**ALL, **(LONG if pytestconfig.getoption("--long") else SHORT))
    run_state_machine_as_test(lambda: Playing(app, fresh), settings=played)
