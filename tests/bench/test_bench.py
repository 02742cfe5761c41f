"""The smallest run of the bench, on a real town, so that it never rots; and its arithmetic."""

import os
import shutil

import orjson
import pytest

from bench.client import Asked
from bench.elastic import RunningElastic
from bench.figures import BenchError, Figures, of_counts, of_samples, ratios
from bench.load import Load, Sockets, loader, uncorrected
from bench.measure import NAMES, Results, measure
from bench.processes import together
from bench.reads import Plan
from bench.report import WHOLE, as_json, tables
from bench.town import Town, settle
from tests.journeys.people import Somebody, done
from tests.live import LiveTown


@pytest.fixture
def town(live: LiveTown) -> Town:
    """A town of three people: one sells, writes of it and is followed, and so is another."""
    live.start()
    author, reader = Somebody(live, "小红"), Somebody(live, "小明")
    goods = author.lists(author.opens_a_shop(), stock=50)
    for title in ("这条围巾太好看了", "冬天的围巾怎么搭"):
        post = author.publishes(goods["id"], title=title)
    done(reader.put(f"/people/{author.id}/follow"), 204)
    reader.buys(post["tags"][0]["link"]["code"], goods["skus"][0]["id"])
    found = Town(live.url.removeprefix("http://"), live.env, live.folder, os.getpid())
    settle(found)
    return found


def test_a_small_run_measures_everything_and_finds_no_error(town: Town) -> None:
    plan = Plan(connections=2, rounds=1, seconds=0.1, warming=0.05, each=5, rates=(5.0,), publishing=1.0)
    results = Results()
    measure(town, RunningElastic("", 0, "not wanted"), Sockets(2), plan, results, lambda text: None)
    assert {*results.reads, "buying", "steps", "searchable"} == set(NAMES)
    for name, read in results.reads.items():
        assert set(read.rounds) == {"ours", "bare", "hooks", "door", "sql"}, name
        assert read.statements >= 1, f"no statement was heard for {name}"
        assert read.bytes > 100, name
    assert results.engine == "postgres"
    [bought], [found] = results.flows["ours"], results.searchable
    assert bought.whole.count > 0
    assert len(bought.steps) == 6
    assert set(results.flows) == {"ours", "bare", "hooks", "door", "sql"}
    assert len(results.steps) == 7
    assert all(rounds["ours"][0].count == 10 and len(rounds) == 4 for rounds in results.steps.values())
    assert found.delay.count == 5, "each post that was published is found"
    kinds = {one.name for one in results.memory}
    assert {"web master", "web worker 1", "web worker 2", "worker"} <= kinds
    assert all(0 < one.pss <= one.rss for one in results.memory)
    text, kept = tables(results, plan, "nobody"), orjson.dumps(as_json(results, plan, "nobody"))
    assert all(name in text for name in (*results.reads, WHOLE, "web master"))
    assert set(orjson.loads(kept)["ratios"]["following"]) == {"bare", "hooks", "door", "sql"}


@pytest.fixture
def wrk() -> Load:
    """REQUIRE_WRK=1 makes a missing one a failure."""
    if shutil.which("wrk") is None:
        if os.environ.get("REQUIRE_WRK") == "1":
            pytest.fail("wrk is required: install the package wrk")
        pytest.skip("NOT TESTED WITH WRK: install the package wrk")
    return loader(2, "wrk")


def test_wrk_and_our_own_client_measure_alike_and_neither_takes_an_error_for_an_answer(town: Town, wrk: Load) -> None:
    fine, wrong = [Asked("GET", "/healthz")] * 3, [Asked("GET", "/api/v1/nowhere", "Bearer no")]
    for load in (wrk, Sockets(2)):
        found = load.run(town.address, fine, 1.0)
        assert found.count > 20
        assert 0 < found.p50 <= found.p99 < 1000
        with pytest.raises(BenchError, match=r"404|not 2xx"):
            load.run(town.address, wrong, 1.0)


def test_the_times_that_wrk_adds_are_taken_away_again() -> None:
    true = {100: 900, 150: 80, 420: 3, 777: 2, 1900: 1}
    for expected in (100, 101, 133, 210):
        told = dict(true)  # as stats_correct of wrk's stats.c does, upwards, each count as it stands by then
        for slow in range(2 * expected, max(true) + 1):
            for added in range(slow - expected, expected, -expected):
                if told.get(slow):
                    told[added] = told.get(added, 0) + told[slow]
        assert told != true
        assert uncorrected(told, expected) == true


def test_percentiles_are_times_that_were_measured() -> None:
    of_hundred = of_samples([one / 1000 for one in range(1, 101)], 2.0)
    assert (of_hundred.count, of_hundred.per_second, of_hundred.p50, of_hundred.p99) == (100, 50.0, 50.0, 99.0)
    assert of_counts({1000: 985, 9000: 15}, 1.0).p99 == 9.0
    with pytest.raises(BenchError):
        of_samples([], 1.0)


def test_a_ratio_is_taken_inside_a_round() -> None:
    ours, ceiling = ([Figures(count, 1.0, 1.0, 1.0) for count in counts] for counts in ((50, 10, 30), (100, 20, 40)))
    found = ratios(ours, ceiling)
    assert (found.median, found.least, found.most) == (0.5, 0.5, 0.75)


def test_what_fails_in_one_process_ends_the_run() -> None:
    def fail() -> int:
        raise BenchError("purchase 1 is unpaid")

    with pytest.raises(BenchError, match="purchase 1 is unpaid"):
        together([fail, lambda: 1])
