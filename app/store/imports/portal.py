"""The page of a shop's imports and exports."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.http import menu
from app.core.http.door import PERSON
from app.core.http.forms import files, form, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.kept_files import KeptFile, keep_file
from app.core.paging import USUAL
from app.store.imports import actions, queries
from app.store.imports.models import IMPORTS, LARGEST_FILE, NEEDED, OPTIONAL, GoodsExport, GoodsImport, in_one
from app.store.imports.schemas import USUAL_STOCK, ImportForm
from app.store.shops.queries import require_staff

door = PageDoor("imports", __name__, who=PERSON)
menu.add(menu.SHOP, "/imports", "导入与导出", "Import and export", order=14)
SHOWN = 100
"""Refused lines on a page."""


@door.get("/portal/shops/<uuid:shop_id>/imports")
def show_runs(caller: Caller, shop_id: UUID) -> str:
    """A form for a file, what was sent before, and how far it is; exports beside it."""
    return _runs_page(caller, shop_id, {})


def _kept(_caller: Caller) -> KeptFile | None:
    sent = files("file")
    return keep_file(IMPORTS, sent[0].stream, sent[0].filename or "", LARGEST_FILE) if sent else None


@door.post("/portal/shops/<uuid:shop_id>/imports", before=_kept, limit="upload")
def begin_import(caller: Caller, shop_id: UUID, prepared: KeptFile | None) -> AnyResponse:
    """A file waits for the worker."""
    require_staff(shop_id, caller.person)

    def begin() -> AnyResponse:
        stock = ImportForm().load(form())["stock"]
        if prepared is None:
            raise bad_field("file", "请选择文件", "Choose a file.")
        return go(f"/portal/shops/{shop_id}/imports/{actions.begin_import(caller, shop_id, prepared, stock).id}")

    return submitted(begin, lambda faults: _runs_page(caller, shop_id, faults))


@door.get("/portal/shops/<uuid:shop_id>/imports/<uuid:import_id>")
def show_import(caller: Caller, shop_id: UUID, import_id: UUID) -> str:
    """How far an import is, and which lines were not taken in. While it runs the page asks again by itself."""
    shop = require_staff(shop_id, caller.person)
    run = queries.run_or_missing(GoodsImport, shop_id, import_id)
    lines, following = queries.refusals_of(import_id, SHOWN, request.args.get("cursor"))
    fault, whys = in_one(run.fault, language()), [(one.line, in_one(one.reason, language())) for one in lines]
    return page("imports_import.html", shop=shop, run=run, fault=fault, lines=whys, next=following)


@door.post("/portal/shops/<uuid:shop_id>/exports")
def begin_export(caller: Caller, shop_id: UUID) -> AnyResponse:
    """All goods are written into a CSV."""
    actions.begin_export(caller, shop_id)
    return go(f"/portal/shops/{shop_id}/imports#exports")


def _runs_page(caller: Caller, shop_id: UUID, faults: dict[str, Any]) -> str:
    shop = require_staff(shop_id, caller.person)
    imports, following = queries.runs_of(GoodsImport, shop_id, USUAL, request.args.get("cursor"))
    exports, _ = queries.runs_of(GoodsExport, shop_id, 5, None)
    urls = {one.id: queries.url_of(one) for one in exports}
    told: dict[str, Any] = {"imports": imports, "next": following, "exports": exports, "urls": urls, "faults": faults}
    told["columns"] = (NEEDED, OPTIONAL)
    told["stock"] = form().get("stock", USUAL_STOCK) if faults else USUAL_STOCK
    is_busy = any(one.state in ("waiting", "running") for one in (*imports, *exports))
    return page("imports_list.html", shop=shop, is_busy=is_busy, **told)
