"""Pictures, by their verbs: what is kept of them, who shows them, what is swept."""

import os
import time
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image, ImageCms
from sqlalchemy import select

from app.core.caller import Ref
from app.core.config import settings
from app.core.db import db, in_transaction
from app.core.errors import Refused
from app.people.pictures.models import VARIANTS, fitted
from app.people.uploads import actions, queries
from app.people.uploads.models import Showing, Upload, file_of
from tests import make


def _kept(body: bytes) -> Upload:
    upload = in_transaction(lambda: actions.keep_picture(uuid4(), BytesIO(body)).id)
    return queries.uploads_by_id([upload])[upload]


def _opened(upload: Upload, variant: str) -> Image.Image:
    return Image.open(BytesIO(file_of(upload.id, variant, upload.format).read_bytes()))


def test_a_picture_is_kept_in_three_sizes_that_are_what_they_are_said_to_be(app: Flask) -> None:
    upload = _kept(make.picture_file(3000, 1999))
    for variant, longest in VARIANTS.items():
        said = queries.picture(upload, variant)
        assert _opened(upload, variant).size == (said["width"], said["height"])
        assert max(said["width"], said["height"]) == longest
        assert said["url"] == f"/media/{upload.id}/{variant}.jpg"
    assert upload.size == file_of(upload.id, "full", "jpg").stat().st_size


def test_a_small_picture_is_never_made_larger(app: Flask) -> None:
    upload = _kept(make.picture_file(1, 3))
    assert {_opened(upload, one).size for one in VARIANTS} == {(1, 3)}


@pytest.mark.parametrize(("width", "height"), [(1, 60000), (60000, 1), (2049, 1), (2047, 2048)])
def test_measures_are_never_zero(width: int, height: int) -> None:
    for longest in VARIANTS.values():
        assert min(fitted(width, height, longest)) >= 1
        assert max(fitted(width, height, longest)) <= max(longest, 1)


def test_the_colour_is_the_mean_on_white(app: Flask) -> None:
    def near(upload: Upload, colour: tuple[int, int, int]) -> bool:
        found = tuple(bytes.fromhex(upload.colour[1:]))
        return all(abs(one - other) <= 3 for one, other in zip(found, colour, strict=True))

    assert near(_kept(make.picture_file(colour="#cc6633")), (0xCC, 0x66, 0x33))
    assert near(_kept(make.picture_file(colour="#ff000000", format="PNG")), (255, 255, 255))


@pytest.mark.parametrize(
    ("format", "colour", "kept"),
    [
        ("JPEG", "#336699", "jpg"),
        ("PNG", "#336699", "jpg"),
        ("PNG", "#33669980", "webp"),
        ("PNG", "#336699ff", "jpg"),
        ("WEBP", "#33669980", "webp"),
        ("GIF", "#336699", "jpg"),
    ],
)
def test_only_a_transparent_picture_needs_webp(app: Flask, format: str, colour: str, kept: str) -> None:
    upload = _kept(make.picture_file(colour=colour, format=format))
    assert upload.format == kept
    assert _opened(upload, "card").format == {"jpg": "JPEG", "webp": "WEBP"}[kept]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_pictures_of_every_kind_come_in_large_and_small(app: Flask, mode: str) -> None:
    for side in (90, 4200):
        out = BytesIO()
        Image.new(mode, (side, side // 3), 1 if mode in {"1", "P"} else None or 0).save(out, "PNG")
        assert _kept(out.getvalue()).width == min(side, 2048)


def test_a_large_picture_made_small_in_strips_has_no_seams(app: Flask) -> None:
    slope = Image.linear_gradient("L").resize((5000, 5000))
    out = BytesIO()
    Image.merge("RGBA", [slope, slope, slope, Image.new("L", slope.size, 254)]).save(out, "PNG", compress_level=1)
    kept = _opened(_kept(out.getvalue()), "full").convert("RGBA").getchannel(0)
    wanted = slope.resize(kept.size)
    worst = max(abs(kept.getpixel((1024, y)) - wanted.getpixel((1024, y))) for y in range(kept.height))
    assert worst <= 6


def test_colours_of_another_space_are_brought_to_srgb(app: Flask) -> None:
    # A profile whose red and green are exchanged: who honours it sees another colour.
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
    red, green, _ = bytes.fromhex(_kept(make.picture_file(colour="#c02020", icc_profile=swapped)).colour[1:])
    assert green > 0x90 > red
    kept = _kept(make.picture_file(colour="#c02020", icc_profile=b"x" * 500))
    assert kept.colour.startswith("#c")


def test_showing_is_exactly_what_was_asked_for_last(app: Flask) -> None:
    owner = make.person()
    a, b, c = (make.upload(owner) for _ in range(3))
    post, other = Ref("post", uuid4()), Ref("post", uuid4())
    in_transaction(lambda: actions.show([a, b], post))
    in_transaction(lambda: actions.show([b, c, c], post))
    in_transaction(lambda: actions.show([b], other))
    assert [queries.is_open(one) for one in (a, b, c)] == [False, True, True]
    in_transaction(lambda: actions.conceal(post))
    assert [queries.is_open(one) for one in (a, b, c)] == [False, True, False]
    assert db.session.scalars(select(Showing.subject_id)).all() == [other.id]


def test_own_uploads_come_in_the_order_asked_for(app: Flask) -> None:
    owner, other = make.person(), make.person()
    mine, more, foreign = make.upload(owner), make.upload(owner), make.upload(other)
    assert [one.id for one in actions.use_pictures(owner.id, [more, mine])] == [more, mine]
    assert actions.use_pictures(owner.id, []) == []
    for ids in ([mine, foreign], [uuid4()]):
        with pytest.raises(Refused) as caught:
            actions.use_pictures(owner.id, ids, field="pictures")
        assert (caught.value.status, list(caught.value.errors)) == (422, ["pictures"])


def test_files_without_a_row_are_swept_after_an_hour_and_others_never(app: Flask) -> None:
    upload = _kept(make.picture_file())
    kept = file_of(upload.id, "full", "jpg")
    orphan = file_of(uuid4(), "full", "jpg").with_name(f"{uuid4()}-full.jpg")
    half = kept.with_name(".half-written.jpg.half")
    orphan = kept.with_name(orphan.name)
    for one in (orphan, half):
        one.write_bytes(b"x")
    folder = int(kept.parent.name, 16)
    assert in_transaction(lambda: actions.sweep_orphans(folder)) == 0
    for one in (orphan, half, kept):
        os.utime(one, (time.time() - 4000,) * 2)
    assert in_transaction(lambda: actions.sweep_orphans(folder)) == 2
    assert kept.exists() and not orphan.exists() and not half.exists()


def test_a_row_that_does_not_commit_leaves_files_that_the_sweep_finds(app: Flask) -> None:
    before = set(Path(settings.media_dir).rglob("*.jpg"))

    def fail() -> None:
        actions.keep_picture(uuid4(), BytesIO(make.picture_file()))
        raise ValueError

    with pytest.raises(ValueError):
        in_transaction(fail)
    left = set(Path(settings.media_dir).rglob("*.jpg")) - before
    assert len(left) == 3
    for one in left:
        os.utime(one, (time.time() - 4000,) * 2)
    assert in_transaction(lambda: actions.sweep_orphans(int(left.pop().parent.name, 16))) == 3
