"""What every template says: how a light store looks when it opens."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """Its module in this folder holds one named `template`. `sections`: (title in Chinese, in English, what it holds,
    one of decor.models.SORTS that needs nothing more)."""

    name: str
    zh: str
    en: str
    theme: str
    sections: Sequence[tuple[str, str, str]]
