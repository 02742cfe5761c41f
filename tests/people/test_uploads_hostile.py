"""Hostile files, real ones and made ones: no crash, no 500, nothing but pixels comes through."""

import struct
import subprocess
import sys
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from werkzeug.test import TestResponse

from tests import make
from tests.client import Client
from tests.people import attack_files

MEASURE = """
import pathlib, re, sys, time
from app.core.errors import Refused
from app.people.pictures.actions import cut_picture
began = time.perf_counter()
for name in sys.argv[1:]:
    try:
        with open(name, "rb") as stream:
            cut_picture(stream)
        said = 201
    except Refused as refused:
        said = refused.status
seconds = time.perf_counter() - began
print(said, seconds, int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) / 1024)
"""


@pytest.fixture
def sender(client: Client) -> Client:
    return client.as_(make.person().token)


def _send(sender: Client, body: bytes, name: str = "x.jpg") -> TestResponse:
    return sender.post("/uploads", **make.upload_form(body, name))


def _file(sender: Client, sent: TestResponse, variant: str = "full") -> bytes:
    assert sent.status_code == 201, sent.text
    got = sender.get("/" + sent.json["variants"][variant]["url"])
    assert got.status_code == 200
    body: bytes = got.data
    return body


def _png(width: int, height: int, colour_type: int) -> bytes:
    """A black PNG of any size, without holding it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer, row = zlib.compressobj(1), bytes(1 + width * {2: 3, 6: 4}[colour_type])
    body = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _measured(*paths: Path) -> tuple[int, float, float]:
    """(last status, seconds, peak megabytes of the whole process) of taking in files, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *paths], capture_output=True, text=True, timeout=60, check=True
    )
    status, seconds, megabytes = done.stdout.split()
    return int(status), float(seconds), float(megabytes)


@pytest.mark.parametrize("archive", [attack_files.HOSTILE, attack_files.PHOTOS])
def test_no_hostile_file_kills_fails_or_carries_anything_through(sender: Client, archive: str) -> None:
    slowest, taken, refused = ("", 0.0), 0, 0
    for name, body in attack_files.files(archive):
        began = time.perf_counter()
        sent = _send(sender, body, Path(name).name)
        took = time.perf_counter() - began
        slowest = max(slowest, (name, took), key=lambda one: one[1])
        assert sent.status_code in {201, 413, 422}, (name, sent.text)
        assert took < 5, (name, took)
        if sent.status_code == 201:
            taken += 1
            _check_clean(_file(sender, sent), name)
        else:
            refused += 1
            assert sent.mimetype == "application/problem+json", name
    print(f"{archive}: {taken} taken, {refused} refused, slowest {slowest[0]} {slowest[1]:.2f} s")
    assert taken and refused


@pytest.mark.parametrize("archive", [attack_files.HOSTILE, attack_files.PHOTOS])
def test_all_hostile_files_together_stay_below_512_megabytes(archive: str, tmp_path: Path) -> None:
    paths = []
    for number, (_, body) in enumerate(attack_files.files(archive)):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(body)
    _, seconds, megabytes = _measured(*paths)
    print(f"{archive}: {len(paths)} files in {seconds:.1f} s, peak {megabytes:.0f} MB")
    assert megabytes < 512


def _check_clean(body: bytes, name: str) -> None:
    kept = Image.open(BytesIO(body))
    assert kept.format in {"JPEG", "WEBP"}, name
    assert dict(kept.getexif()) == {}, name
    assert not {"icc_profile", "exif", "xmp", "comment", "photoshop", "XML:com.adobe.xmp"} & set(kept.info), name
    for trace in (b"Exif", b"GPS", b"ICC_PROFILE", b"http://ns.adobe", b"8BIM", b"Photoshop"):
        assert trace not in body[:2000], (name, trace)


def test_a_photo_with_a_place_comes_out_without_it(sender: Client) -> None:
    photo = attack_files.file(attack_files.PHOTOS, "jpg/gps/DSCN0010.jpg")
    assert Image.open(BytesIO(photo)).getexif().get_ifd(0x8825), "the photo has GPS to begin with"
    _check_clean(_file(sender, _send(sender, photo)), "DSCN0010.jpg")


@pytest.mark.parametrize("way", ["landscape", "portrait"])
def test_photos_in_all_eight_orientations_come_out_upright(sender: Client, way: str) -> None:
    upright = None
    for turn in range(1, 9):
        photo = attack_files.file(attack_files.PHOTOS, f"jpg/orientation/{way}_{turn}.jpg")
        assert Image.open(BytesIO(photo)).getexif().get(0x0112) == turn
        sent = _send(sender, photo)
        kept = Image.open(BytesIO(_file(sender, sent, "thumb"))).convert("L")
        assert (sent.json["width"] > sent.json["height"]) is (way == "landscape")
        upright = upright or kept
        assert ImageStat.Stat(ImageChops.difference(kept, upright.resize(kept.size))).mean[0] < 8, turn


def test_a_jpeg_with_gps_and_orientation_six_comes_out_clean_and_rotated(sender: Client) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 14.0, 9.0), 3: "E", 4: (121.0, 28.0, 1.0)})
    sent = _send(sender, make.picture_file(200, 100, exif=exif.tobytes(), comment=b"at home"))
    assert (sent.json["width"], sent.json["height"]) == (100, 200)
    body = _file(sender, sent)
    _check_clean(body, "gps6")
    assert Image.open(BytesIO(body)).size == (100, 200)
    assert b"at home" not in body


def test_a_picture_that_is_also_a_page_comes_out_as_a_picture_only(sender: Client) -> None:
    page = b"<html><body><script>alert(document.domain)</script></body></html>"
    for body in (
        make.picture_file() + page,
        make.picture_file(comment=page),
        make.picture_file(format="GIF", comment=page),
        make.picture_file(format="PNG") + page,
    ):
        sent = _send(sender, body, "x.html")
        got = sender.get("/" + sent.json["url"])
        assert b"script" not in got.data.lower()
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Type"] == "image/jpeg"
        assert "default-src 'none'" in got.headers["Content-Security-Policy"]


def test_heic_and_other_formats_are_refused_by_name_of_the_field(sender: Client) -> None:
    heic = attack_files.file(attack_files.PHOTOS, "heic/IMG_5195.HEIC")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    for body in (heic, svg, b"", b"\xff\xd8\xff", make.picture_file(format="TIFF"), make.picture_file(format="BMP")):
        sent = _send(sender, body)
        assert (sent.status_code, list(sent.json["errors"])) == (422, ["file"])


def test_a_bomb_of_30000_by_30000_is_refused_at_once_and_in_little_memory(sender: Client, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(_png(30_000, 30_000, 2))
    status, seconds, megabytes = _measured(bomb)
    print(f"30,000 x 30,000 PNG: {status} after {seconds:.3f} s, peak {megabytes:.0f} MB")
    assert status == 422
    assert seconds < 2
    assert megabytes < 512
    began = time.perf_counter()
    assert _send(sender, bomb.read_bytes()).status_code == 422
    assert time.perf_counter() - began < 2


def test_the_largest_pictures_that_are_taken_stay_below_512_megabytes(tmp_path: Path) -> None:
    noise = Image.effect_noise((700, 700), 60).resize((7070, 7070))
    files = {"transparent.png": _png(7070, 7070, 6), "progressive.jpg": b""}
    out = BytesIO()
    Image.merge("RGB", [noise] * 3).save(out, "JPEG", quality=50, progressive=True, subsampling=0)
    files["progressive.jpg"] = out.getvalue()
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
        status, seconds, megabytes = _measured(tmp_path / name)
        print(f"50 megapixels, {name}: {status} after {seconds:.2f} s, peak {megabytes:.0f} MB")
        assert status == 201
        assert megabytes < 512
        assert seconds < 5


def test_a_picture_with_an_absurd_side_or_too_many_scans_is_refused(sender: Client) -> None:
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    jpeg = make.picture_file(progressive=True)
    for body in (_png(1, 70_000, 2), jpeg[:-2] + scan * 100 + jpeg[-2:], _png(30_000, 2_000, 2)):
        assert _send(sender, body).status_code == 422


def test_every_cut_of_a_picture_is_taken_whole_or_refused(sender: Client) -> None:
    for format in ("JPEG", "PNG", "WEBP", "GIF"):
        whole = make.picture_file(format=format)
        for length in range(0, len(whole), max(1, len(whole) // 25)):
            assert _send(sender, whole[:length]).status_code in {201, 422}, (format, length)
