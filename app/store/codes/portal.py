"""The page of a variant of virtual goods: its pool of codes, or its file."""

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from app.core.caller import Caller
from app.core.http.door import PERSON
from app.core.http.forms import files, form, once_more, submitted
from app.core.http.pages import PageDoor, go, page
from app.core.http.request import language
from app.core.kept_files import KeptFile, keep_file
from app.store.catalogue.queries import product_of_staff, shop_of_sku
from app.store.codes import actions, queries
from app.store.codes.models import FOLDER, LARGEST_FILE, MOST_CODES
from app.store.codes.schemas import CodesForm
from app.store.variants.queries import product_id_of

door = PageDoor("codes", __name__, who=PERSON)


@door.get("/portal/skus/<uuid:sku_id>/codes")
def show_pool(caller: Caller, sku_id: UUID) -> str:
    """How full the pool is, a form for more codes, and one for a file."""
    return _pool_page(caller, sku_id, {})


@door.post("/portal/skus/<uuid:sku_id>/codes")
def add_codes(caller: Caller, sku_id: UUID) -> AnyResponse:
    """Put codes into the pool, one a line."""
    shop_of_sku(sku_id, caller.person)

    def add() -> AnyResponse:
        added, _ = actions.add_codes(caller, sku_id, CodesForm().load(form())["codes"])
        return go(f"/portal/skus/{sku_id}/codes?added={added}")

    def again(faults: dict[str, Any]) -> str:
        return _pool_page(caller, sku_id, {"codes": [text for found in faults.values() for text in found]})

    return submitted(add, again)


def _kept(_caller: Caller) -> KeptFile | None:
    sent = files("file")
    return keep_file(FOLDER, sent[0].stream, sent[0].filename or "", LARGEST_FILE) if sent else None


@door.post("/portal/skus/<uuid:sku_id>/file", before=_kept, limit="upload")
def set_file(caller: Caller, sku_id: UUID, prepared: KeptFile | None) -> AnyResponse:
    """The file that buyers download."""
    shop_of_sku(sku_id, caller.person)
    if prepared is None:
        fault = "Choose a file." if language() == "en" else "请选择文件"
        return once_more(_pool_page(caller, sku_id, {"file": [fault]}))
    actions.set_file(caller, sku_id, prepared)
    return go(f"/portal/skus/{sku_id}/codes?added=file")


def _pool_page(caller: Caller, sku_id: UUID, faults: dict[str, list[str]]) -> str:
    product, shop, _ = product_of_staff(product_id_of(sku_id), caller.person)
    free, taken, lacking = queries.pool_of(sku_id)
    added = request.args.get("added", "")
    told: dict[str, Any] = {
        "free": free,
        "taken": taken,
        "lacking": lacking,
        "file": queries.file_of_sku(sku_id),
        "faults": faults,
    }
    told |= {"added": added if added.isdigit() or added == "file" else "", "most": MOST_CODES, "sku_id": sku_id}
    return page("codes_pool.html", product=product, shop=shop, **told)
