"""Doors of uploads for apps."""

from flask import request

from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.http.door import Door
from app.people.uploads import actions, queries
from app.people.uploads.actions import StoredPicture
from app.people.uploads.schemas import UploadOut

door = Door("uploads", for_keys=True)


def _stored(_caller: Caller) -> StoredPicture:
    """Cutting takes up to seconds: all of it is done before the transaction opens."""
    sent = request.files.get("file")
    if sent is None:
        raise bad_field("file", "缺少文件", "The part named file is missing.")
    return actions.store_picture(sent.stream)


@door.post("/uploads", gives=UploadOut, file=True, before=_stored, limit="upload")
def send_picture(caller: Caller, prepared: StoredPicture) -> dict[str, object]:
    """Send a picture: JPEG, PNG, WebP or GIF, at most 20 MB and 50 megapixels, as the form's part `file`.

    One that nothing uses within 48 hours is deleted.
    """
    return queries.sent_picture(actions.receive_picture(caller.person, prepared))
