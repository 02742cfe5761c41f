"""Files that are kept below MEDIA_DIR, each kind in a folder that nobody serves. A row of a room says what each is; one
that no row knows is swept an hour after it was written."""

import contextlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from app.core import clock
from app.core.config import settings
from app.core.errors import Refused
from app.core.ids import new_id

ORPHAN_SECONDS = 3600


@dataclass(frozen=True)
class KeptFile:
    """A file on the disk, and how it was called where it came from; `size` in bytes."""

    id: UUID
    name: str
    size: int


def path_of(folder: str, file_id: UUID) -> Path:
    """Where a file lies."""
    return Path(settings.media_dir) / folder / file_id.hex


def keep_file(folder: str, stream: IO[bytes], name: str, most: int) -> KeptFile:
    """Write a file piece by piece, where no transaction is open. `name` loses its folders, and all but its end.

    Raises Refused 413 for more than `most` bytes.
    """
    file_id, size = new_id(), 0
    path = path_of(folder, file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        while piece := stream.read(1 << 20):
            size += len(piece)
            if size > most:
                path.unlink()
                raise Refused(413, "too_large", f"文件不能超过 {most >> 20} MB", f"A file may have {most >> 20} MB.")
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return KeptFile(file_id, name.replace("\\", "/").rpartition("/")[2][-120:], size)


def sweep_files(folder: str, known: Callable[[Collection[UUID]], Collection[UUID]], most: int = 200) -> int:
    """Delete old files that no row knows; `known`: those of some ids that one does. Answers how many."""
    place = path_of(folder, new_id()).parent
    old = clock.now().timestamp() - ORPHAN_SECONDS
    files = {UUID(one.name): one for one in place.glob("*") if one.stat().st_mtime < old} if place.exists() else {}
    orphans = set(files) - set(known(files.keys())) if files else set()
    for file_id in sorted(orphans)[:most]:
        with contextlib.suppress(FileNotFoundError):
            files[file_id].unlink()
    return min(len(orphans), most)
