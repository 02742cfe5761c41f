"""One run: the reads beside their ceilings, then the whole way of a buyer, then how soon a post is found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from bench.ceilings import Constant, Server, ceilings
from bench.client import Place
from bench.elastic import RunningElastic
from bench.figures import Figures
from bench.flows import FlowFigures, recorded, run_flows
from bench.heard import heard_ways
from bench.load import Load
from bench.memory import Memory, memory
from bench.operations import READS, STEPS
from bench.proc import processor_seconds
from bench.reads import OURS, SQL, Plan, Read, Scene, constant, heard_of, measure_read
from bench.sample import sample
from bench.searchable import Searchable, run_searchable
from bench.statements import THREADS, run_ways
from bench.steps import run_steps
from bench.town import Town, settle

BUYING, STEP_BY_STEP, FINDING = "buying", "steps", "searchable"
NAMES = (*(one.name for one in READS), BUYING, STEP_BY_STEP, FINDING)
"""What can be measured."""
MOST_BUYERS = 24
"""So many signed-in people are listened to while they buy, and as many guests as there are threads."""


@dataclass
class Results:
    """What a run has measured. `engine`: who answered searches. `flows`: the rounds by who answered; `steps`: the same
    for each step of all buyers at once."""

    engine: str = ""
    reads: dict[str, Read] = field(default_factory=dict)
    flows: dict[str, list[FlowFigures]] = field(default_factory=dict)
    steps: dict[str, dict[str, list[Figures]]] = field(default_factory=dict)
    searchable: list[Searchable] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)


def measure(
    town: Town, search: RunningElastic, load: Load, plan: Plan, results: Results, say: Callable[[str], None]
) -> None:
    """Measure a town that is filled and has nothing else to do, into `results`, piece by piece.

    Raises BenchError for any wrong answer; what was measured until then is in `results`.
    """
    drawn = sample(town)
    likes = {one.name: constant(town, one, drawn.reads[one.name]) for one in READS if plan.wants(one.name)}
    constants = [one for one, _ in likes.values()]
    results.engine = next((value for one in constants for name, value in one.headers if name == "Search-Engine"), "")
    if plan.wants(BUYING) or plan.wants(STEP_BY_STEP):
        answers = recorded(town.place, drawn.wants[0])
        constants += [Constant.of(step.name, answer) for step, answer in zip(STEPS, answers, strict=True)]
    asks = heard_of(town, drawn, list(likes))
    with ceilings(town, constants) as servers:
        ours = Server(town.address, town.below, town.pid)
        scene = Scene(town, drawn, load, search.address, {OURS: ours, **servers}, plan)
        for operation in READS:
            if plan.wants(operation.name):
                say(f"Measuring {operation.name} ...")
                like, asked = likes[operation.name], asks[operation.name]
                results.reads[operation.name] = measure_read(scene, operation, like, asked)
        if plan.wants(BUYING):
            say("Measuring checkout, purchase, paid ...")
            results.flows = _flows(scene)
        if plan.wants(STEP_BY_STEP):
            say("Measuring each step of all buyers at once ...")
            results.steps = _steps(scene)
    results.memory = memory(town.pid, [("Elasticsearch", search.pid)] if search.pid else [])
    for rate in plan.rates if plan.wants(FINDING) else ():
        say(f"Publishing {rate:g} posts a second until each is found ...")
        settle(town)
        found = run_searchable(town.address, town.below, drawn.authors, rate, plan.publishing)
        results.searchable.append(found)


def _flows(scene: Scene) -> dict[str, list[FlowFigures]]:
    """The same client in turns with the application and with each ceiling, which answers what one way answered; and
    the statements alone."""
    began, plan, drawn, town = time.time(), scene.plan, scene.drawn, scene.town
    ways = heard_ways(town.env, town.place, drawn.wants, drawn.buyers[:MOST_BUYERS], THREADS)
    turn: list[tuple[str, Callable[[float], FlowFigures]]] = [
        *((name, partial(_flow, scene, server)) for name, server in scene.servers.items()),
        (SQL, lambda seconds: FlowFigures(run_ways(town.database_url, ways, began, seconds), {})),
    ]
    found: dict[str, list[FlowFigures]] = {name: [] for name, _ in turn}
    for number in range(-1, plan.rounds):  # the first only warms
        for name, run in turn if number % 2 == 0 else reversed(turn):
            ran = run(plan.seconds if number >= 0 else plan.warming)
            if number >= 0:
                found[name].append(ran)
    return found


def _steps(scene: Scene) -> dict[str, dict[str, list[Figures]]]:
    """The application and each ceiling in turns; SQL alone has no steps."""
    plan, wants = scene.plan, scene.drawn.wants
    found: dict[str, dict[str, list[Figures]]] = {step.name: {name: [] for name in scene.servers} for step in STEPS}
    for number in range(max(1, plan.rounds // 2)):
        servers = list(scene.servers.items())
        for name, server in servers if number % 2 == 0 else reversed(servers):
            ran = run_steps(_place(scene, server), wants, plan.connections, number, plan.each)
            for step, figures in ran.items():
                found[step][name].append(figures)
    return found


def _place(scene: Scene, server: Server) -> Place:
    return replace(scene.town.place, address=server.address, below=server.below)


def _flow(scene: Scene, server: Server, seconds: float) -> FlowFigures:
    drawn, before = scene.drawn, processor_seconds(server.pid)
    ran = run_flows(_place(scene, server), drawn.wants, drawn.buyers, scene.plan.connections, seconds)
    used = (processor_seconds(server.pid) - before) / ran.whole.count * 1_000_000
    return replace(ran, whole=replace(ran.whole, processor=used))
