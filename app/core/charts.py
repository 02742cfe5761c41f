"""Bars of a chart, measured on the server: pages have no script. The table behind each chart shows the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 160
"""The drawing's own units; a page stretches it to the room there is."""
GAP = 0.25


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, how much, and its rectangle with y growing downwards."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


def bars(points: Sequence[tuple[str, int]]) -> list[Bar]:
    """A bar for each (label, value), the largest as high as the drawing. Values below 0 are shown as 0."""
    room = WIDTH / max(len(points), 1)
    largest = max((value for _, value in points), default=0) or 1
    found = []
    for place, (label, value) in enumerate(points):
        height = max(value, 0) / largest * HEIGHT
        x = round(place * room + room * GAP / 2, 2)
        found.append(Bar(label, value, x, round(HEIGHT - height, 2), round(room * (1 - GAP), 2), round(height, 2)))
    return found
