"""Each step of a buyer's way by itself: all take the first one, then all the second, and so each has a rate of its own.

Everybody is a guest of his own, at a device of his own; at the end all of them want the same item, in one call.
"""

import time
from collections.abc import Sequence
from functools import partial
from multiprocessing.synchronize import Barrier

from bench.client import Place, Talk
from bench.figures import Figures, of_samples
from bench.flows import Way
from bench.operations import STEPS
from bench.processes import barrier, together
from bench.sample import Want


def run_steps(town: Place, wants: Sequence[Want], clients: int, number: int, each: int) -> dict[str, Figures]:
    """The figures of each step by its operation's name, each client being `each` buyers. `number`: of the round, for
    its devices are new ones.

    Raises BenchError for any answer that is not as it should be.
    """
    start = barrier(clients)
    works = [
        partial(_client, town, wants[one::clients], wants[0], f"bench-{number}-{one}", each, start)
        for one in range(clients)
    ]
    found = together(works)
    return {
        step.name: of_samples(
            [took for mine in found for took in mine[place][0]], max(mine[place][1] for mine in found)
        )
        for place, step in enumerate(STEPS)
    }


def _client(
    town: Place, wants: Sequence[Want], hot: Want, device: str, each: int, start: Barrier
) -> list[tuple[list[float], float]]:
    talk = Talk(town.address)
    ways = [Way(wants[one % len(wants)], hot, device=f"{device}-{one}") for one in range(each)]
    found = []
    for place in range(len(STEPS)):
        start.wait()
        began = time.perf_counter()
        took = [way.go(talk, town, place).seconds for way in ways]
        found.append((took, time.perf_counter() - began))
    talk.close()
    return found
