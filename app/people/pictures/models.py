"""A picture that was cut to its sizes."""

from dataclasses import dataclass

VARIANTS = {"full": 2048, "card": 720, "thumb": 240}
"""Name of a variant and its longest side in pixels; a smaller picture stays as it is."""


@dataclass(frozen=True)
class CutPicture:
    """A picture as it will be kept: its variants as bytes.

    `format` is "jpg" or "webp", the measures those of the variant "full", `digest` the SHA-256 of what was sent.
    """

    format: str
    width: int
    height: int
    colour: str
    digest: bytes
    variants: dict[str, bytes]


def fitted(width: int, height: int, longest: int) -> tuple[int, int]:
    """The measures of a picture made so small that its longer side is at most `longest`; never larger, never 0."""
    side = max(width, height)
    if side <= longest:
        return width, height
    return max(1, round(width * longest / side)), max(1, round(height * longest / side))
