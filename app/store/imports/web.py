"""Exports as files: GET /exports/<id>, by an address that the shop's staff were given. No cookie is read or set."""

from uuid import UUID

from flask import Response, request, send_file

from app.core.db import begin_reading
from app.core.errors import missing
from app.core.http.pages import PageDoor
from app.core.kept_files import path_of
from app.core.signing import require_signed
from app.store.imports.models import EXPORTS
from app.store.imports.queries import known_exports

door = PageDoor("imports", __name__)


@door.blueprint.get("/exports/<uuid:export_id>")
def download(export_id: UUID) -> Response:
    """The file, as an attachment; 404 for an address that does not hold any more."""
    require_signed(request.path, request.args.get("e", ""), request.args.get("s", ""))
    begin_reading()
    path = path_of(EXPORTS, export_id).resolve()
    if not known_exports([export_id]) or not path.exists():
        raise missing()
    response = send_file(path, as_attachment=True, download_name="goods.csv", mimetype="text/csv")
    response.headers["Cache-Control"] = "private, no-store"
    return response
