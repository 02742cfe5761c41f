"""A read and everybody who answers it: the application, its ceilings over HTTP, PostgreSQL, Elasticsearch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bench.ceilings import Constant, Server, require_alike
from bench.client import Asked, Talk
from bench.figures import BenchError, Figures
from bench.heard import Heard, heard
from bench.load import Load, Sockets
from bench.operations import Operation
from bench.proc import processor_seconds
from bench.sample import Sample
from bench.statements import run_statements
from bench.town import Town

OURS, SQL, ELASTIC = "ours", "sql", "elastic"
RECORDED = 200
"""So many requests are listened to; what they ask of PostgreSQL and Elasticsearch is asked again and again."""


@dataclass(frozen=True)
class Plan:
    """How to measure: connections at once; rounds, and seconds of each for everybody who answers, after `warming`;
    `each` buyers of a connection step by step; `rates` in posts a second, each for `publishing` seconds. `only` some
    operations; nothing for all."""

    connections: int = 8
    rounds: int = 6
    seconds: float = 1.0
    warming: float = 0.4
    each: int = 100
    rates: tuple[float, ...] = (10.0, 50.0)
    publishing: float = 6.0
    only: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only


@dataclass(frozen=True)
class Scene:
    """All that is measured with. `servers`: OURS and its ceilings. `elastic`: host:port, "" without one."""

    town: Town
    drawn: Sample
    load: Load
    elastic: str
    servers: Mapping[str, Server]
    plan: Plan


@dataclass(frozen=True)
class Read:
    """What was measured: the rounds by who answered, the bytes of the constant answer, and how many statements and
    questions to Elasticsearch a request needs on average."""

    rounds: dict[str, list[Figures]]
    bytes: int
    statements: float
    questions: float


@dataclass(frozen=True)
class _Way:
    name: str
    run: Callable[[float], Figures]


def constant(town: Town, operation: Operation, requests: Sequence[Asked]) -> tuple[Constant, Asked]:
    """The answer of middle length of a hundred, each of which must be good, and the request for it."""
    talk = Talk(town.address)
    found = [(talk.expect(one.below(town.below), operation.status), one) for one in requests[:100]]
    talk.close()
    found.sort(key=lambda one: len(one[0].body))
    answer, asked = found[len(found) // 2]
    if answer.json().get("items") == []:
        raise BenchError(f"most pages of {operation.name} are empty: there is nothing to measure")
    return Constant.of(operation.name, answer), asked


def heard_of(town: Town, drawn: Sample, names: Sequence[str]) -> dict[str, list[Heard]]:
    """What the first requests of these operations ask for."""
    listened = {name: [one.below(town.below) for one in drawn.reads[name][:RECORDED]] for name in names}
    found = iter(heard(town.env, [one for requests in listened.values() for one in requests]))
    return {name: [next(found) for _ in requests] for name, requests in listened.items()}


def measure_read(
    scene: Scene,
    operation: Operation,
    like: tuple[Constant, Asked],
    asks: Sequence[Heard],
) -> Read:
    """Everybody in turns, as planned. Raises BenchError for any wrong answer."""
    require_alike(scene.servers, *like)
    ways = _ways(scene, scene.drawn.reads[operation.name], asks)
    found: dict[str, list[Figures]] = {way.name: [] for way in ways}
    for number in range(scene.plan.rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            found[way.name].append(way.run(scene.plan.seconds))
    statements = sum(len(one.statements) for one in asks) / len(asks)
    return Read(found, len(like[0].body.encode()), statements, _mean_questions(asks))


def _ways(scene: Scene, requests: Sequence[Asked], asks: Sequence[Heard]) -> list[_Way]:
    ways = []
    for name, server in scene.servers.items():
        asked = [one.below(server.below) for one in requests]
        Sockets(scene.plan.connections).run(server.address, asked, scene.plan.warming)
        ways.append(_Way(name, partial(_ask_server, scene.load, server, asked)))
    ways.append(_Way(SQL, partial(run_statements, scene.town.database_url, asks)))
    if scene.elastic and _mean_questions(asks) > 0.5:
        ways.append(_Way(ELASTIC, partial(_ask_elastic, scene, asks)))
    return ways


def _ask_server(load: Load, server: Server, asked: Sequence[Asked], seconds: float) -> Figures:
    before = processor_seconds(server.pid)
    found = load.run(server.address, asked, seconds)
    return replace(found, processor=(processor_seconds(server.pid) - before) / found.count * 1_000_000)


def _ask_elastic(scene: Scene, asks: Sequence[Heard], seconds: float) -> Figures:
    """Its rate is that of searches, of which some ask twice; its times are of a single question."""
    questions = [one for heard_ones in asks for one in heard_ones.questions]
    found = scene.load.run(scene.elastic, questions, seconds)
    return replace(found, count=round(found.count / _mean_questions(asks)))


def _mean_questions(asks: Sequence[Heard]) -> float:
    return sum(len(one.questions) for one in asks) / len(asks)
