"""The whole way of a buyer over HTTP: checkout, address, purchase, payment, paid. Written like a client of the app.

Each client is a process with one connection and goes the whole way again and again, as the next buyer: signed-in people
and guests in turn. That a purchase is paid at the end is checked each time, and one that is not ends the run.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Protocol

import orjson

from app.core.ids import new_id
from bench.client import Answer, Asked, Talk
from bench.figures import BenchError, Figures, of_samples
from bench.operations import ADDRESS, FLOW
from bench.processes import barrier, together
from bench.sample import Want

_BODIES = {
    "give address": orjson.dumps({"address": ADDRESS}),
    "purchase": b"{}",
    "begin payment": b'{"gateway":"sandbox"}',
    "pay": b'{"outcome":"paid"}',
}


class Speaker(Protocol):
    """Somebody who asks and insists on a status: a Talk, or one who asks without a network."""

    def expect(self, asked: Asked, status: int) -> Answer: ...


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """The whole way, and each of its steps by the operation's name. A step's rate is that of the whole way."""

    whole: Figures
    steps: dict[str, Figures]


def run_flows(
    address: str, below: str, wants: Sequence[Want], buyers: Sequence[str], clients: int, seconds: float
) -> FlowFigures:
    """Buy for so long. Raises BenchError for any answer that is not as it should be."""
    start = barrier(clients)
    works = [
        partial(_client, address, below, wants, buyers[one::clients], one, seconds, start) for one in range(clients)
    ]
    ways = [way for found in together(works) for way in found]
    whole = of_samples([sum(way) for way in ways], seconds)
    steps = {step.name: of_samples([way[place] for way in ways], seconds) for place, step in enumerate(FLOW)}
    return FlowFigures(whole, steps)


def recorded(address: str, below: str, want: Want) -> list[Answer]:
    """The answers of one whole way, as a guest."""
    talk = Talk(address)
    answers = buy(talk, below, want, "")
    talk.close()
    return answers


def _client(
    address: str,
    below: str,
    wants: Sequence[Want],
    buyers: Sequence[str],
    number: int,
    seconds: float,
    start: Barrier,
) -> list[list[float]]:
    talk, ways, place = Talk(address), list[list[float]](), number
    start.wait()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        place += 1
        # No two clients are the same person: he may have five open checkouts at once, and a sixth ends the oldest.
        token = buyers[place // 2 % len(buyers)] if buyers and place % 2 else ""
        answers = buy(talk, below, wants[place * 7919 % len(wants)], token)
        ways.append([one.seconds for one in answers])
    return ways


def buy(talk: Speaker, below: str, want: Want, token: str) -> list[Answer]:
    """The whole way of one buyer, a guest without a `token`; all answers. Raises BenchError for a wrong one."""
    opened = _step(talk, below, 0, (want.code,), token, orjson.dumps({"sku_id": want.sku_id, "quantity": 1}))
    found = opened.json()
    token, checkout_id = token or found["guest_token"], found["id"]
    addressed = _step(talk, below, 1, (checkout_id,), token)
    placed = _step(talk, below, 2, (checkout_id,), token)
    purchase_id = placed.json()["id"]
    begun = _step(talk, below, 3, (purchase_id,), token)
    played = _step(talk, below, 4, (begun.json()["id"],), token)
    shown = _step(talk, below, 5, (purchase_id,), token)
    if shown.json()["status"] != "paid":
        raise BenchError(f"purchase {purchase_id} is {shown.json()['status']} after its payment")
    return [opened, addressed, placed, begun, played, shown]


def _step(talk: Speaker, below: str, place: int, values: tuple[str, ...], token: str, body: bytes = b"") -> Answer:
    step = FLOW[place]
    parts = step.rule.split("/")
    filled = iter(values)
    path = "/".join(next(filled) if part.startswith("<") else part for part in parts)
    authorization = f"Bearer {token}" if token else ""
    key = str(new_id()) if step.method == "POST" else ""
    asked = Asked(step.method, below + path, authorization, body or _BODIES.get(step.name, b""), key)
    return talk.expect(asked, step.status)
