"""What a kind of goods has, and how its goods stand on a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from random import Random

from app.operate.demo.kinds.canvas import PALETTES, Canvas, Palette

Draw = Callable[[Canvas, Palette], None]
GOODS_SIZE = (600, 600)
POST_SIZE = (540, 720)


@dataclass(frozen=True)
class Thing:
    """Something that can be sold. `draw` fills -0.7..0.7 of the frame and stands at y = 0.8; `point` speaks for it."""

    noun: str
    draw: Draw
    topic: str
    point: str


@dataclass(frozen=True)
class Story:
    """What somebody tells of goods: {good} is the title of the goods. With a rating (1 to 5) it is a review."""

    title: str
    body: str
    rating: int | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of goods. Goods n is a things[n % 2], named by manners[n]; stories[n] is told of it.

    `english`: goods by number that have an English title. `choice`: what its variants differ in, and their names.
    `yuan`: the lowest and the highest price. `points` are true of all its goods.
    """

    name: str
    category: str
    shop: str
    things: tuple[Thing, Thing]
    manners: tuple[str, str, str, str]
    choice: tuple[str, tuple[str, ...]]
    yuan: tuple[int, int]
    points: tuple[str, ...]
    topics: tuple[str, ...]
    stories: tuple[Story, Story, Story, Story]
    palettes: tuple[int, int, int, int]
    english: dict[int, str]

    def thing(self, number: int) -> Thing:
        return self.things[number % 2]

    def title(self, number: int) -> str:
        return self.english.get(number) or self.manners[number] + self.thing(number).noun

    def colours(self, number: int) -> Palette:
        """Goods have the same colours on every picture. Every four numbers the same things come in other colours."""
        turn, place = divmod(number, len(self.palettes))
        return PALETTES[(self.palettes[place] + turn) % len(PALETTES)]


def goods_picture(kind: Kind, number: int) -> BytesIO:
    """A JPEG of one thing alone, on a quiet ground."""
    colours = kind.colours(number)
    canvas = Canvas(*GOODS_SIZE, colours.light)
    canvas.oval(0, 0.02, 0.86, 0.86, colours.wall)
    with canvas.frame(0.5, 0.5, 0.78):
        canvas.shadow(0, 0.8, 0.62, 0.07)
        kind.thing(number).draw(canvas, colours)
    return canvas.jpeg()


@dataclass(frozen=True)
class Place:
    """Where a thing stands on a picture: its middle, in 0..1, and its size."""

    x: float
    y: float
    half: float


PLACES = ((Place(0.5, 0.6, 0.66),), (Place(0.35, 0.6, 0.52), Place(0.71, 0.68, 0.42)))
"""Where the things of a post stand: one alone, or two of them."""


def post_picture(shown: list[tuple[Kind, int]], random: Random) -> BytesIO:
    """A JPEG of one or two goods on a table by a window; each stands at its PLACES."""
    first, number = shown[0]
    room = PALETTES[(PALETTES.index(first.colours(number)) + random.randint(1, len(PALETTES) - 1)) % len(PALETTES)]
    canvas = Canvas(*POST_SIZE, room.wall)
    _draw_room(canvas, room, random)
    for (kind, goods), place in zip(shown, PLACES[len(shown) - 1], strict=True):
        with canvas.frame(place.x, place.y, place.half):
            canvas.shadow(0, 0.8, 0.62, 0.07)
            kind.thing(goods).draw(canvas, kind.colours(goods))
    return canvas.jpeg()


def _draw_room(canvas: Canvas, room: Palette, random: Random) -> None:
    side = random.choice((-1, 1))
    canvas.box(0.42 * side, -0.72, 0.36, 0.44, room.light, round=0.04)
    canvas.line([(0.42 * side, -1.16), (0.42 * side, -0.28)], 0.03, room.wall)
    canvas.line([(0.06 * side, -0.72), (0.78 * side, -0.72)], 0.03, room.wall)
    if random.random() < 0.5:
        _draw_plant(canvas, room, -0.62 * side)
    else:
        _draw_frame(canvas, room, -0.56 * side)
    canvas.box(0, 1.1, 1.2, 0.62, room.table)
    canvas.box(0, 0.5, 1.2, 0.02, room.light)
    if random.random() < 0.6:
        canvas.oval(0.1 * side, 0.95, 0.78, 0.2, room.light + "90")


def _draw_plant(canvas: Canvas, room: Palette, x: float) -> None:
    for lean, high in ((-0.24, 0.5), (-0.1, 0.75), (0.06, 0.82), (0.2, 0.6)):
        tip = (x + lean, 0.2 - high)
        canvas.line([(x, 0.22), tip], 0.02, "#6d8f6f")
        canvas.oval(tip[0], tip[1], 0.09, 0.15, "#86a987")
    canvas.shape([(x - 0.16, 0.14), (x + 0.16, 0.14), (x + 0.11, 0.5), (x - 0.11, 0.5)], room.second)


def _draw_frame(canvas: Canvas, room: Palette, x: float) -> None:
    canvas.box(x, -0.6, 0.24, 0.32, room.table)
    canvas.box(x, -0.6, 0.2, 0.28, room.light)
    canvas.oval(x, -0.68, 0.08, 0.08, room.main)
    hills = ((-0.16, -0.38), (-0.02, -0.58), (0.06, -0.48), (0.12, -0.54), (0.17, -0.38))
    canvas.shape([(x + left, high) for left, high in hills], room.second)
