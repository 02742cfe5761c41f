"""Cutting a picture: what a hostile file is made of, metadata, places and trailing data are left behind."""

import contextlib
import hashlib
import threading
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import IO

from PIL import Image, ImageCms

from app.core.errors import Refused, said
from app.people.pictures.models import VARIANTS, CutPicture, fitted

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LARGEST_FILE = 20 << 20
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 65_535
"""A decoder keeps 8 bytes for each row: a picture one pixel wide and 50 million high would take 400 MB for nothing."""
MOST_DECODER_BYTES = 320_000_000
MOST_SCANS = 64
"""A progressive JPEG has about ten scans; a file of a few kilobytes with thousands of them would decode for minutes."""
PATIENCE_SECONDS = 4.0
MOST_AT_ONCE = 3
"""Pictures that are cut or wait for it: so at least one of a process's four threads is left for all other requests."""
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
_inside = threading.BoundedSemaphore(MOST_AT_ONCE)
_decoder = threading.Lock()


def cut_picture(stream: IO[bytes]) -> CutPicture:
    """Cut a JPEG, PNG, WebP or GIF (its first frame) of at most 20 MB and 50 megapixels.

    It may take seconds, so it is called where no transaction is open. Raises Refused: 413 for too many bytes, 422 for
    anything else that is not such a picture, 503 while other pictures keep the decoder busy.
    """
    with _turn():
        stream.seek(0)
        data = stream.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise Refused(413, "too_large", "图片超过 20 MB", "The picture is larger than 20 MB.")
        return _cut(_decoded(data), hashlib.sha256(data).digest())


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """One picture at a time in each process, for a large one takes some 300 MB while it is decoded; few wait, and not
    for long, since each that waits holds a thread."""
    if not _inside.acquire(blocking=False):
        raise _busy()
    try:
        if not _decoder.acquire(timeout=PATIENCE_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            _decoder.release()
    finally:
        _inside.release()


def _busy() -> Refused:
    zh, en = "图片处理繁忙，请稍后再试", "Too many pictures at once: try again shortly."
    return Refused(503, "busy", zh, en, retry_after=2)


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
        zh, en = "无法识别的图片，请用 JPEG、PNG、WebP 或 GIF", "Not a readable JPEG, PNG, WebP or GIF."
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


def _cut(full: Image.Image, digest: bytes) -> CutPicture:
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
    return CutPicture(extension, *full.size, _mean_colour(current), digest, variants)


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
