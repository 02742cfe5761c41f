"""Codes and files that were bought: the page of one's own, and GET /downloads/<line> by an address that the buyer was
given, for which no cookie is read or set."""

from uuid import UUID

from flask import Response, request, send_file

from app.core.caller import Caller
from app.core.db import begin_reading
from app.core.http.pages import ForNobody, PageDoor, both_at_browser, page
from app.core.kept_files import path_of
from app.core.paging import USUAL
from app.core.signing import require_signed
from app.store.codes.models import FOLDER
from app.store.codes.queries import delivered_to, file_to_download
from app.store.orders.schemas import OfOrderQuery

door = PageDoor("codes", __name__)


@door.get("/codes", limit="page")
def list_codes(caller: Caller) -> str | ForNobody:
    """What all who sit at this browser have bought of codes and files; `order`: of that order."""
    owners = both_at_browser(caller)
    if not owners:
        return ForNobody(page("codes_mine.html", found=[], order_id=None, next=None, is_anonymous=True))
    order_id = OfOrderQuery().load(request.args)["order"]
    found, following = delivered_to(owners, USUAL, request.args.get("cursor"), order_id)
    return page("codes_mine.html", found=found, order_id=order_id, next=following)


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
