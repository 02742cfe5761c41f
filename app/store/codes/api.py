"""Doors of virtual goods."""

from typing import Any
from uuid import UUID

from flask import request

from app.core.caller import Caller
from app.core.errors import bad_field
from app.core.fields import PageQuery
from app.core.http.door import BUYER, PERSON, Door
from app.core.kept_files import KeptFile, keep_file
from app.store.catalogue.queries import shop_of_sku
from app.store.codes import actions, queries
from app.store.codes.models import FOLDER, LARGEST_FILE
from app.store.codes.schemas import AddedCodesOut, CodesIn, DeliveredsOut, PoolOut

door = Door("codes", for_keys=True)


@door.get("/skus/<uuid:sku_id>/codes", gives=PoolOut, who=PERSON)
def show_pool(caller: Caller, sku_id: UUID) -> dict[str, int]:
    """How full the pool of a variant is, for those who work in its shop; never what is in it."""
    shop_of_sku(sku_id, caller.person)
    free, taken, lacking = queries.pool_of(sku_id)
    return {"free": free, "taken": taken, "lacking": lacking}


@door.post("/skus/<uuid:sku_id>/codes", takes=CodesIn, gives=AddedCodesOut)
def add_codes(caller: Caller, sku_id: UUID, given: dict[str, Any]) -> dict[str, int]:
    """Put codes into the pool of a variant of virtual goods; its stock grows by as many."""
    added, known = actions.add_codes(caller, sku_id, given["codes"])
    return {"added": added, "known": known}


def _stored(_caller: Caller) -> KeptFile:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise bad_field("file", "缺少文件", "The part named file is missing.")
    return keep_file(FOLDER, sent.stream, sent.filename, LARGEST_FILE)


@door.post("/skus/<uuid:sku_id>/file", file=True, before=_stored, limit="upload", status=204)
def set_file(caller: Caller, sku_id: UUID, prepared: KeptFile) -> None:
    """The file that buyers of this variant download, as the form's part `file`, at most 20 MB."""
    actions.set_file(caller, sku_id, prepared)


@door.get("/me/codes", asks=PageQuery, gives=DeliveredsOut, who=BUYER, for_keys=False)
def list_delivered(caller: Caller, asked: dict[str, Any]) -> dict[str, Any]:
    """The codes and files that the caller has bought, the latest first."""
    items, following = queries.delivered_to([caller.buyer], asked["limit"], asked["cursor"])
    return {"items": items, "next": following}
