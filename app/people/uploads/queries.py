"""Questions about uploads: where they are seen, who may see them."""

import hashlib
import hmac
from collections.abc import Collection
from typing import Protocol, TypedDict
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, exists, select

from app.core import clock
from app.core.config import settings
from app.core.db import db
from app.core.plain import Prepared
from app.people.pictures.models import VARIANTS, fitted
from app.people.uploads.models import Showing, Upload

SIGNED_SECONDS = 3600
STEP_SECONDS = 300
"""Signed URLs change only every 5 minutes, so that answers that hold them keep their ETag for a while."""


class Picture(TypedDict):
    """A picture as every JSON answer shows it; measures in pixels, colour "#rrggbb"."""

    url: str
    width: int
    height: int
    colour: str


def uploads_by_id(ids: Collection[UUID]) -> dict[UUID, Upload]:
    """The uploads that exist, by id. One query, none for no ids."""
    if not ids:
        return {}
    return {row.id: Upload(**row._asdict()) for row in _BY_ID.rows(ids=list(set(ids)))}


_BY_ID = Prepared(select(*Upload.__table__.columns).where(Upload.id == any_(bindparam("ids", type_=ARRAY(Uuid)))))


class Look(Protocol):
    """As much of an upload as is needed to show it: the Upload itself, or a row with these columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def format(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def colour(self) -> str: ...


def picture(upload: Look, variant: str = "card", signed: bool = False) -> Picture:
    """How JSON shows a variant ("full", "card", "thumb"). `signed`: its URL opens it for an hour though not public.

    The URL is a path on this server, the same for good as long as it is not signed: it may be kept in prepared JSON.
    """
    width, height = fitted(upload.width, upload.height, VARIANTS[variant])
    return {"url": _url(upload, variant, signed), "width": width, "height": height, "colour": upload.colour}


def sent_picture(upload: Upload) -> dict[str, object]:
    """What the person who sent it gets to know: all variants, signed."""
    variants = {name: picture(upload, name, signed=True) for name in VARIANTS}
    return {"id": upload.id, "kind": "upload", **variants["full"], "variants": variants}


def is_open(upload_id: UUID) -> bool:
    """Whether everybody may see the upload: something shows it."""
    return bool(db.session.scalar(select(exists().where(Showing.upload_id == upload_id))))


def seconds_opened_by(signature: str, expires: str, path: str) -> int:
    """For how many more seconds this signature opens `path`; 0 or less: not at all."""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        return 0
    if not hmac.compare_digest(signature.encode("utf-8", "surrogateescape"), _signature(path, int(expires)).encode()):
        return 0
    return int(expires) - int(clock.now().timestamp())


def _url(upload: Look, variant: str, signed: bool) -> str:
    path = f"/media/{upload.id}/{variant}.{upload.format}"
    if not signed:
        return path
    expires = (int(clock.now().timestamp()) + SIGNED_SECONDS) // STEP_SECONDS * STEP_SECONDS
    return f"{path}?e={expires}&s={_signature(path, expires)}"


def _signature(path: str, expires: int) -> str:
    text = f"media:{path}:{expires}"
    return hmac.new(settings.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
