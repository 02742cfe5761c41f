"""make.upload(owner): a picture that was taken in; make.picture_file(...): the bytes of one."""

from io import BytesIO
from uuid import UUID

from PIL import Image

from app.core.db import in_transaction
from app.people.uploads import actions
from tests.make.person import Made


def upload(owner: Made | UUID, width: int = 60, height: int = 80, colour: str = "#cc6633") -> UUID:
    """The id of a new upload of `owner` (a made person, or an id)."""
    owner_id = owner if isinstance(owner, UUID) else owner.id
    return in_transaction(lambda: actions.keep_picture(owner_id, BytesIO(picture_file(width, height, colour))).id)


def upload_form(body: bytes, name: str = "x.jpg") -> dict[str, object]:
    """What a client sends with POST /uploads: client.post("/uploads", **make.upload_form(body))."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return {"data": head + body + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}


def picture_file(
    width: int = 60, height: int = 80, colour: str = "#cc6633", format: str = "JPEG", **named: object
) -> bytes:
    """The bytes of a one-coloured picture; `named` goes to Pillow's save."""
    out = BytesIO()
    Image.new("RGBA" if len(colour) > 7 else "RGB", (width, height), colour).save(out, format, **named)
    return out.getvalue()
