"""The whole way of a buyer over HTTP: checkout, address, purchase, payment, paid. Written like a client of the app.

Each client is a process with one connection and goes the whole way again and again, as the next buyer: signed-in people
and guests in turn. That a purchase is paid at the end is checked each time, and one that is not ends the run.
"""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Any, Protocol

import orjson

from app.core.ids import new_id
from bench.client import Answer, Asked, Place, Talk
from bench.figures import BenchError, Figures, of_samples
from bench.operations import ADDRESS, CALLBACK, FLOW, HOT, STEPS
from bench.processes import barrier, together
from bench.sample import Want

_BODIES = {
    "give address": orjson.dumps({"address": ADDRESS}),
    "purchase": b"{}",
    "begin payment": b'{"gateway":"sandbox"}',
    HOT.name: orjson.dumps({"quantity": 1, "address": ADDRESS, "pay": False}),
}


def signature(body: bytes, secret: str) -> str:
    """What a provider sends with its callback (docs/api.md)."""
    stamp = str(int(time.time()))
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + body, hashlib.sha256).hexdigest()}"


class Speaker(Protocol):
    """Somebody who asks and insists on a status: a Talk, or one who asks without a network."""

    def expect(self, asked: Asked, status: int) -> Answer: ...


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """The whole way, and each of its steps by the operation's name. A step's rate is that of the whole way."""

    whole: Figures
    steps: dict[str, Figures]


def run_flows(town: Place, wants: Sequence[Want], buyers: Sequence[str], clients: int, seconds: float) -> FlowFigures:
    """Buy for so long. Raises BenchError for any answer that is not as it should be."""
    start = barrier(clients)
    works = [partial(_client, town, wants, buyers[one::clients], one, seconds, start) for one in range(clients)]
    ways = [way for found in together(works) for way in found]
    whole = of_samples([sum(way) for way in ways], seconds)
    steps = {step.name: of_samples([way[place] for way in ways], seconds) for place, step in enumerate(FLOW)}
    return FlowFigures(whole, steps)


def recorded(town: Place, want: Want) -> list[Answer]:
    """The answers of all STEPS, as a guest."""
    talk, way = Talk(town.address), Way(want, want)
    answers = [way.go(talk, town, place) for place in range(len(STEPS))]
    talk.close()
    return answers


def _client(
    town: Place, wants: Sequence[Want], buyers: Sequence[str], number: int, seconds: float, start: Barrier
) -> list[list[float]]:
    talk, ways, place = Talk(town.address), list[list[float]](), number
    start.wait()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        place += 1
        # No two clients are the same person: he may have five open checkouts at once, and a sixth ends the oldest.
        token = buyers[place // 2 % len(buyers)] if buyers and place % 2 else ""
        answers = buy(talk, town, wants[place * 7919 % len(wants)], token)
        ways.append([one.seconds for one in answers])
    return ways


def buy(talk: Speaker, town: Place, want: Want, token: str) -> list[Answer]:
    """The whole way of one buyer, a guest without a `token`; all answers. Raises BenchError for a wrong one."""
    way = Way(want, want, token)
    return [way.go(talk, town, place) for place in range(len(FLOW))]


@dataclass(slots=True)
class Way:
    """A buyer on his way, and what he has been told so far; `hot` is what he wants last, in one call."""

    want: Want
    hot: Want
    token: str = ""
    device: str = ""
    checkout: str = ""
    purchase: str = ""
    payment: str = ""
    amount: int = 0

    def go(self, talk: Speaker, town: Place, place: int) -> Answer:
        """Take the step at this place of STEPS. Raises BenchError for an answer that is not as it should be."""
        step = STEPS[place]
        parts, filled = step.rule.split("/"), self._values(place)
        path = "/".join(filled if part.startswith("<") else part for part in parts)
        authorization = f"Bearer {self.token}" if self.token else ""
        key, body = str(new_id()) if step.method == "POST" else "", self._body(place)
        seal = signature(body, town.secret) if step is CALLBACK else ""
        asked = Asked(step.method, town.below + path, authorization, body, key, self.device, seal)
        answer = talk.expect(asked, step.status)
        self._note(place, answer.json())
        return answer

    def _values(self, place: int) -> str:
        sku = str(self.hot.sku_id)
        return (self.want.code, self.checkout, self.checkout, self.purchase, "", self.purchase, sku)[place]

    def _body(self, place: int) -> bytes:
        if place == 0:
            return orjson.dumps({"sku_id": self.want.sku_id, "quantity": 1})
        if STEPS[place] is CALLBACK:
            told = {"event_id": f"{self.payment}:paid", "payment_id": self.payment, "outcome": "paid"}
            return orjson.dumps({**told, "amount": self.amount})
        return _BODIES.get(STEPS[place].name, b"")

    def _note(self, place: int, found: dict[str, Any]) -> None:
        if place == 0:
            self.token, self.checkout = self.token or found["guest_token"], found["id"]
        elif place == 2:
            self.purchase = found["id"]
        elif place == 3:
            self.payment, self.amount = found["id"], found["amount"]
        elif place == 5 and found["status"] != "paid":
            raise BenchError(f"purchase {self.purchase} is {found['status']} after its payment")
