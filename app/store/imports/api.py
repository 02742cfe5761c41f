"""Doors of imports and exports."""

from typing import Any
from uuid import UUID

from flask import request

from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.fields import PageQuery
from app.core.http.door import PERSON, Door
from app.core.kept_files import KeptFile, keep_file
from app.store.imports import actions, queries
from app.store.imports.models import IMPORTS, LARGEST_FILE, GoodsExport, GoodsImport
from app.store.imports.schemas import ExportOut, ImportForm, ImportOut, ImportsOut, RefusalsOut
from app.store.shops.queries import require_staff

door = Door("imports", for_keys=True)
SHOP = "/shops/<uuid:shop_id>"


def _kept(_caller: Caller) -> KeptFile:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise bad_field("file", "缺少文件", "The part named file is missing.")
    return keep_file(IMPORTS, sent.stream, sent.filename, LARGEST_FILE)


@door.post(f"{SHOP}/imports", gives=ImportOut, file=True, before=_kept, limit="upload")
def begin_import(caller: Caller, shop_id: UUID, prepared: KeptFile) -> GoodsImport:
    """Send a file of goods as the form's part `file`: .csv or .jsonl, also with .gz, at most 20 MB.

    The worker takes it in; the same external_id changes what is there. A field `stock` of the form says how many units
    new variants have that name none. The first line of a CSV (UTF-8) names its columns, in any order: external_id,
    title, price (yuan); and if they are there description, category, brand, sku_name, stock, code, bar_code, weight
    (grams); others are ignored. A line of JSON is an object of the same fields, but external_id is `id`, description is
    `desc`, and there is no sku_name.
    """
    stock = ImportForm().load(request.form.to_dict())["stock"]
    return actions.begin_import(caller, shop_id, prepared, stock)


@door.get(f"{SHOP}/imports", asks=PageQuery, gives=ImportsOut, who=PERSON)
def list_imports(caller: Caller, shop_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """The imports of a shop where the caller works, the latest first."""
    require_staff(shop_id, caller.person)
    items, following = queries.runs_of(GoodsImport, shop_id, asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.get(f"{SHOP}/imports/<uuid:import_id>", gives=ImportOut, who=PERSON)
def show_import(caller: Caller, shop_id: UUID, import_id: UUID) -> GoodsImport:
    """How far an import is."""
    require_staff(shop_id, caller.person)
    found: GoodsImport = queries.run_or_missing(GoodsImport, shop_id, import_id)
    return found


@door.get(f"{SHOP}/imports/<uuid:import_id>/errors", asks=PageQuery, gives=RefusalsOut, who=PERSON)
def list_refusals(caller: Caller, shop_id: UUID, import_id: UUID, asked: dict[str, Any]) -> dict[str, Any]:
    """The lines that were not taken in, and why."""
    require_staff(shop_id, caller.person)
    queries.run_or_missing(GoodsImport, shop_id, import_id)
    items, following = queries.refusals_of(import_id, asked["limit"], asked["cursor"])
    return {"items": items, "next": following}


@door.post(f"{SHOP}/exports", gives=ExportOut)
def begin_export(caller: Caller, shop_id: UUID) -> dict[str, Any]:
    """Write all goods of a shop into a CSV, which can be taken in again."""
    return _shown(actions.begin_export(caller, shop_id))


@door.get(f"{SHOP}/exports/<uuid:export_id>", gives=ExportOut, who=PERSON)
def show_export(caller: Caller, shop_id: UUID, export_id: UUID) -> dict[str, Any]:
    """How far an export is, and where it can be had."""
    require_staff(shop_id, caller.person)
    return _shown(queries.run_or_missing(GoodsExport, shop_id, export_id))


def _shown(run: GoodsExport) -> dict[str, Any]:
    named = {name: getattr(run, name) for name in ("id", "state", "rows", "created_at", "ended_at")}
    return {**named, "url": queries.url_of(run)}
