"""The tables of a run, and all of it as JSON."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bench.ceilings import WAYS
from bench.figures import Figures, Spread, processor_ratios, ratios, spread
from bench.flows import FlowFigures
from bench.measure import Results
from bench.reads import ELASTIC, OURS, SQL, Plan

HEADS = {"bare": "bare Flask", "hooks": "+ hooks", "door": "+ door", SQL: "SQL alone", ELASTIC: "Elasticsearch"}
WHOLE = "checkout to paid"
WHAT = """\
Ours beside its ceilings: requests per second, the middle of all rounds; in brackets the lowest and highest round.
  bare Flask      the same bytes and headers from a constant, under the same gunicorn
  + hooks         the same through the application's hooks: what everything around a door costs
  + door          the same through a Door: token, query, body and ETag as well; what is left is the room's own code
  SQL alone       the statements of the same requests by psycopg, prepared, on as many threads as the web server has
  Elasticsearch   the questions of the same requests over HTTP; its times are those of one question
Half of a ceiling is 0.50."""

PROCESSOR = """\
Processor of the web workers for one request (for a whole way of a buyer), in microseconds, and how much of ours each
layer is (1.00: all of it). Waiting is not in it, so others on the machine disturb it less than the rates."""
PROCESSOR_HEADS = ["ours", "bare Flask", "+ hooks", "+ door", "bare / ours", "hooks / ours", "door / ours"]


def tables(results: Results, plan: Plan, load: str) -> str:
    """For people. Raises nothing; what was not measured is left out."""
    asked = f"{plan.connections} connections, {plan.rounds} x {plan.seconds:g} s each"
    parts = [f"{asked}; reads asked by {load}, the way of a buyer by our own client (Python)."]
    rows = _rows(results)
    if rows:
        parts += [WHAT, _table(["ours", "req/s", "p50 ms", "p99 ms", *_ceilings(rows)], _ratio_rows(rows))]
        parts += ["The same in figures: req/s (p50 / p99 ms)", _table(["", *_ceilings(rows)], _figure_rows(rows))]
        parts += [PROCESSOR, _table(["", *PROCESSOR_HEADS], _processor_rows(rows))]
    if results.flows:
        parts += ["Step by step, ours (the whole way per second is above)", _table(*_steps(results.flows[OURS]))]
    if results.searchable:
        parts += ["From published to found by a search", _table(*_searchable(results))]
    if results.memory:
        parts += ["Memory after all that, in MB; only PSS may be added up", _table(*_memory(results))]
    return "\n\n".join(parts)


def as_json(results: Results, plan: Plan, load: str, error: str = "") -> dict[str, Any]:
    """All rounds, and what was measured on; `error` is what ended the run early."""
    return {
        "error": error,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "plan": asdict(plan),
        "load": load,
        "ratios": {name: _ratios(rounds) for name, rounds in _rows(results).items()},
        "processor_ratios": {
            name: {way: processor_ratios(rounds[OURS], rounds[way]) for way in WAYS}
            for name, rounds in _rows(results).items()
        },
        "results": asdict(results),
    }


Rows = dict[str, dict[str, list[Figures]]]
"""The rounds by what was measured and by who answered."""


def _rows(results: Results) -> Rows:
    rows = {name: read.rounds for name, read in results.reads.items()}
    if results.flows:
        rows[WHOLE] = {name: [one.whole for one in rounds] for name, rounds in results.flows.items()}
    return rows | results.steps


def _ratios(rounds: dict[str, list[Figures]]) -> dict[str, Spread]:
    return {name: ratios(rounds[OURS], ceiling) for name, ceiling in rounds.items() if name != OURS}


def _ceilings(rows: Rows) -> list[str]:
    return [head for name, head in HEADS.items() if any(name in rounds for rounds in rows.values())]


def _ratio_rows(rows: Rows) -> list[list[str]]:
    found = []
    for name, rounds in rows.items():
        rates, mine = spread([one.per_second for one in rounds[OURS]]), _ratios(rounds)
        line = [name, _between(rates, _short), *_times(rounds[OURS])]
        found.append([*line, *(_ratio(mine.get(way)) for way in HEADS if HEADS[way] in _ceilings(rows))])
    return found


def _ratio(found: Spread | None) -> str:
    return _between(found, "{:.2f}".format) if found else "-"


def _between(found: Spread, shown: Callable[[float], str]) -> str:
    if found.least == found.most:
        return shown(found.median)
    return f"{shown(found.median)} ({shown(found.least)}-{shown(found.most)})"


def _figure_rows(rows: Rows) -> list[list[str]]:
    return [
        [name, *(_figure(rounds.get(way, [])) for way in HEADS if HEADS[way] in _ceilings(rows))]
        for name, rounds in rows.items()
    ]


def _processor_rows(rows: Rows) -> list[list[str]]:
    found = []
    for name, rounds in rows.items():
        used = [spread([one.processor for one in rounds[way]]).median for way in (OURS, *WAYS)]
        parts = [_ratio(processor_ratios(rounds[OURS], rounds[way])) for way in WAYS]
        found.append([name, *(f"{one:,.0f}" for one in used), *parts])
    return found


def _figure(rounds: Sequence[Figures]) -> str:
    if not rounds:
        return "-"
    p50, p99 = _times(rounds)
    return f"{_short(spread([one.per_second for one in rounds]).median)} ({p50} / {p99})"


def _times(rounds: Sequence[Figures]) -> tuple[str, str]:
    middles = (spread([one.p50 for one in rounds]).median, spread([one.p99 for one in rounds]).median)
    return f"{middles[0]:.1f}", f"{middles[1]:.1f}"


def _short(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"


def _steps(rounds: Sequence[FlowFigures]) -> tuple[list[str], list[list[str]]]:
    return ["step", "p50 ms", "p99 ms"], [
        [step, *_times([one.steps[step] for one in rounds])] for step in rounds[0].steps
    ]


def _searchable(results: Results) -> tuple[list[str], list[list[str]]]:
    heads = ["posts/s", "held", "found after p50 ms", "p99 ms", "publish p50 ms", "p99 ms"]
    return heads, [
        [f"{one.rate:g}", f"{one.held:.1f}", *_times([one.delay]), *_times([one.publish])] for one in results.searchable
    ]


def _memory(results: Results) -> tuple[list[str], list[list[str]]]:
    lines = [[one.name, str(one.processes), _mb(one.rss), _mb(one.pss)] for one in results.memory]
    whole = ["together", str(sum(one.processes for one in results.memory)), "", _mb(sum(x.pss for x in results.memory))]
    return ["process", "how many", "RSS", "PSS"], [*lines, whole]


def _mb(kilobytes: int) -> str:
    return f"{kilobytes / 1024:.0f}"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """As Markdown reads it, and people too."""
    every = [heads, *lines]
    widths = [max(len(line[column]) for line in every) for column in range(len(heads))]
    drawn = [_line(heads, widths), "|".join(["", *("-" * (width + 2) for width in widths), ""])]
    return "\n".join([*drawn, *(_line(line, widths) for line in lines)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(padded)} |"
