"""One run: the reads beside their ceilings, then the whole way of a buyer, then how soon a post is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.ceilings import BELOW, WAYS, Constant, ceilings
from bench.elastic import RunningElastic
from bench.flows import FlowFigures, recorded, run_flows
from bench.load import Load
from bench.memory import Memory, memory
from bench.operations import FLOW, READS
from bench.reads import OURS, Plan, Read, Scene, constant, heard_of, measure_read
from bench.sample import Sample, sample
from bench.searchable import Searchable, run_searchable
from bench.town import Town, settle

BUYING, FINDING = "buying", "searchable"
NAMES = (*(one.name for one in READS), BUYING, FINDING)
"""What can be measured."""


@dataclass
class Results:
    """What a run has measured. `engine`: who answered searches. `flows`: the rounds by who answered."""

    engine: str = ""
    reads: dict[str, Read] = field(default_factory=dict)
    flows: dict[str, list[FlowFigures]] = field(default_factory=dict)
    searchable: list[Searchable] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)


def measure(town: Town, search: RunningElastic, load: Load, plan: Plan, say: Callable[[str], None]) -> Results:
    """Measure a town that is filled and has nothing else to do. Raises BenchError for any wrong answer."""
    results, drawn = Results(), sample(town)
    likes = {one.name: constant(town, one, drawn.reads[one.name]) for one in READS if plan.wants(one.name)}
    constants = [one for one, _ in likes.values()]
    results.engine = next((value for one in constants for name, value in one.headers if name == "Search-Engine"), "")
    if plan.wants(BUYING):
        answers = recorded(town.address, town.below, drawn.wants[0])
        constants += [Constant.of(step.name, answer) for step, answer in zip(FLOW, answers, strict=True)]
    asks = heard_of(town, drawn, list(likes))
    with ceilings(town, constants) as addresses:
        scene = Scene(town, drawn, load, search.address, addresses, plan)
        for operation in READS:
            if plan.wants(operation.name):
                say(f"Measuring {operation.name} ...")
                like, asked = likes[operation.name], asks[operation.name]
                results.reads[operation.name] = measure_read(scene, operation, like, asked)
        if plan.wants(BUYING):
            say("Measuring checkout, purchase, paid ...")
            results.flows = _flows(town, drawn, addresses, plan)
    for rate in plan.rates if plan.wants(FINDING) else ():
        say(f"Publishing {rate:g} posts a second until each is found ...")
        settle(town)
        found = run_searchable(town.address, town.below, drawn.authors, rate, plan.publishing)
        results.searchable.append(found)
    results.memory = memory(town.pid, [("Elasticsearch", search.pid)] if search.pid else [])
    return results


def _flows(town: Town, drawn: Sample, addresses: Mapping[str, str], plan: Plan) -> dict[str, list[FlowFigures]]:
    """The same client in turns with the application and with each ceiling, which answers what one way answered."""
    servers = [(OURS, town.address, town.below), *((way, addresses[way], BELOW[way]) for way in WAYS)]
    found: dict[str, list[FlowFigures]] = {name: [] for name, *_ in servers}
    for number in range(-1, plan.rounds):  # the first only warms
        seconds = plan.seconds if number >= 0 else plan.warming
        for name, address, below in servers if number % 2 == 0 else reversed(servers):
            ran = run_flows(address, below, drawn.wants, drawn.buyers, plan.connections, seconds)
            if number >= 0:
                found[name].append(ran)
    return found
