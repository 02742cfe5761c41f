"""A small canvas: plain shapes in soft colours, drawn twice as large and made smaller, so that edges are smooth."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

Point = tuple[float, float]
Colour = str
FINER = 2
DARK, SHADOW = "#3a2c28", 70


@dataclass(frozen=True)
class Palette:
    """Colours that go well together, as "#rrggbb"."""

    wall: Colour
    table: Colour
    main: Colour
    second: Colour
    dark: Colour
    light: Colour


PALETTES = (
    Palette("#f6e7dc", "#e3c3ad", "#c96f5b", "#e8a88b", "#6b3b34", "#fff6ee"),
    Palette("#e4ece6", "#c3d1c4", "#6f9a80", "#a9c5a8", "#2f4a3d", "#f7fbf4"),
    Palette("#e3e9f2", "#c2cedf", "#6482b4", "#a5bbdc", "#2c3b58", "#f6f9ff"),
    Palette("#f5e6ea", "#e2c0ca", "#c4718c", "#e6a5b8", "#5f2f40", "#fff5f8"),
    Palette("#f7efd9", "#e4d2a4", "#d39b3c", "#edc878", "#66481a", "#fffaeb"),
    Palette("#ece6f2", "#cfc2de", "#8a6fb0", "#bda6d8", "#3f2f58", "#faf6ff"),
    Palette("#e0eeee", "#b9d5d5", "#4a9494", "#92c4c1", "#1f4848", "#f3fdfc"),
    Palette("#eee9e3", "#d3c9bd", "#9a8671", "#c3b29d", "#463a2e", "#fdfaf6"),
)


class Canvas:
    """Shapes are given in the coordinates of the current frame: (0, 0) its middle, -1..1 its shorter side."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.size = (width, height)
        self._image = Image.new("RGB", (width * FINER, height * FINER), ground)
        self._pen = ImageDraw.Draw(self._image, "RGBA")
        self._middle = (width * FINER / 2, height * FINER / 2)
        self._half = min(width, height) * FINER / 2

    @contextmanager
    def frame(self, x: float, y: float, half: float) -> Iterator[None]:
        """Inside the block a thing is drawn around (x, y) in 0..1 of the picture, `half` of its usual size."""
        before = (self._middle, self._half)
        width, height = self._image.size
        self._middle, self._half = (x * width, y * height), before[1] * half
        try:
            yield
        finally:
            self._middle, self._half = before

    def oval(self, x: float, y: float, wide: float, high: float, fill: Colour) -> None:
        self._pen.ellipse([self._at((x - wide, y - high)), self._at((x + wide, y + high))], fill)

    def box(self, x: float, y: float, wide: float, high: float, fill: Colour, round: float = 0.0) -> None:
        """A rectangle around (x, y), `wide` and `high` to each side of it."""
        corners = [self._at((x - wide, y - high)), self._at((x + wide, y + high))]
        self._pen.rounded_rectangle(corners, round * self._half, fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self._pen.polygon([self._at(one) for one in points], fill)

    def line(self, points: Sequence[Point], thick: float, fill: Colour) -> None:
        """A line with round ends."""
        wide = max(1, int(thick * self._half))
        places = [self._at(one) for one in points]
        self._pen.line(places, fill, wide, joint="curve")
        for x, y in (places[0], places[-1]):
            self._pen.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill)

    def bow(
        self, x: float, y: float, wide: float, high: float, span: tuple[float, float], thick: float, fill: Colour
    ) -> None:
        """A part of an oval's edge, from one angle to another in degrees, clockwise from the right."""
        corners = [self._at((x - wide, y - high)), self._at((x + wide, y + high))]
        self._pen.arc(corners, span[0], span[1], fill, max(1, int(thick * self._half)))

    def shadow(self, x: float, y: float, wide: float, high: float) -> None:
        """A soft dark spot that a thing stands on."""
        (left, top), (right, bottom) = self._at((x - wide, y - high)), self._at((x + wide, y + high))
        spread = max(2, int(0.05 * self._half))
        mask = Image.new("L", (int(right - left) + 4 * spread, int(bottom - top) + 4 * spread))
        inner = [2 * spread, 2 * spread, mask.width - 2 * spread, mask.height - 2 * spread]
        ImageDraw.Draw(mask).ellipse(inner, SHADOW)
        corner = (int(left) - 2 * spread, int(top) - 2 * spread)
        self._image.paste(DARK, corner, mask.filter(ImageFilter.BoxBlur(spread)))

    def jpeg(self) -> BytesIO:
        """The picture in its own size."""
        out = BytesIO()
        self._image.reduce(FINER).save(out, "JPEG", quality=90)
        out.seek(0)
        return out

    def _at(self, point: Point) -> Point:
        return (self._middle[0] + point[0] * self._half, self._middle[1] + point[1] * self._half)
