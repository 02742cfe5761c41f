"""What a measurement answers, and what several of them say together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


class BenchError(Exception):
    """The run cannot go on, or what it measured is worth nothing; the text is for the person who started it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement: how many were done in how many seconds, and the time of one in milliseconds, half of them and
    99 of 100 of them being quicker. `processor`: microseconds that the web workers used for one, however many others
    wanted the processors meanwhile; 0 where nobody looked."""

    count: int
    seconds: float
    p50: float
    p99: float
    processor: float = 0.0

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def of_samples(took: Sequence[float], seconds: float) -> Figures:
    """From the time of each single one, in seconds. Raises BenchError if there are none."""
    counted: dict[int, int] = {}
    for one in took:
        microseconds = round(one * 1_000_000)
        counted[microseconds] = counted.get(microseconds, 0) + 1
    return of_counts(counted, seconds)


def of_counts(counted: Mapping[int, int], seconds: float) -> Figures:
    """From how often each time came, by microseconds. Raises BenchError if there are none."""
    count = sum(counted.values())
    if not count:
        raise BenchError(f"nothing was answered within {seconds:g} s")
    return Figures(count, seconds, _at(counted, count * 0.50) / 1000, _at(counted, count * 0.99) / 1000)


def _at(counted: Mapping[int, int], rank: float) -> int:
    """The smallest time that is not below so many (nearest rank)."""
    passed = 0
    for microseconds in sorted(counted):
        passed += counted[microseconds]
        if passed >= rank:
            return microseconds
    raise ValueError("no times")


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several rounds, and the lowest and highest of them."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(median(values), min(values), max(values))


def processor_ratios(ours: Sequence[Figures], ceiling: Sequence[Figures]) -> Spread:
    """The ceiling's processor time by ours, round by round: 0.5 if ours needs twice as much."""
    both = zip(ours, ceiling, strict=True)
    return spread([other.processor / one.processor if one.processor else 0.0 for one, other in both])


def ratios(ours: Sequence[Figures], ceiling: Sequence[Figures]) -> Spread:
    """Ours by the ceiling, done per second, round by round: both of a round were measured within seconds."""
    return spread([one.per_second / other.per_second for one, other in zip(ours, ceiling, strict=True)])
