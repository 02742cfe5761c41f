"""What a carrier is: a name, the form of its numbers, and how it tells where a parcel is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class BadTrack(Exception):
    """A message that does not come from the carrier, is too old, or cannot be read; `reason` is one word of which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Told:
    """What a carrier told of the parcel of a number; `state` is one of models.TRACKS."""

    event_id: str
    number: str
    state: str
    place: str
    words: str
    at: datetime


class Carrier(Protocol):
    """One carrier; `zh` and `en` are its name for people, `form_zh` and `form_en` how its numbers look."""

    name: str
    zh: str
    en: str
    form_zh: str
    form_en: str

    def is_open(self) -> bool:
        """Whether this installation sends with it."""

    def takes(self, number: str) -> bool:
        """Whether its numbers look like this."""

    def read_track(self, headers: Mapping[str, str], body: bytes) -> Told:
        """What a message says, once it is certain who sent it and when. Raises BadTrack; "silent" if it sends none."""


@dataclass(frozen=True)
class Silent:
    """A carrier that tells us nothing: buyers look their numbers up there, and receipt follows the calendar."""

    name: str
    zh: str
    en: str
    shape: str
    form_zh: str
    form_en: str

    def is_open(self) -> bool:
        return True

    def takes(self, number: str) -> bool:
        return re.fullmatch(self.shape, number, re.ASCII) is not None

    def read_track(self, headers: Mapping[str, str], body: bytes) -> Told:
        raise BadTrack("silent")
