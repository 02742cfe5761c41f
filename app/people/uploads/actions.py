"""What is done to uploads: taking pictures in, showing and concealing them, and letting those go that nobody used.

A picture is never kept as it was sent: the room pictures cuts it anew.
"""

import contextlib
import os
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, literal, null, select

from app.core import clock
from app.core.caller import Ref
from app.core.config import settings
from app.core.db import changed, db
from app.core.errors import Refused, bad_field
from app.core.ids import new_id
from app.core.plain import prepared
from app.people.pictures.actions import cut_picture
from app.people.uploads.models import UNUSED_FOR, Showing, Upload, file_of
from app.people.uploads.queries import uploads_by_id

ORPHAN_SECONDS = 3600
BUSY = 503
_ASKED_AT_ONCE = 5000


@dataclass(frozen=True)
class StoredPicture:
    """A picture whose files are written; without a row they are swept. `row` is what a row says of it, but whose it
    is."""

    row: dict[str, Any]


def store_picture(stream: IO[bytes]) -> StoredPicture:
    """Cut a picture and write its files: a JPEG, PNG, WebP or GIF of at most 20 MB and 50 megapixels.

    It may take seconds, so it is called where no transaction is open. Raises Refused 413, 422, 503 (pictures).
    """
    cut, upload_id = cut_picture(stream), new_id()
    for variant, body in cut.variants.items():
        _write(file_of(upload_id, variant, cut.format), body)
    measured = {"format": cut.format, "width": cut.width, "height": cut.height, "colour": cut.colour}
    return StoredPicture({"id": upload_id, **measured, "size": len(cut.variants["full"]), "digest": cut.digest})


def store_pictures(sent: Iterable[tuple[str, IO[bytes]]]) -> tuple[list[StoredPicture], list[tuple[str, Refused]]]:
    """Do so with each of these (name of the file, its bytes): what was stored, and which files were refused and why.

    Raises Refused 503 when the decoder is busy: then all may be sent again.
    """
    stored, refused = [], []
    for name, stream in sent:
        try:
            stored.append(store_picture(stream))
        except Refused as refusal:
            if refusal.status == BUSY:
                raise
            refused.append((name, refusal))
    return stored, refused


def receive_picture(owner_id: UUID, stored: StoredPicture) -> Upload:
    """The picture is the owner's; it goes again unless he uses it within 48 hours."""
    upload = Upload(owner_id=owner_id, used_at=null(), **stored.row)
    db.session.add(upload)
    db.session.flush()
    return upload


def keep_picture(owner_id: UUID, stream: IO[bytes]) -> Upload:
    """Take in a picture for good; for commands. Raises Refused as store_picture."""
    upload = Upload(owner_id=owner_id, **store_picture(stream).row)
    db.session.add(upload)
    db.session.flush()
    return upload


def use_pictures(owner_id: UUID, ids: Sequence[UUID], field: str = "uploads") -> list[Upload]:
    """The uploads in the order of `ids`, for something of the owner's that uses them: from now on they stay.

    Whoever sweeps one at this moment is waited for. Raises Refused 422 on `field` if one is missing, gone or another
    person's. Two statements, none for no ids.
    """
    if not ids:
        return []
    _USE.changed(owner=owner_id, ids=list(ids))
    found = uploads_by_id(ids)
    own = [found[one] for one in ids if one in found and found[one].owner_id == owner_id]
    if len(own) != len(ids):
        raise bad_field(field, "有图片不存在或不是你上传的", "A picture does not exist or is not yours.")
    return own


# In the order of ids, so that two who use the same pictures never wait for each other in a circle.
_USE = prepared(
    "UPDATE uploads_uploads SET used_at = now() WHERE id IN (SELECT id FROM uploads_uploads"
    " WHERE id = ANY(:ids) AND owner_id = :owner AND used_at IS NULL ORDER BY id FOR UPDATE)"
)


def show(upload_ids: Sequence[UUID], by: Ref) -> None:
    """From now on `by` shows exactly these uploads (not those it showed before); everybody may see them."""
    ids = {"ids": sorted(set(upload_ids))}
    _SHOW_NO_MORE.changed(kind=by.kind, subject=by.id, **ids)
    _SHOW.changed(kind=by.kind, subject=by.id, **ids)


_SHOW_NO_MORE = prepared(
    "DELETE FROM uploads_showings WHERE subject_id = :subject AND kind = :kind AND upload_id <> ALL(:ids)"
)
_SHOW = prepared(
    "INSERT INTO uploads_showings (upload_id, kind, subject_id)"
    " SELECT one, :kind, :subject FROM unnest(CAST(:ids AS uuid[])) AS one ON CONFLICT DO NOTHING"
)


def conceal(by: Ref) -> None:
    """`by` shows no uploads any more; who shows them too still does."""
    db.session.execute(delete(Showing).where(*_by(by)))


def sweep_unused(most: int = 200) -> int:
    """Delete pictures that nothing used within 48 hours; answers how many. Their files go as orphans.

    A picture that is being used at this moment is passed over (its row is locked); who comes just after the sweep
    waits for it, and is told that the picture is gone.
    """
    shown = exists().where(Showing.upload_id == Upload.id)  # never, but one wrong row must not stop all others
    unused = (Upload.used_at.is_(None), Upload.created_at < clock.db_now() - literal(UNUSED_FOR), ~shown)
    some = select(Upload.id).where(*unused).order_by(Upload.created_at).limit(most)
    old = some.with_for_update(skip_locked=True).cte("old")
    return changed(delete(Upload).where(Upload.id.in_(select(old.c.id))))


def sweep_orphans(folder: int) -> int:
    """Delete files older than an hour that no row knows, in one of the 256 folders; answers how many."""
    old = time.time() - ORPHAN_SECONDS
    files = [one for one in (Path(settings.media_dir) / f"{folder:02x}").glob("*") if one.stat().st_mtime < old]
    ids = {one: _id_in(one.name) for one in files}
    known = _known({found for found in ids.values() if found is not None})
    orphans = [one for one, found in ids.items() if found not in known]
    for one in orphans:
        one.unlink(missing_ok=True)
    return len(orphans)


def _known(ids: Collection[UUID]) -> set[UUID]:
    """Those of `ids` that have a row."""
    left, found = sorted(ids), set[UUID]()
    for start in range(0, len(left), _ASKED_AT_ONCE):
        found |= uploads_by_id(left[start : start + _ASKED_AT_ONCE]).keys()
    return found


def _by(by: Ref) -> tuple[ColumnElement[bool], ...]:
    return (Showing.kind == by.kind, Showing.subject_id == by.id)


def _id_in(name: str) -> UUID | None:
    """The upload whose file this is; None for a half-written one."""
    with contextlib.suppress(ValueError):
        return UUID(name[:36])
    return None


def _write(path: Path, body: bytes) -> None:
    """All of it or nothing, also after a loss of power."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    with half.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    half.rename(path)
