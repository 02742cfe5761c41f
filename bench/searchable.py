"""From published to searchable: posts are published at a steady rate, and each is searched for until it is found.

The delay begins when the author has his answer, and ends when a search first answers with the post; the search is sent
again at once, so a delay is too long by up to one turn of all searches, some ten milliseconds. Posts of one tenth of a
second share a word that nobody else uses, so that one search looks for all of them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from string import ascii_lowercase
from typing import Any
from uuid import uuid4

import orjson

from bench.client import Asked, Talk
from bench.figures import BenchError, Figures, of_samples
from bench.processes import queue, together
from bench.sample import Author

WRITERS = 4
TOGETHER = 0.1
PATIENCE = 15.0
"""Seconds after which a post that is not found never will be."""
TURN = 0.01
"""Seconds that a turn of all searches takes at least, so that looking does not become the load."""


@dataclass(frozen=True, slots=True)
class Searchable:
    """`publish`: the time of an author's request. `delay`: from its answer until the post is found. `rate` is what was
    wanted, posts per second, `held` what came of it: less where each answer takes longer than a writer has."""

    rate: float
    held: float
    publish: Figures
    delay: Figures


@dataclass(frozen=True, slots=True)
class _Told:
    id: str
    word: str
    at: float


def run_searchable(address: str, below: str, authors: Sequence[Author], rate: float, seconds: float) -> Searchable:
    """Publish at `rate` for so long. Raises BenchError if a post is refused, or is not found."""
    told = queue()
    run = "".join(Random(uuid4().int).choices(ascii_lowercase, k=6))
    writers = min(WRITERS, len(authors))
    begin = time.monotonic() + 0.3
    works: list[Callable[[], Any]] = [
        partial(_write, address, below, authors[one::writers], (rate / writers, seconds, begin, one / rate), run, told)
        for one in range(writers)
    ]
    answers: list[Any] = together([*works, partial(_look, address, below, writers, told)])
    published, (delays, last) = answers[:-1], answers[-1]
    took = of_samples([one for times in published for one in times], seconds)
    return Searchable(rate, took.count / max(seconds, last - begin), took, of_samples(delays, seconds))


def _write(
    address: str,
    below: str,
    authors: Sequence[Author],
    pace: tuple[float, float, float, float],
    run: str,
    told: Any,
) -> list[float]:
    """One writer: a post each 1 / rate seconds, whether or not the last came back quickly."""
    rate, seconds, begin, offset = pace
    talk, took = Talk(address), list[float]()
    for number in range(round(rate * seconds)):
        due = begin + offset + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        word = run + _letters(int((due - begin) / TOGETHER))
        answer = talk.expect(_post(below, authors[number % len(authors)], word), 201)
        told.put(_Told(str(answer.json()["id"]), word, time.monotonic()))
        took.append(answer.seconds)
    told.put(None)
    return took


def _post(below: str, author: Author, word: str) -> Asked:
    tag = {"product_id": author.product_id, "image": 0, "x": 0.4, "y": 0.6}
    text = {"title": f"{word} 今天的小确幸", "body": "冬天出门都靠它,颜色和照片一样。 #穿搭", "topics": ["冬日穿搭"]}
    body = orjson.dumps({"kind": "note", **text, "uploads": [author.picture], "tags": [tag], "visibility": "public"})
    return Asked("POST", f"{below}/posts", f"Bearer {author.token}", body, uuid4().hex)


def _letters(number: int) -> str:
    """A number as four letters, for a word is of letters."""
    return "".join(ascii_lowercase[number // 26**place % 26] for place in range(4))


def _look(address: str, below: str, writers: int, told: Any) -> tuple[list[float], float]:
    """Search until every post that was told of is found; the delay of each, and when the last was published."""
    talk, waiting, delays, last = Talk(address), dict[str, dict[str, float]](), list[float](), 0.0
    while writers or waiting:
        turn_ends = time.monotonic() + TURN
        while not told.empty():
            one = told.get()
            if one is None:
                writers -= 1
            else:
                waiting.setdefault(one.word, {})[one.id] = last = one.at
        for word in list(waiting):
            delays += _found(talk, below, word, waiting[word])
            if not waiting[word]:
                del waiting[word]
        time.sleep(max(0.0, turn_ends - time.monotonic()))
    return delays, last


def _found(talk: Talk, below: str, word: str, wanted: dict[str, float]) -> list[float]:
    """The delays of those that a search for their word finds now; they are wanted no more."""
    answer = talk.expect(Asked("GET", f"{below}/search/posts?limit=50&q={word}"), 200)
    now = time.monotonic()
    ids = {str(one["id"]) for one in answer.json()["items"]} & wanted.keys()
    late = [one for one, at in wanted.items() if one not in ids and now - at > PATIENCE]
    if late:
        raise BenchError(f"post {late[0]} was not found {PATIENCE:g} s after it was published")
    return [now - wanted.pop(one) for one in ids]
