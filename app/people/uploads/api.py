"""Doors of uploads for apps."""

from flask import request

from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.http.door import Door
from app.people.uploads import actions, queries
from app.people.uploads.schemas import UploadOut

door = Door("uploads")


@door.post("/uploads", gives=UploadOut, file=True, limit="upload")
def send_picture(caller: Caller) -> dict[str, object]:
    """Send a picture: JPEG, PNG, WebP or GIF, at most 20 MB and 50 megapixels, as the form's part `file`."""
    sent = request.files.get("file")
    if sent is None:
        raise bad_field("file", "缺少文件", "The part named file is missing.")
    return queries.sent_picture(actions.keep_picture(caller.person, sent.stream))
