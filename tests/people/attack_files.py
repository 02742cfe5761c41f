"""The real attack files of ../shared/data/robustness; tests that need them are skipped loudly where they are absent."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "robustness"
HOSTILE, PHOTOS = "pillow_hostile_images", "exif_samples"


def files(archive: str) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file of an archive."""
    path = FOLDER / f"{archive}.tar.gz"
    if not path.exists():
        pytest.skip(f"REAL ATTACK FILES ARE NOT HERE: {path}")
    with tarfile.open(path) as opened:
        for member in opened:
            body = opened.extractfile(member) if member.isfile() else None
            if body is not None:
                yield member.name, body.read()


def file(archive: str, name: str) -> bytes:
    return next(body for found, body in files(archive) if found == name)
