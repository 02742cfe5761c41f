"""Pictures: some hundred are drawn, and many uploads show the same one, each with files of its own name."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from app.core.bulk import Columns
from app.core.caller import Ref
from app.operate.crowd.kinds.base import KINDS, Batch, Size
from app.operate.crowd.kinds.chance import id_of
from app.operate.demo.queries import drawn_face, drawn_goods, drawn_post
from app.people.pictures.models import VARIANTS
from app.people.uploads.actions import store_picture
from app.people.uploads.models import Showing, Upload, file_of

FACES = 24
TOUCH_SECONDS = 600
UPLOADS = Columns(
    Upload,
    ("id", "owner_id", "format", "width", "height", "colour", "size", "digest", "created_at", "used_at"),
)
SHOWINGS = Columns(Showing, ("upload_id", "kind", "subject_id"))


class Drawn:
    """A picture that was drawn and cut. Its files belong to no upload, so they go by themselves an hour after their
    last use (uploads.sweep_orphans), and the files linked to them stay."""

    def __init__(self, draw: Callable[[], BytesIO]) -> None:
        self.row: dict[str, Any] = dict(store_picture(draw()).row)
        self._id: UUID = self.row.pop("id")
        self._files = [file_of(self._id, variant, self.row["format"]) for variant in VARIANTS]
        self._touched = time.monotonic()

    def link(self, upload_id: UUID) -> None:
        """The files of an upload, which may be there from a step that was taken back."""
        if time.monotonic() - self._touched > TOUCH_SECONDS:
            self._touch()
        for variant, file in zip(VARIANTS, self._files, strict=True):
            _link(file, file_of(upload_id, variant, self.row["format"]))

    def _touch(self) -> None:
        for file in self._files:
            os.utime(file)
        self._touched = time.monotonic()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(source, target)
    except OSError:  # no links on this disk, or no more of this file
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
        shutil.copyfile(source, target)


@cache
def face(number: int) -> Drawn:
    return Drawn(lambda: drawn_face(number))


@cache
def alone(kind: int, look: int) -> Drawn:
    """A thing on a quiet ground."""
    return Drawn(lambda: drawn_goods(KINDS[kind], look))


@cache
def at_home(kind: int, look: int, room: int) -> Drawn:
    """A thing in a room."""
    return Drawn(lambda: drawn_post(KINDS[kind], look, f"room {kind} {look} {room}"))


def forget() -> None:
    """Draw anew: the folder of pictures is another one, or the sweep has been by. For tests and long processes."""
    for one in (face, alone, at_home):
        one.cache_clear()


def look_of(thing: int, shade: int) -> int:
    """The number of goods of a kind (app/operate/demo) that is this thing in this shade."""
    return thing + 4 * shade


def hang(
    batch: Batch, owner_id: UUID, drawn: Sequence[Drawn], moment: datetime, chance: Random, shown_by: Ref | None
) -> list[Upload]:
    """An upload for each of these pictures; `shown_by` shows them to everybody."""
    uploads = []
    for one in drawn:
        upload = Upload(id=id_of(moment, chance.getrandbits(128)), owner_id=owner_id, **one.row)
        upload.created_at = upload.used_at = moment
        one.link(upload.id)
        batch.add_made(UPLOADS, upload)
        if shown_by is not None:
            batch.add(SHOWINGS, upload.id, *shown_by)
        uploads.append(upload)
    return uploads


def shade_of(size: Size, number: int) -> int:
    return number % size.shades
