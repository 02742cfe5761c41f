"""Files that were bought: GET /downloads/<line>, by an address that the buyer was given. No cookie is read or set."""

from uuid import UUID

from flask import Response, request, send_file

from app.core.db import begin_reading
from app.core.http.pages import PageDoor
from app.core.kept_files import path_of
from app.core.signing import require_signed
from app.store.codes.models import FOLDER
from app.store.codes.queries import file_to_download

door = PageDoor("codes", __name__)


@door.blueprint.get("/downloads/<uuid:line_id>")
def download(line_id: UUID) -> Response:
    """The file, as an attachment; 404 for an address that does not hold any more."""
    require_signed(request.path, request.args.get("e", ""), request.args.get("s", ""))
    begin_reading()
    found = file_to_download(line_id)
    path = path_of(FOLDER, found.file_id).resolve()
    response = send_file(path, as_attachment=True, download_name=found.name, mimetype="application/octet-stream")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
