"""What is done to uploads: taking pictures in, showing and concealing them.

A picture is never kept as it was sent: it is decoded, turned upright, made smaller and written anew, so that metadata,
places, trailing data and what a hostile file is made of are left behind.
"""

import contextlib
import hashlib
import os
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO
from uuid import UUID

from PIL import Image, ImageCms
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core.caller import Ref
from app.core.config import settings
from app.core.db import db
from app.core.errors import Refused, said
from app.core.ids import new_id
from app.people.uploads.models import VARIANTS, Showing, Upload, file_of, fitted

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LARGEST_FILE = 20 << 20
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 65_535
"""A decoder keeps 8 bytes for each row: a picture one pixel wide and 50 million high would take 400 MB for nothing."""
MOST_DECODER_BYTES = 320_000_000
MOST_SCANS = 64
"""A progressive JPEG has about ten scans; a file of a few kilobytes with thousands of them would decode for minutes."""
PATIENCE_SECONDS = 4.0
ORPHAN_SECONDS = 3600
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation (CIPA DC-008, tag 0x0112) and what turns such a picture upright."""
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class _Made:
    """A picture as it will be kept: its variants as bytes."""

    format: str
    width: int
    height: int
    colour: str
    digest: bytes
    variants: dict[str, bytes]


def keep_picture(owner_id: UUID, stream: IO[bytes]) -> Upload:
    """Take in a JPEG, PNG, WebP or GIF (its first frame) of at most 20 MB and 50 megapixels.

    Raises Refused: 413 for too many bytes, 422 for anything else that is not such a picture, 503 while other pictures
    keep the decoder busy. The files are written before the row commits; without a row they are swept.
    """
    made = _made(stream)
    upload = Upload(
        id=new_id(),
        owner_id=owner_id,
        format=made.format,
        width=made.width,
        height=made.height,
        colour=made.colour,
        size=len(made.variants["full"]),
        digest=made.digest,
    )
    for variant, body in made.variants.items():
        _write(file_of(upload.id, variant, made.format), body)
    db.session.add(upload)
    db.session.flush()
    return upload


def show(upload_ids: Sequence[UUID], by: Ref) -> None:
    """From now on `by` shows exactly these uploads (not those it showed before); everybody may see them."""
    wanted = set(upload_ids)
    before = set(db.session.scalars(select(Showing.upload_id).where(*_by(by))))
    gone = before - wanted
    if gone:
        db.session.execute(delete(Showing).where(*_by(by), Showing.upload_id.in_(gone)))
    if wanted - before:
        rows = [{"upload_id": one, "kind": by.kind, "subject_id": by.id} for one in sorted(wanted - before)]
        db.session.execute(insert(Showing).on_conflict_do_nothing(), rows)


def conceal(by: Ref) -> None:
    """`by` shows no uploads any more; who shows them too still does."""
    db.session.execute(delete(Showing).where(*_by(by)))


def sweep_orphans(folder: int) -> int:
    """Delete files older than an hour that no row knows, in one of the 256 folders; answers how many."""
    old = time.time() - ORPHAN_SECONDS
    files = [one for one in (Path(settings.media_dir) / f"{folder:02x}").glob("*") if one.stat().st_mtime < old]
    ids = {one: _id_in(one.name) for one in files}
    wanted = {found for found in ids.values() if found is not None}
    known = set(db.session.scalars(select(Upload.id).where(Upload.id.in_(wanted)))) if wanted else set()
    orphans = [one for one, found in ids.items() if found not in known]
    for one in orphans:
        one.unlink(missing_ok=True)
    return len(orphans)


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


def _made(stream: IO[bytes]) -> _Made:
    """One picture at a time in each process: a large one takes some 300 MB while it is decoded."""
    if not _one_at_a_time.acquire(timeout=PATIENCE_SECONDS):
        zh, en = "图片处理繁忙,请稍后再试", "Too many pictures at once: try again shortly."
        raise Refused(503, "busy", zh, en, retry_after=2)
    try:
        stream.seek(0)
        data = stream.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise Refused(413, "too_large", "图片超过 20 MB", "The picture is larger than 20 MB.")
        return _cut(_decoded(data), hashlib.sha256(data).digest())
    finally:
        _one_at_a_time.release()


def _refusal(zh: str, en: str) -> Refused:
    return Refused(422, "bad_picture", zh, en, errors={"file": [said(zh, en)]})


def _decoded(data: bytes) -> Image.Image:
    """An upright picture in RGB or RGBA, at most 2048 pixels long, that carries nothing but pixels."""
    try:
        with _strict_warnings():
            picture = Image.open(BytesIO(data), formats=FORMATS)
            _check_measures(picture, data)
            return _small_and_plain(picture)
    except Refused:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_many_pixels() from None
    except Exception as error:
        # Decoders meet hostile bytes with errors of any kind: struct.error, SyntaxError, ZeroDivisionError and more.
        zh, en = "无法识别的图片,请用 JPEG、PNG、WebP 或 GIF", "Not a readable JPEG, PNG, WebP or GIF."
        raise _refusal(zh, en) from error


@contextlib.contextmanager
def _strict_warnings() -> Iterator[None]:
    """Pillow only warns of a bomb, and warns of much that is harmless. The lock keeps other decoders out of here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
        yield


def _too_many_pixels() -> Refused:
    return _refusal("图片超过 5000 万像素", "The picture has more than 50 megapixels.")


def _check_measures(picture: Image.Image, data: bytes) -> None:
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS or max(picture.size) > LONGEST_SIDE:
        raise _too_many_pixels()
    scans = data.count(b"\xff\xda") if picture.format in {"JPEG", "MPO"} else 0
    if pixels * _decoder_bytes(picture, scans) > MOST_DECODER_BYTES:
        raise _refusal("这种格式的图片像素太多", "Too many pixels for a picture of this format.")
    if scans > MOST_SCANS:
        raise _refusal("图片结构异常", "This JPEG has too many scans.")


def _decoder_bytes(picture: Image.Image, scans: int) -> int:
    """What the decoder takes for each pixel, as measured: it bounds a process to 512 MB in all."""
    if picture.format == "WEBP":
        return 16
    return 2 * len(picture.getbands()) if scans > 1 else 4


def _small_and_plain(picture: Image.Image) -> Image.Image:
    longest = VARIANTS["full"]
    picture.draft(None, (longest, longest))
    picture.load()
    turn, profile = _orientation(picture), picture.info.get("icc_profile")
    size = fitted(*picture.size, longest)
    small = _reduced(picture, max(picture.size) // longest)
    plain = _in_srgb(small.resize(size, Image.Resampling.LANCZOS), profile)
    upright = plain.transpose(_TURNS[turn]) if turn in _TURNS else plain
    upright.info = {}
    return upright


def _reduced(picture: Image.Image, factor: int) -> Image.Image:
    """Smaller by a whole factor and in a mode that can be resized, strip by strip: so there is never a second copy of a
    large picture."""
    if factor < 2:
        return _resizable(picture)
    width, height = picture.size
    rows = factor * max(1, 4_000_000 // (width * factor))
    strips = (picture.crop((0, top, width, min(top + rows, height))) for top in range(0, height, rows))
    reduced = [_resizable(strip).reduce(factor) for strip in strips]
    whole = Image.new(reduced[0].mode, (reduced[0].width, sum(one.height for one in reduced)))
    top = 0
    for one in reduced:
        whole.paste(one, (0, top))
        top += one.height
    return whole


def _resizable(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):
        picture = picture.convert("L")
    if picture.mode in {"L", "RGB"} and "transparency" not in picture.info:
        return picture
    if picture.mode in {"LA", "RGBA", "CMYK"}:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _orientation(picture: Image.Image) -> object:
    try:
        return picture.getexif().get(0x0112)
    except Exception:
        return None  # unreadable EXIF: the picture itself may be fine


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """RGB or RGBA; colours of another space (phones write Display P3) brought to sRGB, since the profile goes."""
    mode = "RGBA" if "A" in picture.getbands() else "RGB"
    if isinstance(profile, bytes) and 128 < len(profile) < 1 << 21 and picture.mode != "LA":
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            found = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
            if found is not None:
                return found
    return picture.convert(mode)


def _cut(full: Image.Image, digest: bytes) -> _Made:
    """The variants, each made from the next larger one, in order of VARIANTS."""
    if full.mode == "RGBA" and full.getchannel("A").getextrema() == (255, 255):
        full = full.convert("RGB")
    extension = "webp" if full.mode == "RGBA" else "jpg"
    variants, current = {}, full
    for name, longest in VARIANTS.items():
        size = fitted(*full.size, longest)
        if size != current.size:
            current = current.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        current.info = {}
        variants[name] = _written(current, extension)
    return _Made(extension, *full.size, _mean_colour(current), digest, variants)


def _written(picture: Image.Image, extension: str) -> bytes:
    out = BytesIO()
    if extension == "jpg":
        picture.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    else:
        picture.save(out, "WEBP", quality=84, method=2)
    return out.getvalue()


def _mean_colour(picture: Image.Image) -> str:
    """The mean colour on a white ground, as "#rrggbb"."""
    if picture.mode == "RGBA":
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture)
    red, green, blue = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{red:02x}{green:02x}{blue:02x}"
