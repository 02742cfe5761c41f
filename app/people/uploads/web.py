"""Pictures as files: GET /media/<id>/<variant>.<format>. No cookie is read or set here."""

from uuid import UUID

from flask import Response, request

from app.core.db import begin_reading
from app.core.errors import missing
from app.core.http.pages import PageDoor
from app.people.uploads.models import file_of
from app.people.uploads.queries import is_open, seconds_opened_by

PUBLIC_SECONDS = 300
"""A cache may show a public picture this long after it was concealed; then it asks again, and gets a 304 or a 404."""
TYPES = {"jpg": "image/jpeg", "webp": "image/webp"}
door = PageDoor("uploads", __name__)


@door.blueprint.get("/media/<uuid:upload_id>/<any(full,card,thumb):variant>.<any(jpg,webp):extension>")
def show_picture(upload_id: UUID, variant: str, extension: str) -> Response:
    """The file, to everybody while something shows it, else only by a signed URL; 404 in all other cases."""
    control = _cache_control(upload_id)
    try:
        body = file_of(upload_id, variant, extension).read_bytes()
    except FileNotFoundError:
        raise missing() from None
    response = Response(body, mimetype=TYPES[extension])
    response.headers["Cache-Control"] = control
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{upload_id.hex}-{variant}")
    response.make_conditional(request)
    return response


def _cache_control(upload_id: UUID) -> str:
    left = seconds_opened_by(request.args.get("s", ""), request.args.get("e", ""), request.path)
    if left > 0:
        return f"private, max-age={left}"
    begin_reading()
    if not is_open(upload_id):
        raise missing()
    return f"public, max-age={PUBLIC_SECONDS}"
