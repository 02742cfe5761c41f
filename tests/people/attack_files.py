"""The real attack files of ../shared/data/robustness; tests that need them are skipped loudly where they are absent."""

import tarfile
from collections.abc import Iterator

from tests.shared_data import shared_file

HOSTILE, PHOTOS = "pillow_hostile_images", "exif_samples"


def files(archive: str) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file of an archive."""
    with tarfile.open(shared_file(f"robustness/{archive}.tar.gz")) as opened:
        for member in opened:
            body = opened.extractfile(member) if member.isfile() else None
            if body is not None:
                yield member.name, body.read()


def file(archive: str, name: str) -> bytes:
    return next(body for found, body in files(archive) if found == name)
